#include "client/reader/tcp_line.h"

#include <utility>

namespace xylem {
namespace {

constexpr std::chrono::seconds kConnectTimeout{4};  // of one address

}  // namespace

TcpLine::TcpLine(Loop& loop, std::vector<SocketAddress> addresses, TcpLineEvents& events)
    : loop_(loop),
      addresses_(std::move(addresses)),
      events_(events),
      error_{ErrorCode::kNoServers, "no address"},
      closing_(loop, [this] { events_.on_closed(error_); }) {
  try_next();
}

void TcpLine::try_next() {
  while (next_ < addresses_.size()) {
    auto stream = TcpStream::connect(loop_, addresses_[next_++], kConnectTimeout, {}, *this);
    if (stream) {
      stream_ = std::move(*stream);
      return;
    }
    error_ = stream.error();
  }
  close_later(error_);
}

void TcpLine::close_later(const Error& error) {
  error_ = error;
  stream_ = TcpStream();
  closing_.start(std::chrono::milliseconds(0));
}

void TcpLine::send(ByteView bytes) {
  if (!stream_) return;
  if (auto written = stream_.write(bytes); !written) close_later(written.error());
}

TcpStream TcpLine::take_stream() { return open_ ? std::move(stream_) : TcpStream(); }

void TcpLine::on_connected() {
  open_ = true;
  stream_.read_start();
  events_.on_open();
}

void TcpLine::on_end() {
  open_ = false;
  events_.on_closed({ErrorCode::kIo, "the server closed the connection"});
}

void TcpLine::on_error(const Error& error) {
  if (std::exchange(open_, false)) return events_.on_closed(error);
  error_ = error;
  stream_ = TcpStream();
  try_next();
}

}  // namespace xylem
