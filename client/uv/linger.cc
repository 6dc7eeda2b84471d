#include "client/uv/linger.h"

namespace xylem {

struct LingerList::Entry final : StreamEvents {
  Entry(LingerList& the_list, TcpStream the_stream) : list(the_list), stream(std::move(the_stream)) {}

  void on_bytes(ByteView /*thrown away*/) override {}
  void on_end() override { list.remove(*this); }
  void on_error(const Error& /*the stream is given up anyway*/) override { list.remove(*this); }

  LingerList& list;
  TcpStream stream;
  MonoTime deadline;
  std::list<Entry>::iterator self;
};

LingerList::LingerList(Loop& loop, std::chrono::milliseconds timeout, std::size_t streams_max)
    : loop_(loop), timeout_(timeout), streams_max_(streams_max), timer_(loop, [this] { expire(); }) {}

LingerList::~LingerList() = default;

void LingerList::add(TcpStream stream) {
  if (!stream || streams_.size() >= streams_max_) return;
  Entry& entry = streams_.emplace_back(*this, std::move(stream));
  entry.self = std::prev(streams_.end());
  entry.deadline = loop_.now() + timeout_;
  entry.stream.set_events(entry);
  entry.stream.shutdown();
  entry.stream.read_start();
  if (streams_.size() == 1) timer_.start_at(entry.deadline);
}

void LingerList::remove(Entry& entry) {
  streams_.erase(entry.self);
  timer_.start_at(streams_.empty() ? kNever : streams_.front().deadline);
}

void LingerList::expire() {
  while (!streams_.empty() && streams_.front().deadline <= loop_.now()) streams_.pop_front();
  timer_.start_at(streams_.empty() ? kNever : streams_.front().deadline);
}

}  // namespace xylem
