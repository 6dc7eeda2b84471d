#include <catch2/catch.hpp>

#include "proto/node_name.h"

using namespace xylem;

namespace {

constexpr std::string_view kZone = "distributed.example";

BucketRange range(std::uint16_t first, std::uint16_t last) { return {Bucket(first), Bucket(last)}; }

}  // namespace

TEST_CASE("a range is one bucket or a run of them") {
  CHECK(parse_bucket_range("5") == range(5, 5));
  CHECK(parse_bucket_range("4-6") == range(4, 6));
  CHECK(parse_bucket_range("1-65535") == range(1, 65'535));
  CHECK(to_string(range(5, 5)) == "5");
  CHECK(to_string(range(4, 6)) == "4-6");
  CHECK(range(4, 6).size() == 3);
  CHECK(range(1, 65'535).size() == 65'535);
  CHECK(range(4, 6).contains(Bucket(6)));
  CHECK_FALSE(range(4, 6).contains(Bucket(7)));
  CHECK(range(4, 6).contains(range(4, 6)));
  CHECK_FALSE(range(4, 6).contains(range(3, 5)));
}

TEST_CASE("a range has one spelling only") {
  for (std::string_view label : {"",      "0",    "05",   "5-5", "6-4",   "0-3",     "1-",     "-1",
                                 "1-2-3", "1--2", "4 -6", "+4",  "65536", "1-65536", "100000", "99999999999999999999",
                                 "a",     "4-b",  "5.",   "0x5"}) {
    INFO(label);
    const auto parsed = parse_bucket_range(label);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::kBadName);
  }
}

TEST_CASE("a bucket is a number from 1 to 65535 without zeros before it") {
  CHECK(parse_bucket("65535") == Bucket(65'535));
  for (std::string_view digits : {"", "0", "01", "65536", "-1", "5-6", " 5"}) CHECK_FALSE(parse_bucket(digits));
}

TEST_CASE("a node name leads by its labels up to the zone") {
  auto name = parse_node_name("5.4-6.1-6.distributed.example", kZone);
  REQUIRE(name);
  CHECK(name->own() == range(5, 5));
  CHECK(name->zone == kZone);
  CHECK(name->to_string() == "5.4-6.1-6.distributed.example");

  auto parent = name->parent();
  REQUIRE(parent);
  CHECK(parent->to_string() == "4-6.1-6.distributed.example");
  auto origin = parent->parent();
  REQUIRE(origin);
  CHECK(origin->to_string() == "1-6.distributed.example");
  CHECK_FALSE(origin->parent());
}

TEST_CASE("a child may have its parent's whole range, so that a reflector goes in between") {
  const auto name = parse_node_name("5.5.4-6.1-6.distributed.example", kZone);
  REQUIRE(name);
  CHECK(name->parent()->own() == range(5, 5));
}

TEST_CASE("case and a last dot do not matter in DNS names") {
  const auto name = parse_node_name("5.Distributed.EXAMPLE.", "DISTRIBUTED.example.");
  REQUIRE(name);
  CHECK(name->to_string() == "5.distributed.example");
}

TEST_CASE("names that do not lead to the zone are refused") {
  for (std::string_view text :
       {"distributed.example", ".distributed.example", "5.distributed.example.org", "5.xdistributed.example",
        "5distributed.example", "x.distributed.example", "7.4-6.distributed.example", "4-6.5.distributed.example",
        "3-5.4-6.distributed.example", "5..distributed.example", "5.5-5.distributed.example", "", "."}) {
    INFO(text);
    const auto parsed = parse_node_name(text, kZone);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::kBadName);
  }
  CHECK_FALSE(parse_node_name("5.distributed.example", ""));
}

TEST_CASE("a node name has at most 16 levels") {
  std::string labels;
  for (int i = 0; i < 16; ++i) labels += "5.";
  CHECK(parse_node_name(labels + "z", "z"));
  CHECK_FALSE(parse_node_name("5." + labels + "z", "z"));
}

TEST_CASE("DNS names have labels of 1 to 63 bytes and 253 in all") {
  const std::string label(63, 'a');
  CHECK(normalize_dns_name(label) == label);
  CHECK_FALSE(normalize_dns_name(label + "a"));
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
  CHECK(normalize_dns_name(longest) == longest);
  CHECK(normalize_dns_name(longest + '.') == longest);
  CHECK_FALSE(normalize_dns_name(longest + 'a'));
  CHECK(normalize_dns_name("_xylem._tcp.5.Example") == std::string("_xylem._tcp.5.example"));
  for (std::string_view text : {"", ".", "..", "a..b", ".a", "a..", "a b", "a*b", "bücher.example", "a/b"}) {
    INFO(text);
    CHECK_FALSE(normalize_dns_name(text));
  }
}
