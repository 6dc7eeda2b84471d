// What a node says first, after HELLO: WELCOME, then BUCKETS frames, PATH, and for relays the newest beacons. A node
// may own 65 535 buckets, so it leaves bit by bit.
#pragma once

#include "proto/frames.h"
#include "relay/serve/serve_context.h"

namespace xylem {

// Signed when the host and port that were dialled are advertised here.
Welcome make_welcome(const ServeFacts& facts, const Hello& hello, const Nonce& nonce);

class Greeting {
 public:
  explicit Greeting(bool with_beacons) : with_beacons_(with_beacons) {}

  // Sends the next part, one frame or a few small ones; false when all is said.
  bool step(ServeConnection& connection);

 private:
  void send_buckets(ServeConnection& connection);

  const bool with_beacons_;
  std::size_t told_ = 0;  // of the node's buckets
  bool told_path_ = false;
  std::size_t beacons_ = 0;
};

}  // namespace xylem
