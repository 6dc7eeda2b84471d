#include "client/uv/tcp_stream.h"

#include <unistd.h>

#include <thread>

#include "tests/unit/uv/stream_recorder.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

// An address where connecting neither succeeds nor fails: a listener whose backlog is full.
struct DeafPort {
  DeafPort() {
    fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_storage storage;
    const socklen_t length = kLoopback.to_sockaddr(storage);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&storage), length) == 0);
    REQUIRE(::listen(fd, 0) == 0);
    socklen_t size = sizeof(storage);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
    address = SocketAddress::from(reinterpret_cast<const sockaddr&>(storage));
    for (int& filler : fillers) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(filler, reinterpret_cast<sockaddr*>(&storage), size);
    }
  }
  ~DeafPort() {
    for (const int filler : fillers) ::close(filler);
    ::close(fd);
  }
  int fd = -1;
  int fillers[4] = {-1, -1, -1, -1};
  SocketAddress address;
};

}  // namespace

TEST_CASE("what one end writes the other reads, both ways, and an end is told") {
  Loop loop;
  Connection tcp(loop);
  tcp.near.read_start();
  tcp.far.read_start();
  tcp.far_events.when_bytes = [&] { REQUIRE(tcp.far.write(as_bytes("pong"))); };
  REQUIRE(tcp.near.write(as_bytes("ping")));
  run_until(loop, [&] { return tcp.near_events.bytes == "pong"; });
  CHECK(tcp.far_events.bytes == "ping");
  CHECK(tcp.near.peer_address() == tcp.listener.address());
  CHECK(tcp.far.peer_address() == tcp.near.local_address());

  tcp.near.shutdown();
  tcp.near.shutdown();  // twice does no harm
  run_until(loop, [&] { return tcp.far_events.ended; });
  REQUIRE(tcp.far.write(as_bytes(", last words")));  // the other direction still works
  run_until(loop, [&] { return tcp.near_events.bytes == "pong, last words"; });
  CHECK_FALSE(tcp.near_events.failed);
}

TEST_CASE("v6 works as v4 does") {
  Loop loop;
  const SocketAddress v6 = *SocketAddress::parse("[::1]:0");
  TcpStream far;
  Result<TcpListener> listener = TcpListener::listen(loop, v6, {}, [&](TcpStream stream) { far = std::move(stream); });
  if (!listener) {
    WARN("no v6 on this machine: " << listener.error().message());
    return;
  }
  StreamRecorder events;
  Result<TcpStream> near = TcpStream::connect(loop, listener->address(), 10s, {}, events);
  REQUIRE(near);
  run_until(loop, [&] { return events.connected && far; });
  CHECK(far.peer_address() == near->local_address());
}

TEST_CASE("nobody listens: the error names the address") {
  Loop loop;
  SocketAddress closed;
  {
    Result<TcpListener> listener = TcpListener::listen(loop, kLoopback, {}, [](TcpStream) {});
    closed = listener->address();
  }
  loop.run();
  StreamRecorder events;
  Result<TcpStream> stream = TcpStream::connect(loop, closed, 10s, {}, events);
  REQUIRE(stream);
  run_until(loop, [&] { return events.failed.has_value(); });
  CHECK(events.failed->code == ErrorCode::kIo);
  CHECK(events.failed->detail == "connect " + closed.to_string() + ": connection refused");
}

TEST_CASE("a connection that does not come about times out, once") {
  Loop loop;
  const DeafPort deaf;
  StreamRecorder events;
  Result<TcpStream> stream = TcpStream::connect(loop, deaf.address, 20ms, {}, events);
  REQUIRE(stream);
  events.when_error = [&] { stream->close(); };
  run_until(loop, [&] { return events.failed.has_value(); });
  CHECK(events.failed->code == ErrorCode::kTimeout);
  loop.run();
  CHECK_FALSE(events.connected);
}

TEST_CASE("dropping a stream that is still connecting is silent") {
  Loop loop;
  const DeafPort deaf;
  StreamRecorder events;
  Result<TcpStream> stream = TcpStream::connect(loop, deaf.address, 24h, {}, events);
  REQUIRE(stream);
  loop.run_ready();
  stream->close();
  loop.run();
  CHECK_FALSE(events.failed);
}

TEST_CASE("a peer that resets is an error, and the stream may go in it") {
  Loop loop;
  Connection tcp(loop);
  tcp.near.read_start();
  tcp.near_events.when_error = [&] { tcp.near.close(); };
  const linger at_once{1, 0};
  REQUIRE(::setsockopt(tcp.far.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
  tcp.far.close();
  run_until(loop, [&] { return tcp.near_events.failed.has_value(); });
  CHECK(tcp.near_events.failed->detail == "read: connection reset by peer");
  CHECK_FALSE(tcp.near);
}

TEST_CASE("a stream may be destroyed in each of its events") {
  Loop loop;
  SECTION("connected") {
    TcpListener listener = *TcpListener::listen(loop, kLoopback, {}, [](TcpStream) {});
    StreamRecorder events;
    TcpStream stream = *TcpStream::connect(loop, listener.address(), 10s, {}, events);
    events.when_connected = [&] { stream.close(); };
    run_until(loop, [&] { return !stream; });
  }
  SECTION("bytes") {
    Connection tcp(loop);
    tcp.near.read_start();
    tcp.near_events.when_bytes = [&] { tcp.near.close(); };
    REQUIRE(tcp.far.write(as_bytes("x")));
    run_until(loop, [&] { return !tcp.near; });
  }
  SECTION("end") {
    Connection tcp(loop);
    tcp.near.read_start();
    tcp.near_events.when_end = [&] { tcp.near.close(); };
    tcp.far.shutdown();
    run_until(loop, [&] { return !tcp.near; });
  }
  SECTION("drained") {
    Connection tcp(loop, {true, 0, 256 << 20});
    tcp.near_events.when_drained = [&] { tcp.near.close(); };
    REQUIRE(tcp.near.write(SharedBytes::adopt(Bytes(64 << 20))));
    REQUIRE(tcp.near.queued_bytes() > 0);
    tcp.far.read_start();
    run_until(loop, [&] { return !tcp.near; });
  }
}

TEST_CASE("reading stops and starts as told, and nothing is lost meanwhile") {
  Loop loop;
  Connection tcp(loop);
  tcp.near.read_start();
  tcp.near_events.when_bytes = [&] { tcp.near.read_stop(); };
  REQUIRE(tcp.far.write(as_bytes("first ")));
  run_until(loop, [&] { return tcp.near_events.bytes == "first "; });
  REQUIRE(tcp.far.write(as_bytes("second")));
  loop.run_ready();  // over loopback the bytes are there by now
  CHECK(tcp.near_events.bytes == "first ");
  tcp.near.read_start();
  run_until(loop, [&] { return tcp.near_events.bytes == "first second"; });
}

TEST_CASE("another listener takes over in the middle of a connection") {
  Loop loop;
  Connection tcp(loop);
  StreamRecorder second;
  tcp.near.read_start();
  tcp.near_events.when_bytes = [&] { tcp.near.set_events(second); };
  REQUIRE(tcp.far.write(as_bytes("magic")));
  run_until(loop, [&] { return tcp.near_events.bytes == "magic"; });
  REQUIRE(tcp.far.write(as_bytes("rest")));
  run_until(loop, [&] { return second.bytes == "rest"; });
  CHECK(tcp.near_events.bytes == "magic");
}

TEST_CASE("a port in use is an error, with reuse_port it is shared") {
  Loop loop;
  TcpListener first = *TcpListener::listen(loop, kLoopback, {}, [](TcpStream) {});
  const Result<TcpListener> refused = TcpListener::listen(loop, first.address(), {}, [](TcpStream) {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "listen on " + first.address().to_string() + ": address already in use");

  const ListenOptions shared{.reuse_port = true};
  const Result<TcpListener> a = TcpListener::listen(loop, kLoopback, shared, [](TcpStream) {});
  REQUIRE(a);
  CHECK(TcpListener::listen(loop, a->address(), shared, [](TcpStream) {}));
}

TEST_CASE("two loops on one port share its connections") {
  constexpr int kConnections = 64;
  std::atomic<int> accepted[2] = {0, 0};
  SocketAddress address = kLoopback;
  Loop loops[2];
  std::vector<TcpListener> listeners;
  for (int i = 0; i < 2; ++i) {
    listeners.push_back(*TcpListener::listen(loops[i], address, {.reuse_port = true}, [&, i](TcpStream) {
      ++accepted[i];
      if (accepted[0] + accepted[1] == kConnections) {
        loops[0].stop();
        loops[1].stop();
      }
    }));
    address = listeners.front().address();
  }
  std::thread second([&] { loops[1].run(); });
  std::vector<std::unique_ptr<StreamRecorder>> events;
  std::vector<TcpStream> streams;
  for (int i = 0; i < kConnections; ++i) {
    events.push_back(std::make_unique<StreamRecorder>());
    streams.push_back(*TcpStream::connect(loops[0], address, 10s, {}, *events.back()));
  }
  loops[0].run();
  second.join();
  CHECK(accepted[0] + accepted[1] == kConnections);
  CHECK(accepted[0] > 0);
  CHECK(accepted[1] > 0);
}

TEST_CASE("a listener that closes refuses who comes later") {
  Loop loop;
  TcpListener listener = *TcpListener::listen(loop, kLoopback, {}, [](TcpStream) {});
  const SocketAddress address = listener.address();
  listener.close();
  loop.run();
  StreamRecorder events;
  TcpStream stream = *TcpStream::connect(loop, address, 10s, {}, events);
  run_until(loop, [&] { return events.failed.has_value(); });
}
