// The records of one feed as a chain from the newest back to the window's floor, held in the segments' indexes without
// memory of its own: each record knows the one before of its feed, and by `jump` one further back.
//
// Jumps follow the skew binary numbers (E. W. Myers, "An applicative random-access stack", 1983): the nth record of a
// chain jumps over as many as n's smallest term has, so any record is found in O(log n) steps, with two links a record.
//
//   depth   1   2   3   4   5   6   7   8
//   jump    -   1   -   3   4   3   -   7      (3 = 3, so it jumps before the first; 5 = 3+1+1, so to 4; 6 = 3+3, to 3)
//
// Chains lead out of the window at its floor; whatever is not in the list any more ends them.
#pragma once

#include "proto/header.h"
#include "relay/log/segment.h"

namespace xylem {

// What is known of a feed; plain values, as they are published to readers. A new feed epoch goes on with the versions
// before it; only where its `open` follows no batch, as after an erasure, everything begins anew (spec §1.4).
struct FeedRecord {
  Seq newest;               // newest record, batch or notice: where the chain begins
  std::uint64_t depth = 0;  // of `newest` in its chain
  FeedEpoch epoch;          // of the newest record
  // From this record on versions are dense up to last_version, so that batches are found by version.
  Seq dense_from;
  Version last_version;
  Seq newest_batch;
  Hash256 newest_batch_link{};
  Seq open, close, expire, erase, snapshot;  // newest notices of this history; 0 = none
};

// The member that holds the newest record of a type; nullptr for redactions, of which each one counts.
Seq FeedRecord::* newest_of(RecordType type);

// What of a header the index needs.
struct RecordFacts {
  Seq seq;
  FeedId feed;
  FeedEpoch feed_epoch;
  RecordType type{};
  Version first_version;  // of a batch
  std::uint16_t events = 0;
  bool follows_batch = false;  // prev_batch is not zero
};
RecordFacts facts_of(const RecordHeader& header);

// Takes the feed's next record into account; newest_batch_link stays the caller's to set. Writer thread.
ChainLinks add_to_chain(const SegmentList& segments, FeedRecord& feed, const RecordFacts& record);
// The same for a record that is kept below the floor, outside of any segment.
void add_kept(FeedRecord& feed, const RecordFacts& record);

// The oldest record of the chain that lies after `after`.
std::optional<Seq> oldest_after(const SegmentList& segments, Seq newest, Seq after);
// The newest record whose first version is not above `version`: the batch that holds it. `version` is at most
// last_version.
std::optional<Seq> batch_with(const SegmentList& segments, const FeedRecord& feed, Version version);
// First version held in the window, of those since dense_from; last_version + 1 when there is none.
Version first_version_held(const SegmentList& segments, const FeedRecord& feed);

}  // namespace xylem
