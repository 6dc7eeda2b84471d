#include "proto/ids.h"

#include <catch2/catch.hpp>
#include <unordered_set>

#include "proto/limits.h"

using namespace xylem;

TEST_CASE("a bucket is the feed id modulo N, with residue 0 written N") {
  CHECK(bucket_of(FeedId(31337), 12) == Bucket(5));
  CHECK(bucket_of(FeedId(0), 12) == Bucket(12));
  CHECK(bucket_of(FeedId(12), 12) == Bucket(12));
  CHECK(bucket_of(FeedId(1), 12) == Bucket(1));
  CHECK(bucket_of(FeedId(11), 12) == Bucket(11));
  CHECK(bucket_of(FeedId(77), 1) == Bucket(1));
  CHECK(bucket_of(FeedId(~std::uint64_t{0}), 65'535) == Bucket(65'535));
}

TEST_CASE("a name's feed id is the start of its SHA-256") {
  // SHA-256 of "abc" begins ba7816bf 8f01cfea.
  CHECK(feed_id_of_name("abc") == FeedId(0xBA7816BF8F01CFEA));
}

TEST_CASE("all digits are an id, anything else is a name") {
  CHECK(parse_feed("31337")->id == FeedId(31337));
  CHECK(parse_feed("31337")->name.empty());
  CHECK(parse_feed("0")->id == FeedId(0));
  CHECK(parse_feed("18446744073709551615")->id == FeedId(~std::uint64_t{0}));

  const auto url = parse_feed("https://forum.example/t/n49rw");
  REQUIRE(url);
  CHECK(url->name == "https://forum.example/t/n49rw");
  CHECK(url->id == feed_id_of_name("https://forum.example/t/n49rw"));
  CHECK(parse_feed("-1")->name == "-1");
  CHECK(parse_feed("31337 ")->name == "31337 ");
}

TEST_CASE("name: forces a name of digits, and a second one belongs to the name") {
  CHECK(parse_feed("name:31337")->name == "31337");
  CHECK(parse_feed("name:31337")->id == feed_id_of_name("31337"));
  CHECK(parse_feed("name:name:31337")->name == "name:31337");
}

TEST_CASE("what is no feed is refused") {
  for (const std::string& text :
       {std::string(), std::string("name:"), std::string("18446744073709551616"), std::string(400, '9'),
        std::string(kFeedNameBytesMax + 1, 'x'), std::string("a\nb"), std::string("\xff\xfe")}) {
    const auto feed = parse_feed(text);
    REQUIRE_FALSE(feed);
    CHECK(feed.error().code == ErrorCode::kBadName);
  }
  CHECK(parse_feed(std::string(kFeedNameBytesMax, 'x')));
  CHECK(parse_feed("name:" + std::string(kFeedNameBytesMax, 'x')));
}

TEST_CASE("a feed id is printed as a decimal number") {
  CHECK(to_string(FeedId(31337)) == "31337");
  CHECK(to_string(FeedId(~std::uint64_t{0})) == "18446744073709551615");
}

TEST_CASE("strong types are ordered and hashed by their value") {
  CHECK(Seq(1) < Seq(2));
  CHECK(Seq(1).next() == Seq(2));
  CHECK(Version(4).plus(3) == Version(7));
  std::unordered_set<FeedId> feeds{FeedId(1), FeedId(2), FeedId(1)};
  CHECK(feeds.size() == 2);
  CHECK(std::unordered_set<Bucket>{Bucket(3), Bucket(3)}.size() == 1);
}
