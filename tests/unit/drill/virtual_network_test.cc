#include "origin/drill/virtual_network.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

using namespace std::chrono_literals;

const SocketAddress kServer = SocketAddress::v4({20, 0, 0, 1}, 7720);

struct End final : StreamUser {
  void on_connected() override { connected = true; }
  void on_bytes(ByteView bytes) override { heard.append(as_text(bytes)); }
  void on_drained() override { ++drained; }
  void on_end() override { ended = true; }
  void on_closed(const Error& error) override { closed = error.detail; }

  VirtualStream stream;
  bool connected = false, ended = false;
  int drained = 0;
  std::string heard, closed;
};

struct World {
  EventQueue queue;
  Trace trace;
  VirtualNetwork network{queue, trace, 1};
  End client, server;

  void connect() {
    network.listen(kServer, "server", [this](VirtualStream stream) {
      server.stream = std::move(stream);
      server.stream.set_user(server);
    });
    client.stream = network.dial("client", kServer, client);
    run();
    REQUIRE(client.connected);
  }
  void run(std::chrono::milliseconds time = 1min) {
    const MonoTime until = queue.now() + time;
    while (queue.step(until)) {
    }
  }
};

TEST_CASE("bytes arrive in order, late, and all of them") {
  World world;
  world.connect();
  std::string said;
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i) + " ";
    world.client.stream.send(as_bytes(text));
    said += text;
  }
  CHECK(world.server.heard.empty());
  world.run();
  CHECK(world.server.heard == said);
  CHECK(world.client.drained == 0);
}

TEST_CASE("what does not fit on the way waits, and its leaving is told") {
  World world;
  world.connect();
  world.client.stream.send(Bytes(3 * VirtualNetwork::kWindowBytes, 'x'));
  CHECK(world.client.stream.queued_bytes() == 2 * VirtualNetwork::kWindowBytes);
  world.run();
  CHECK(world.server.heard.size() == 3 * VirtualNetwork::kWindowBytes);
  CHECK(world.client.stream.queued_bytes() == 0);
  CHECK(world.client.drained == 1);
}

TEST_CASE("who does not read is sent no more than the window") {
  World world;
  world.connect();
  world.server.stream.set_reading(false);
  world.client.stream.send(Bytes(3 * VirtualNetwork::kWindowBytes, 'x'));
  world.run();
  CHECK(world.server.heard.empty());
  CHECK(world.client.stream.queued_bytes() == 2 * VirtualNetwork::kWindowBytes);
  world.server.stream.set_reading(true);
  world.run();
  CHECK(world.server.heard.size() == 3 * VirtualNetwork::kWindowBytes);
}

TEST_CASE("a closed end says everything first; a destroyed one takes what is under way with it") {
  World world;
  world.connect();
  world.client.stream.send(as_bytes("last words"));
  SECTION("closed") {
    world.client.stream.close();
    world.run();
    CHECK(world.server.heard == "last words");
    CHECK(world.server.ended);
  }
  SECTION("destroyed") {
    world.client.stream = VirtualStream();
    world.run();
    CHECK(world.server.heard.empty());
    CHECK(world.server.closed == "connection reset by peer");
  }
}

TEST_CASE("nobody listens: the dialler is told") {
  World world;
  world.client.stream = world.network.dial("client", kServer, world.client);
  world.run();
  CHECK_FALSE(world.client.connected);
  CHECK(world.client.closed == "connection refused");
}

TEST_CASE("after a reset nothing arrives, and each end learns it in its own time") {
  World world;
  world.connect();
  const auto lines = world.network.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].dialler == "client");
  world.network.reset(lines[0].number, 10ms, 5s);
  world.run(1s);
  CHECK(world.client.closed == "connection reset");
  CHECK(world.server.closed.empty());
  world.server.stream.send(as_bytes("hello?"));
  world.run(10s);
  CHECK(world.client.heard.empty());
  CHECK(world.server.closed == "connection reset");
  CHECK(world.network.lines().empty());
}

TEST_CASE("a flipped bit is one bit of the next bytes") {
  World world;
  world.connect();
  world.network.flip_bit(world.network.lines()[0].number, false, 77);
  world.client.stream.send(as_bytes("aaaaaaaa"));
  world.run();
  int bits = 0;
  for (const char c : world.server.heard) bits += __builtin_popcount(static_cast<unsigned char>(c ^ 'a'));
  CHECK(bits == 1);
}

}  // namespace
}  // namespace xylem
