// What the sequencer keeps of a feed: where it stands and which accepted events wait to become records. A feed with
// nothing waiting can be dropped at any time: the log knows the rest.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "origin/sequence/producer_table.h"
#include "proto/mono_time.h"
#include "relay/log/log_set.h"

namespace xylem {

// A request's events that are not yet records.
struct WaitingRequest {
  JournalPosition position = 0;
  Version first;  // of events[0]
  std::vector<AcceptedEvent> events;
  std::size_t taken = 0;  // events[0…taken-1] are records already
  struct Producer {
    ProducerHash id{};
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::uint32_t taken_before = 0;
  };
  std::optional<Producer> producer;
};

struct FeedTail {
  FeedEpoch epoch;       // 0 = the feed was never opened
  Version assigned;      // newest version given
  Hash256 prev_batch{};  // link of its newest batch in the log
  std::string name;
  std::string content_type;
  bool closed = false;
  bool erased = false;

  std::optional<JournalEntry::Opening> to_open;  // its open notice goes before the next batch
  std::deque<WaitingRequest> waiting;
  std::size_t waiting_events = 0;
  std::size_t durable_events = 0;  // of the waiting ones, from the front: may become records
  std::size_t durable_bytes = 0;
  std::size_t unpublished_records = 0;
  MonoTime sealed_at = MonoTime::min();
  MonoTime due = kNever;
};

class FeedBook {
 public:
  explicit FeedBook(LogSet& logs);

  // The feed's tail, from memory or from the log. kCorrupt, kIo when the log cannot be read.
  Result<FeedTail*> find(FeedId feed, Bucket bucket);
  // Idle feeds go when there are more than feeds_max.
  void trim(std::size_t feeds_max);
  std::size_t size() const { return feeds_.size(); }
  LogReader& reader(Bucket bucket) { return *readers_.at(bucket); }

 private:
  Result<FeedTail> read(FeedId feed, Bucket bucket);

  std::map<Bucket, std::unique_ptr<LogReader>> readers_;
  std::unordered_map<FeedId, FeedTail> feeds_;
};

}  // namespace xylem
