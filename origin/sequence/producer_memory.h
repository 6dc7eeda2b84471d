// The producer table with its ways to the disk. What a checkpoint holds must be durable in the journal: otherwise a
// crash would leave "taken" on record for a request that is gone, and its retry would be lost. So save() takes a
// picture now and writes it once the journal is durable up to that moment.
#pragma once

#include "origin/sequence/feed_book.h"
#include "origin/sequence/producer_table.h"
#include "origin/sequence/sequencer.h"

namespace xylem {

struct ProducerJudgement {
  bool duplicate = false;
  std::uint32_t taken_before = 0;  // events at the front of the request that an earlier life of this origin sealed
  JournalPosition position = 0;    // of a duplicate's original
  Version first, last;             // its versions; zeros for a request before the producer's newest
};

class ProducerMemory {
 public:
  explicit ProducerMemory(Storage& storage) : storage_(storage) {}

  // Checkpoint, then the marks of records newer than it (all that are kept, when there is none). A damaged checkpoint
  // is no error: the records are read instead.
  Result<void> load(LogSet& logs, FeedBook& book, Timestamp wall, std::chrono::hours kept);
  // kProducerStale, kProducerGap, kProducerReused.
  Result<ProducerJudgement> judge(const Append& request) const;
  void record(const JournalEntry& entry, JournalPosition position);
  // True when the checkpoint on disk holds everything up to the moment of the last picture, which was taken at or after
  // the call before this one; false: call again later.
  Result<bool> save(LogSet& logs, const Journal& journal);

 private:
  Result<void> read_marks(LogReader& log, Bucket bucket, Seq after, Timestamp oldest);
  void learn(FeedId feed, const ProducerMark& mark, Timestamp time);

  Storage& storage_;
  ProducerTable table_;
  std::chrono::hours kept_{0};
  Timestamp newest_{};
  Bytes picture_;  // waits for the journal to be durable up to picture_position_
  JournalPosition picture_position_ = 0;
};

}  // namespace xylem
