// What one journal entry holds: a request that was accepted whole, with everything it was given (spec §8).
// The bytes are those of spec §8.1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/payload.h"

namespace xylem {

// The three numbers of an idempotent producer (Durable Streams: Producer-Id, Producer-Epoch, Producer-Seq).
struct ProducerNumber {
  std::string id;  // 1…128 bytes
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  friend bool operator==(const ProducerNumber&, const ProducerNumber&) = default;
};
inline constexpr std::size_t kProducerIdBytesMax = 128;

struct AcceptedEvent {
  Timestamp time;
  std::string kind;
  Bytes details;
  friend bool operator==(const AcceptedEvent&, const AcceptedEvent&) = default;
};

struct JournalEntry {
  struct Opening {
    std::string name;
    std::string content_type;
    std::string view;
    friend bool operator==(const Opening&, const Opening&) = default;
  };

  FeedId feed;
  FeedEpoch feed_epoch;
  Timestamp accepted;
  Version first_version;
  std::optional<Opening> opening;
  std::optional<ProducerNumber> producer;
  // Of the producer's request, events that an earlier life of this origin had sealed already (it lost its journal).
  std::uint32_t taken_before = 0;
  std::vector<AcceptedEvent> events;

  friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
  Version last_version() const { return Version(first_version.value + events.size() - 1); }
};

Bytes encode_journal_entry(const JournalEntry& entry);
Result<JournalEntry> decode_journal_entry(ByteView bytes);  // kCorrupt

}  // namespace xylem
