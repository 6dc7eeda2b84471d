// What each idempotent producer last wrote to a feed, so that a retry never doubles an event (Durable Streams,
// "Idempotent producers"). It outlives restarts: checkpoint file, then the marks in newer records, then the journal
// (§8).
#pragma once

#include <map>
#include <unordered_map>

#include "origin/sequence/journal.h"
#include "origin/sequence/journal_entry.h"
#include "proto/header.h"

namespace xylem {

using ProducerHash = std::array<std::uint8_t, 16>;
ProducerHash producer_hash(std::string_view id);

struct ProducerState {
  std::uint64_t epoch = 0;
  std::uint64_t last_seq = 0;
  Version last;                  // version of request last_seq's newest event
  std::uint32_t events = 0;      // of request last_seq, standing in the feed
  bool whole = true;             // false: known from a record's mark only, the request may have had more events
  JournalPosition position = 0;  // of request last_seq; 0 = sealed in an earlier life
  Timestamp used;
};

// What a request's numbers mean beside what is known.
enum class ProducerVerdict { next, duplicate, continues, stale, gap };

class ProducerTable {
 public:
  // next: take it. duplicate: it was taken. continues: its first `events` were taken by an earlier life of this origin
  // that lost its journal; take the rest. stale, gap: refuse. `event_count` tells a part from the whole.
  ProducerVerdict judge(FeedId feed, const ProducerNumber& number, std::size_t event_count) const;
  const ProducerState* find(FeedId feed, const ProducerHash& id) const;

  void record(FeedId feed, const ProducerHash& id, const ProducerState& state);
  void forget_feed(FeedId feed);
  // Those not used since `before` go. How many went.
  std::size_t expire(Timestamp before);
  std::size_t size() const { return states_.size(); }

  // Checkpoint: with each bucket's sealed seq at that time, so that newer records are read again at start.
  Bytes encode(const std::map<Bucket, Seq>& sealed) const;
  Result<std::map<Bucket, Seq>> decode(ByteView bytes);  // replaces the content; kCorrupt leaves it as it was

 private:
  struct Key {
    FeedId feed;
    ProducerHash id;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  std::unordered_map<Key, ProducerState, KeyHash> states_;
};

}  // namespace xylem
