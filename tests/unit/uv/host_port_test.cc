#include "client/uv/host_port.h"

#include <catch2/catch.hpp>

using namespace xylem;

TEST_CASE("hosts, addresses and ports are taken apart") {
  CHECK(*parse_host_port("relay.example:7720") == HostPort{"relay.example", 7720});
  CHECK(*parse_host_port("Relay.Example.:7720") == HostPort{"relay.example", 7720});
  CHECK(*parse_host_port("192.0.2.1:80") == HostPort{"192.0.2.1", 80});
  CHECK(*parse_host_port("[2001:DB8::1]:80") == HostPort{"2001:db8::1", 80});
}

TEST_CASE("a missing port is the default, where there is one") {
  CHECK(*parse_host_port("relay.example", 53) == HostPort{"relay.example", 53});
  CHECK(*parse_host_port("[::1]", 53) == HostPort{"::1", 53});
  CHECK_FALSE(parse_host_port("relay.example"));
}

TEST_CASE("what is no host with a port is refused") {
  for (const char* text : {"", ":80", "relay.example:", "relay.example:0", "relay.example:65536", "relay.example:7720x",
                           "re lay:80", "-:99999", "::1:80", "[::1:80", "[relay.example]:80", "[192.0.2.1]:80", "[]:80",
                           "127.1:80", "http://relay.example:80"}) {
    INFO(text);
    const Result<HostPort> result = parse_host_port(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kBadName);
  }
}

TEST_CASE("host and port are written as they are read") {
  CHECK(HostPort{"relay.example", 7720}.to_string() == "relay.example:7720");
  CHECK(HostPort{"2001:db8::1", 80}.to_string() == "[2001:db8::1]:80");
}
