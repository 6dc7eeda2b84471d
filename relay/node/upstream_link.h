// The socket of a relay's upstream session: dials what the follower names, carries its bytes, keeps its deadline.
#pragma once

#include <functional>

#include "client/uv/tcp_stream.h"
#include "client/uv/timer.h"
#include "relay/follow/follower.h"

namespace xylem {

class UpstreamLink final : private StreamEvents {
 public:
  explicit UpstreamLink(Loop& loop);
  // Set once, before the first dial.
  void attach(Follower& follower) { follower_ = &follower; }

  // For FollowShell: tries the server's addresses in order.
  void dial(const FoundServer& server);
  void send(Bytes bytes);
  void hang_up();
  // After any call into the follower.
  void keep_deadline();

 private:
  void on_connected() override;
  void on_bytes(ByteView bytes) override;
  void on_end() override;
  void on_error(const Error& error) override;
  void dial_next(Error last);

  Loop& loop_;
  Follower* follower_ = nullptr;
  Timer timer_;
  Timer dial_timer_;  // a dial that fails at once is told in the next turn
  TcpStream stream_;
  std::vector<SocketAddress> addresses_;  // still to be tried
  bool connected_ = false;
  Error dial_error_;
};

}  // namespace xylem
