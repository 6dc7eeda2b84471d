// The zone that every test vector and every example of docs/spec.md is made of: fixed keys, one manifest, and the whole
// log of bucket 5 with one feed in it. Nothing is random and nothing asks a clock, so the bytes are always the same.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/beacon.h"
#include "proto/directory.h"
#include "proto/manifest.h"
#include "proto/record.h"

namespace xylem::example {

inline constexpr std::uint64_t kEpochMs = 1'700'000'000'000;  // 2023-11-14T22:13:20Z
inline constexpr Epoch kEpoch{kEpochMs};
inline constexpr FeedEpoch kFeedEpoch{kEpochMs + 1000};
inline constexpr FeedId kFeed{31337};
inline constexpr Bucket kBucket{5};

// A key whose seed is 32 times the same byte.
SigningKey key_of(std::uint8_t seed_byte);
SigningKey root_key();           // 01
SigningKey origin_key();         // 02: buckets 1-6
SigningKey second_origin_key();  // 03: buckets 7-12
SigningKey directory_key();      // 04
SigningKey relay_key();          // 05
SigningKey parent_key();         // 06
ZoneId zone();

Manifest manifest();
Directory directory();
Beacon beacon();  // of the log's head, signed

Salt salt_of(std::uint8_t first);  // 16 bytes: first, first + 1, …

// The log of bucket 5: open, batch 1 (versions 1 and 2), batch 2 (version 3), snapshot, redaction of version 1, close,
// expire, erase. Seqs 1 to 8.
struct Log {
  std::vector<SealedRecord> records;

  const Bytes& open() const { return records[0].frame; }
  const Bytes& batch_1() const { return records[1].frame; }
  const Bytes& batch_2() const { return records[2].frame; }
  const Bytes& snapshot() const { return records[3].frame; }
  const Bytes& redaction() const { return records[4].frame; }
  const Bytes& close() const { return records[5].frame; }
  const Bytes& expire() const { return records[6].frame; }
  const Bytes& erase() const { return records[7].frame; }
};
Log log();
std::vector<Event> events_of_batch_1();
std::vector<Event> events_of_batch_2();
OpenNotice opening();
RedactionNotice redaction();

// Batch 1 without version 1, under the redaction at seq 5; and batch 1 as a node that withholds it sends it.
Bytes elided_batch_1();
Bytes withheld_batch_1();

}  // namespace xylem::example
