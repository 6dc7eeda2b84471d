#include "client/uv/socket_address.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <set>

using namespace xylem;

namespace {

SocketAddress ip(const std::string& text) {
  const Result<SocketAddress> address = SocketAddress::parse_ip(text, 7720);
  INFO(text);
  REQUIRE(address);
  return *address;
}

}  // namespace

TEST_CASE("addresses are written as they are read") {
  for (const char* text : {"192.0.2.1:7720", "0.0.0.0:0", "255.255.255.255:65535", "[2001:db8::1]:7720", "[::]:1"}) {
    const Result<SocketAddress> address = SocketAddress::parse(text);
    REQUIRE(address);
    CHECK(address->to_string() == text);
  }
  CHECK(SocketAddress::parse("[2001:DB8:0:0::1]:80")->to_string() == "[2001:db8::1]:80");
}

TEST_CASE("what is no address with a port is refused") {
  for (const char* text : {"", ":", "192.0.2.1", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:-1",
                           "192.0.2.1:1:2", "192.0.2:80", "host:80", "::1:80", "[::1]", "[::1]80", "[::1",
                           "[::1]:", "[192.0.2.1]:80", "[fe80::1%lo]:80", "192.0.2.1:000080", " 192.0.2.1:80"}) {
    INFO(text);
    const Result<SocketAddress> address = SocketAddress::parse(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == ErrorCode::kBadName);
  }
}

TEST_CASE("a v4 address inside a v6 one is the v4 address") {
  CHECK(ip("::ffff:192.0.2.1") == ip("192.0.2.1"));
  CHECK(ip("::ffff:127.0.0.1").is_loopback());
  CHECK(SocketAddress::parse("[::ffff:10.0.0.1]:80")->to_string() == "10.0.0.1:80");
}

TEST_CASE("a socket's own form goes both ways") {
  for (const char* text : {"192.0.2.1:7720", "[2001:db8::1]:7720"}) {
    const SocketAddress address = *SocketAddress::parse(text);
    sockaddr_storage storage;
    const socklen_t length = address.to_sockaddr(storage);
    CHECK(length == (address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
    CHECK(SocketAddress::from(reinterpret_cast<const sockaddr&>(storage)) == address);
  }
  sockaddr_storage unix_socket{};
  unix_socket.ss_family = AF_UNIX;
  CHECK(SocketAddress::from(reinterpret_cast<const sockaddr&>(unix_socket)) == SocketAddress());
}

TEST_CASE("addresses where a public name should never lead are private") {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "192.168.255.255",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::2",
                           "::127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:8.8.8.8.",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:a00:1::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "3fff:fff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1"}) {
    INFO(text);
    if (std::string(text).ends_with('.')) {
      CHECK_FALSE(SocketAddress::parse_ip(text, 1));
      continue;
    }
    CHECK(ip(text).is_private());
  }
}

TEST_CASE("public addresses are not private, next to each border too") {
  for (const char* text :
       {"1.0.0.0",         "8.8.8.8",          "9.255.255.255",   "11.0.0.0",        "100.63.255.255",   "100.128.0.0",
        "126.255.255.255", "128.0.0.0",        "169.253.255.255", "169.255.0.0",     "172.15.255.255",   "172.32.0.0",
        "192.0.1.0",       "192.0.3.0",        "192.167.255.255", "192.169.0.0",     "198.17.255.255",   "198.20.0.0",
        "203.0.112.255",   "203.0.114.0",      "223.255.255.255", "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "2000::1",
        "2001:200::1",     "2001:db7:ffff::1", "2001:db9::1",     "2002:808:808::1", "2606:4700::1111",  "3ffe::1",
        "3fff:1000::1"}) {
    INFO(text);
    CHECK_FALSE(ip(text).is_private());
  }
}

TEST_CASE("loopback and unspecified are told apart from the rest") {
  CHECK(ip("127.0.0.2").is_loopback());
  CHECK(ip("::1").is_loopback());
  CHECK_FALSE(ip("128.0.0.1").is_loopback());
  CHECK_FALSE(ip("1::1").is_loopback());
  CHECK_FALSE(ip("::").is_loopback());
  CHECK(ip("0.0.0.0").is_unspecified());
  CHECK(ip("::").is_unspecified());
  CHECK_FALSE(ip("::1").is_unspecified());
}

TEST_CASE("addresses are ordered, hashed and compared with their port") {
  const SocketAddress a = ip("192.0.2.1");
  CHECK(a != a.with_port(1));
  CHECK(a == a.with_port(1).with_port(7720));
  CHECK(std::set<SocketAddress>{a, a.with_port(1), a, ip("2001:db8::1")}.size() == 3);
  CHECK(std::hash<SocketAddress>{}(a) == std::hash<SocketAddress>{}(ip("::ffff:192.0.2.1")));
  CHECK(std::hash<SocketAddress>{}(a) != std::hash<SocketAddress>{}(a.with_port(1)));
}
