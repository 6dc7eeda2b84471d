// A dialled connection: the addresses of one server, one after another until one answers, then bytes both ways.
#pragma once

#include <vector>

#include "client/uv/tcp_stream.h"
#include "client/uv/timer.h"

namespace xylem {

// No event comes from inside a call of the line; each may destroy the line.
class TcpLineEvents {
 public:
  virtual void on_open() = 0;
  virtual void on_bytes(ByteView bytes) = 0;
  virtual void on_closed(const Error& error) = 0;  // also: no address answered. The last event

 protected:
  ~TcpLineEvents() = default;
};

class TcpLine final : private StreamEvents {
 public:
  TcpLine(Loop& loop, std::vector<SocketAddress> addresses, TcpLineEvents& events);

  void send(ByteView bytes);
  // For a polite end (LingerList); empty while it is not open.
  TcpStream take_stream();

 private:
  void try_next();
  void close_later(const Error& error);
  void on_connected() override;
  void on_bytes(ByteView bytes) override { events_.on_bytes(bytes); }
  void on_end() override;
  void on_error(const Error& error) override;

  Loop& loop_;
  const std::vector<SocketAddress> addresses_;
  TcpLineEvents& events_;
  std::size_t next_ = 0;
  bool open_ = false;
  TcpStream stream_;
  Error error_;
  Timer closing_;
};

}  // namespace xylem
