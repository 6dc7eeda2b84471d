// Cuts a feed's durable events into batches (spec §2): before one would pass 32 KiB plain, 1 024 events or 8 producers;
// an event that is larger stands alone. It only looks; take() moves on once the record is in the log.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "origin/sequence/feed_book.h"

namespace xylem {

struct BatchCut {
  Version first;
  std::vector<Event> events;  // views into the waiting requests
  std::vector<ProducerMark> marks;
  std::vector<std::pair<JournalPosition, std::size_t>> requests;  // how many events of each
};

class BatchCutter {
 public:
  explicit BatchCutter(const FeedTail& feed) : feed_(feed), left_(feed.durable_events) {}
  // The next batch after those cut before; nothing when no durable event is left.
  std::optional<BatchCut> next();

 private:
  const FeedTail& feed_;
  std::size_t left_;
  std::size_t request_ = 0;
  std::size_t event_ = 0;  // in that request, beyond `taken`
};

// The events of a cut are records now.
void take(FeedTail& feed, const BatchCut& cut);

}  // namespace xylem
