// Accepts TCP connections. Several loops may listen on one port (reuse_port): the kernel spreads connections over them.
#pragma once

#include <functional>

#include "client/uv/tcp_stream.h"

namespace xylem {

struct ListenOptions {
  bool reuse_port = false;
  int backlog = 1024;
  bool v6_only = true;  // a v6 listener does not take v4 connections as well
  TcpOptions stream{};  // of every accepted stream
};

class TcpListener {
 public:
  // The stream is connected and not reading: give it events (set_events), then read_start(). Dropping it refuses the
  // peer.
  using OnConnection = std::function<void(TcpStream stream)>;

  TcpListener() = default;
  TcpListener(TcpListener&&) = default;
  TcpListener& operator=(TcpListener&&) = default;

  // Port 0 takes a free one. kIo: address in use, not ours, no permission.
  static Result<TcpListener> listen(Loop& loop, const SocketAddress& address, const ListenOptions& options,
                                    OnConnection on_connection);

  explicit operator bool() const { return static_cast<bool>(handle_); }
  void close() { handle_.close(); }
  SocketAddress address() const;
  // Connections the system could not hand over (no descriptors left, peer gone): for metrics.
  std::uint64_t accept_errors() const { return handle_->accept_errors; }

 private:
  struct State {
    uv_tcp_t uv;
    TcpOptions stream;
    OnConnection on_connection;
    std::uint64_t accept_errors;
  };
  static void on_uv_connection(uv_stream_t* uv, int status);
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_->uv); }

  Handle<State> handle_;
};

}  // namespace xylem
