#include "client/uv/linger.h"

#include "tests/unit/uv/stream_recorder.h"

using namespace xylem;
using namespace std::chrono_literals;

TEST_CASE("last words arrive although the peer was still sending") {
  Loop loop;
  LingerList list(loop, 10s);
  Connection tcp(loop);
  tcp.near.read_start();
  REQUIRE(tcp.near.write(as_bytes(std::string(200'000, 'u'))));  // unread at the far end: closing at once would reset
  REQUIRE(tcp.far.write(as_bytes("413 too large")));
  list.add(std::move(tcp.far));
  run_until(loop, [&] { return tcp.near_events.ended; });
  CHECK(tcp.near_events.bytes == "413 too large");
  CHECK_FALSE(tcp.near_events.failed);
  CHECK(list.size() == 1);
  tcp.near.close();
  run_until(loop, [&] { return list.size() == 0; });
}

TEST_CASE("a peer that never ends is closed at the timeout") {
  Loop loop;
  LingerList list(loop, 5ms);
  Connection tcp(loop);
  Connection other(loop);
  list.add(std::move(tcp.far));
  list.add(std::move(other.far));
  run_until(loop, [&] { return list.size() == 0; });
}

TEST_CASE("beyond its limit a stream is closed at once, and the list drops all at its end") {
  Loop loop;
  Connection a(loop);
  Connection b(loop);
  {
    LingerList list(loop, 24h, 1);
    list.add(std::move(a.far));
    list.add(std::move(b.far));
    CHECK(list.size() == 1);
    list.add(TcpStream());  // nothing to add
    CHECK(list.size() == 1);
    a.near.read_start();
    b.near.read_start();
    run_until(loop, [&] { return a.near_events.ended && b.near_events.ended; });
  }
}
