// The polite end of connections: a stream given to the list writes what it has queued, tells the peer that nothing more
// comes, throws away what still arrives, and closes at the peer's end or at the timeout. Closing at once instead would
// send a reset where bytes are unread, and the peer would lose our last words (an error frame, a 413).
#pragma once

#include <chrono>
#include <list>

#include "client/uv/tcp_stream.h"
#include "client/uv/timer.h"

namespace xylem {

class LingerList {
 public:
  // Beyond `streams_max` a stream is closed at once.
  LingerList(Loop& loop, std::chrono::milliseconds timeout, std::size_t streams_max = 256);
  ~LingerList();

  void add(TcpStream stream);
  std::size_t size() const { return streams_.size(); }

 private:
  struct Entry;
  void remove(Entry& entry);
  void expire();

  Loop& loop_;
  const std::chrono::milliseconds timeout_;
  const std::size_t streams_max_;
  std::list<Entry> streams_;  // oldest first: one timeout for all
  Timer timer_;
};

}  // namespace xylem
