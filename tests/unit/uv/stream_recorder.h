// Remembers what happens on a stream, and an accepting end to talk to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/uv/tcp_listener.h"
#include "tests/unit/uv/run_until.h"

namespace xylem {

struct StreamRecorder final : StreamEvents {
  void on_connected() override {
    connected = true;
    if (when_connected) when_connected();
  }
  void on_bytes(ByteView view) override {
    bytes.append(as_text(view));
    if (when_bytes) when_bytes();
  }
  void on_end() override {
    ended = true;
    if (when_end) when_end();
  }
  void on_drained() override {
    ++drained;
    if (when_drained) when_drained();
  }
  void on_writable() override { ++writable; }
  void on_error(const Error& error) override {
    failed = error;
    if (when_error) when_error();
  }

  bool connected = false;
  std::string bytes;
  bool ended = false;
  int drained = 0;
  int writable = 0;
  std::optional<Error> failed;
  std::function<void()> when_connected, when_bytes, when_end, when_drained, when_error;
};

inline const SocketAddress kLoopback = SocketAddress::v4({127, 0, 0, 1}, 0);

// Both ends of one connection over loopback. `far` is the accepted one.
struct Connection {
  explicit Connection(Loop& loop, const TcpOptions& options = {}, const TcpOptions& far_options = {}) {
    ListenOptions listen;
    listen.stream = far_options;
    listener = *TcpListener::listen(loop, kLoopback, listen, [this](TcpStream stream) { far = std::move(stream); });
    near = *TcpStream::connect(loop, listener.address(), std::chrono::seconds(10), options, near_events);
    run_until(loop, [this] { return near_events.connected && far; });
    far.set_events(far_events);
  }

  TcpListener listener;
  StreamRecorder near_events, far_events;
  TcpStream near, far;
};

}  // namespace xylem
