// What a lying relay does to what it says: sits between a serving core and the network, and changes records on their
// way out. The core behind it stays the production one and knows nothing.
#pragma once

#include <deque>

#include "origin/drill/random_stream.h"
#include "proto/envelope.h"

namespace xylem {

// Shared by all connections of one relay.
struct Lies {
  explicit Lies(RandomStream stream) : random(stream) {}
  RandomStream random;
  bool on = false;
  std::uint64_t told = 0;
};

// One for each connection, from its start: it must know where frames begin.
class LyingTongue {
 public:
  explicit LyingTongue(Lies& lies) : lies_(lies) {}
  // What is said instead of these bytes.
  Bytes say(ByteView bytes);

 private:
  void say_record(const Envelope& record, Bytes& out);

  static constexpr std::size_t kRememberedMax = 16;
  Lies& lies_;
  FrameSplitter splitter_;
  Bytes kept_back_;               // to be said after the next record
  std::deque<Bytes> remembered_;  // records said before
};

}  // namespace xylem
