#include "proto/host.h"

#include <catch2/catch.hpp>

using namespace xylem;

namespace {

std::string normal(std::string_view text) { return normalize_host(text).value_or("refused"); }

}  // namespace

TEST_CASE("a host has one form, whether it is a name or an address") {
  CHECK(normal("L1B.Example.ORG.") == "l1b.example.org");
  CHECK(normal("localhost") == "localhost");
  CHECK(normal("127.0.0.1") == "127.0.0.1");
  CHECK(normal("2001:DB8:0:0::1") == "2001:db8::1");
  CHECK(normal("::1") == "::1");
  CHECK(normal("4-6.example.x1") == "4-6.example.x1");
}

TEST_CASE("what some resolvers would read as an address, but is not written as one, is no host") {
  for (const auto* text :
       {"127.1", "2130706433", "0x7f000001", "0x7f.1", "127.0.0.0x1", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "a.0x"}) {
    CAPTURE(text);
    const auto host = normalize_host(text);
    REQUIRE_FALSE(host);
    CHECK(host.error().code == ErrorCode::kBadName);
  }
}

TEST_CASE("what is neither name nor address is no host") {
  for (const auto* text : {"", ".", "a..b", "a b", "[::1]", "fe80::1%eth0", "1::2::3", "host:80",
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", "-.\xC3\xA9"}) {
    CAPTURE(text);
    const auto host = normalize_host(text);
    REQUIRE_FALSE(host);
    CHECK(host.error().code == ErrorCode::kBadName);
  }
}
