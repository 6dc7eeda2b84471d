#include "proto/cursor.h"

#include <catch2/catch.hpp>

using namespace xylem;

TEST_CASE("a feed cursor is its epoch and version in 16 digits each") {
  const FeedCursor cursor{FeedEpoch(1323313370000), Version(17), std::nullopt};
  CHECK(cursor.to_string() == "0001323313370000_0000000000000017");
  CHECK(parse_feed_cursor(cursor.to_string()) == cursor);
}

TEST_CASE("a feed cursor may carry the start of a batch's hash") {
  const FeedCursor cursor{FeedEpoch(1323313370000), Version(17), 0x00C0FFEE};
  CHECK(cursor.to_string() == "0001323313370000_0000000000000017_00c0ffee");
  CHECK(parse_feed_cursor(cursor.to_string()) == cursor);
}

TEST_CASE("a bucket cursor names its bucket first") {
  const BucketCursor cursor{Bucket(5), Epoch(1323313370000), Seq(kPositionMax), 0xFFFFFFFF};
  CHECK(cursor.to_string() == "b5_0001323313370000_9007199254740991_ffffffff");
  CHECK(parse_bucket_cursor(cursor.to_string()) == cursor);
  CHECK(parse_bucket_cursor("b65535_0000000000000000_0000000000000000") ==
        BucketCursor{Bucket(65'535), Epoch(), Seq(), std::nullopt});
}

TEST_CASE("cursors sort as text in reading order") {
  const auto text = [](std::uint64_t epoch, std::uint64_t version) {
    return FeedCursor{FeedEpoch(epoch), Version(version), std::nullopt}.to_string();
  };
  CHECK(text(1, 9) < text(1, 10));
  CHECK(text(1, 999) < text(2, 1));
  CHECK(text(kEpochMax - 1, kPositionMax) < text(kEpochMax, 0));
}

TEST_CASE("a feed cursor has one spelling only") {
  for (std::string_view text :
       {"", "17", "0001323313370000", "0001323313370000_", "0001323313370000_000000000000017",
        "0001323313370000_00000000000000017", "0001323313370000-0000000000000017", "000132331337000x_0000000000000017",
        "0001323313370000_+000000000000017", "9007199254740992_0000000000000017", "0001323313370000_9007199254740992",
        "0001323313370000_0000000000000017_", "0001323313370000_0000000000000017_c0ffee",
        "0001323313370000_0000000000000017_00C0FFEE", "0001323313370000_0000000000000017_00c0ffee0",
        "0001323313370000_0000000000000017x00c0ffee", "0001323313370000_0000000000000000_00c0ffee",
        " 0001323313370000_0000000000000017", "b5_0001323313370000_0000000000000017"}) {
    INFO(text);
    const auto cursor = parse_feed_cursor(text);
    REQUIRE_FALSE(cursor);
    CHECK(cursor.error().code == ErrorCode::kBadCursor);
  }
}

TEST_CASE("a bucket cursor needs a bucket from 1 to 65535") {
  for (std::string_view text :
       {"", "b", "b5", "b_0000000000000001_0000000000000017", "b0_0000000000000001_0000000000000017",
        "b05_0000000000000001_0000000000000017", "b65536_0000000000000001_0000000000000017",
        "5_0000000000000001_0000000000000017", "b4-6_0000000000000001_0000000000000017",
        "B5_0000000000000001_0000000000000017", "b5_0000000000000001", "b5__0000000000000001_0000000000000017"}) {
    INFO(text);
    const auto cursor = parse_bucket_cursor(text);
    REQUIRE_FALSE(cursor);
    CHECK(cursor.error().code == ErrorCode::kBadCursor);
  }
}
