#include "relay/node/upstream_link.h"

#include <utility>

namespace xylem {
namespace {

constexpr auto kConnectTimeout = std::chrono::milliseconds(3000);

}  // namespace

UpstreamLink::UpstreamLink(Loop& loop)
    : loop_(loop),
      timer_(loop,
             [this] {
               follower_->on_deadline(loop_.now());
               keep_deadline();
             }),
      dial_timer_(loop, [this] { dial_next(dial_error_); }) {}

void UpstreamLink::dial(const FoundServer& server) {
  hang_up();
  addresses_.assign(server.addresses.rbegin(), server.addresses.rend());
  dial_error_ = {ErrorCode::kNoServers, server.problem};
  dial_timer_.start(std::chrono::milliseconds(0));
}

void UpstreamLink::dial_next(Error last) {
  while (!addresses_.empty()) {
    const SocketAddress address = addresses_.back();
    addresses_.pop_back();
    auto stream = TcpStream::connect(loop_, address, kConnectTimeout, {}, *this);
    if (stream) {
      stream_ = std::move(*stream);
      return;
    }
    last = stream.error();
  }
  follower_->on_closed(last, loop_.now());
  keep_deadline();
}

void UpstreamLink::send(Bytes bytes) {
  if (!connected_) return;
  // A socket that is dead or does not take our few bytes says so by on_error or by silence.
  (void)stream_.write(SharedBytes::adopt(std::move(bytes)));
}

void UpstreamLink::hang_up() {
  connected_ = false;
  addresses_.clear();
  dial_timer_.stop();
  stream_.close();
}

void UpstreamLink::keep_deadline() { timer_.start_at(follower_->deadline()); }

void UpstreamLink::on_connected() {
  connected_ = true;
  addresses_.clear();
  stream_.read_start();
  follower_->on_connected(loop_.now());
  keep_deadline();
}

void UpstreamLink::on_bytes(ByteView bytes) {
  follower_->on_bytes(bytes, loop_.now());
  keep_deadline();
}

void UpstreamLink::on_end() { on_error({ErrorCode::kIo, "closed by the upstream"}); }

void UpstreamLink::on_error(const Error& error) {
  if (!connected_) {
    stream_.close();
    return dial_next(error);
  }
  hang_up();
  follower_->on_closed(error, loop_.now());
  keep_deadline();
}

}  // namespace xylem
