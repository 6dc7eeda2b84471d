// What a connection speaks is recognised by its first bytes, in one piece or one by one.
#include "relay/serve/first_bytes.h"

#include <catch2/catch.hpp>

#include "proto/frames.h"
#include "relay/serve/proxy_header.h"
#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

struct Case {
  std::string bytes;
  Speaks speaks;
  std::string rest;
};

std::string native_magic() { return std::string(kNativeMagic.begin(), kNativeMagic.end()); }

const std::string kV2 = std::string("\r\n\r\n\0\r\nQUIT\n", 12);

// PROXY v2, TCP over IPv4, 192.0.2.1:56324 to 198.51.100.1:443, with a TLV behind.
std::string proxy_v2() {
  return kV2 + std::string("\x21\x11\x00\x10\xC0\x00\x02\x01\xC6\x33\x64\x01\xDC\x04\x01\xBB\x04\x00\x01\x00", 20);
}

Speaks feed_one_by_one(FirstBytes& first, const std::string& bytes) {
  Speaks speaks = Speaks::unclear;
  for (const char& byte : bytes) {
    speaks = first.feed(as_bytes(std::string_view(&byte, 1)));
    if (speaks != Speaks::unclear) return speaks;
  }
  return speaks;
}

}  // namespace

TEST_CASE("The first bytes tell what a connection speaks", "[serve]") {
  const std::vector<Case> cases = {
      {"", Speaks::unclear, ""},
      {native_magic(), Speaks::native, ""},
      {native_magic() + "more", Speaks::native, "more"},
      {native_magic().substr(0, 7), Speaks::unclear, "\x89XYL\r\n\x1A"},
      {"\x89XYL\r\n\x1A\n", Speaks::native, ""},
      {"\x89PNG\r\n\x1A\n", Speaks::nothing, "\x89PNG\r\n\x1A\n"},
      {"GET / HTTP/1.1\r\n", Speaks::http, "GET / HTTP/1.1\r\n"},
      {"GET / H", Speaks::unclear, "GET / H"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Speaks::http2, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"PRI /x HTTP/1.1", Speaks::http, "PRI /x HTTP/1.1"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n", Speaks::http, "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n"},
      {"\x16\x03\x01", Speaks::nothing, "\x16\x03\x01"},
      {"get / http", Speaks::nothing, "get / http"},
      {" ", Speaks::nothing, " "},
      {std::string("\0", 1), Speaks::nothing, std::string("\0", 1)},
  };
  for (const Case& each : cases) {
    INFO(each.bytes);
    FirstBytes whole(false);
    CHECK(whole.feed(as_bytes(each.bytes)) == each.speaks);
    CHECK(as_text(whole.rest()) == each.rest);
    FirstBytes by_byte(false);
    CHECK(feed_one_by_one(by_byte, each.bytes) == each.speaks);
  }
}

TEST_CASE("A configured proxy says for whom it speaks, then it begins again", "[serve]") {
  const std::string v1 = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";
  const std::string v1_six = "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n";
  const std::vector<std::tuple<std::string, Speaks, std::string>> cases = {
      {v1 + native_magic(), Speaks::native, "192.0.2.1:56324"},
      {v1_six + "GET / HTTP/1.1\r\n", Speaks::http, "[2001:db8::1]:56324"},
      {proxy_v2() + native_magic(), Speaks::native, "192.0.2.1:56324"},
      {"PROXY UNKNOWN\r\n" + native_magic(), Speaks::native, ""},
      {"PROXY UNKNOWN what ever it says\r\n" + native_magic(), Speaks::native, ""},
      {kV2 + std::string("\x20\x00\x00\x00", 4) + native_magic(), Speaks::native, ""},  // LOCAL
      {native_magic(), Speaks::native, ""},
      {"POST / HTTP/1.1\r\n", Speaks::http, ""},
      {v1, Speaks::unclear, "192.0.2.1:56324"},
      {v1 + v1, Speaks::http, "192.0.2.1:56324"},  // one header a connection; the second is a request of some kind
      {"PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", Speaks::nothing, ""},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 99999\r\n", Speaks::nothing, ""},
      {"PROXY TCP4 not.an.address 198.51.100.1 56324 443\r\n", Speaks::nothing, ""},
      {"PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n", Speaks::nothing, ""},
      {"PROXY TCP4 " + std::string(200, '1'), Speaks::nothing, ""},
      {kV2 + std::string("\x31\x11\x00\x0C", 4), Speaks::nothing, ""},                  // version 3
      {kV2 + std::string("\x22\x11\x00\x0C", 4), Speaks::nothing, ""},                  // unknown command
      {kV2 + std::string("\x21\x11\xFF\xFF", 4), Speaks::nothing, ""},                  // longer than anybody's
      {kV2 + std::string("\x21\x11\x00\x04\x01\x02\x03\x04", 8), Speaks::nothing, ""},  // shorter than its addresses
  };
  for (const auto& [bytes, speaks, source] : cases) {
    INFO(bytes);
    FirstBytes whole(true);
    CHECK(whole.feed(as_bytes(bytes)) == speaks);
    CHECK((whole.spoken_for() ? whole.spoken_for()->to_string() : "") == source);
    FirstBytes by_byte(true);
    CHECK(feed_one_by_one(by_byte, bytes) == speaks);
  }
}

TEST_CASE("Only configured addresses are believed", "[serve]") {
  Serving world;
  world.facts.proxies = {SocketAddress::parse("203.0.113.9:0").value()};
  world.start();
  const std::string said = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n" + native_magic();
  const Serving::Connection proxy = world.connect("203.0.113.9:1000");
  const Serving::Connection stranger = world.connect("203.0.113.8:1000");
  world.core->on_bytes(proxy.id, as_bytes(said), world.now);
  world.core->on_bytes(stranger.id, as_bytes(said), world.now);
  CHECK_FALSE(proxy.link->released());
  CHECK(stranger.link->closed);  // takes it for HTTP, which this node does not speak
}

TEST_CASE("HTTP/2 is told what is spoken here, anything unknown is closed", "[serve]") {
  Serving world;
  world.start();
  const Serving::Connection two = world.connect();
  const Serving::Connection tls = world.connect();
  world.core->on_bytes(two.id, as_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), world.now);
  world.core->on_bytes(tls.id, as_bytes("\x16\x03\x01"), world.now);
  CHECK(as_text(two.link->received).starts_with("HTTP/1.1 505 "));
  CHECK(two.link->closed);
  CHECK(tls.link->received.empty());
  CHECK(tls.link->closed);
}

}  // namespace xylem
