// One bucket's log: a window [floor, head] of records without holes, in segment files whose bytes are the frames of the
// wire (format: docs/spec.md §8). It loses whole segments at the front and nothing else.
//
//   writer thread:  append → (sync) → publish          readers, any thread:  window, runs, feeds
//
// Records become visible only by publish() (release); readers load with acquire and take no lock. Chunks of the hot tail and
// index blocks never move; what retention drops is freed after every LogReader has passed a quiescent point.
// Index: at most 16 bytes a record. It verifies nothing: callers hand over what a BucketChain accepted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "proto/record.h"
#include "proto/verify.h"
#include "relay/log/storage.h"

namespace xylem {

struct BucketLogOptions {
  std::uint64_t segment_bytes = 64 * kMiB;  // a segment is sealed when it would pass this
  std::uint64_t hot_bytes = 8 * kMiB;       // newest part kept in memory; whole chunks
  std::size_t chunk_bytes = 256 * kKiB;
  // Origin and `archive`: a damaged sealed segment is an error with file and offset. Else it is dropped with everything
  // below it, counted in RecoveryReport, and fetched again.
  bool keep_everything = false;
};

struct RecoveryReport {
  std::uint64_t records = 0;
  std::uint64_t cut_bytes = 0;         // torn tail
  std::uint64_t dropped_segments = 0;  // damaged, with those below
  std::string first_damage;            // file, offset, cause; empty when none
};

struct LogWindow {
  Epoch epoch;     // of the head record; 0 with nothing
  Seq floor{1};    // first seq held; head + 1 when none is
  Seq head;        // newest published
  Hash256 link{};  // of the head record: the next prev_record
  Timestamp origin_time;
};

// What the log knows of a feed. Seqs may lie below the floor for notices (kept apart) and are 0 where there is none.
struct FeedState {
  FeedEpoch epoch;
  Version first_version;  // first one held in the window of this feed epoch; last_version + 1 when none is
  Version last_version;   // newest published; 0 = none
  Seq newest_batch;
  Hash256 newest_batch_link{};
  Seq open, close, expire, erase, snapshot;
};

// Records [first, last] as contiguous bytes of memory. Valid until the reader's next quiescent().
struct HotRun {
  ByteView bytes;
  Seq first;
  Seq last;
};
// The same in a file; `file` may be kept as long as wanted (the name may be gone, the bytes are not).
struct ColdRun {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::size_t bytes = 0;
  Seq first;
  Seq last;
};

class BucketLog;

// A loop's way into one log; made and used by one thread. Holding views ends with quiescent(), which every loop calls once
// per turn, after its work.
class LogReader {
 public:
  explicit LogReader(BucketLog& log);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  LogWindow window() const;
  // From seq `from` (in the window) as many whole records as fit into bytes_max, at least one. Nothing when it is cold.
  std::optional<HotRun> hot_run(Seq from, std::size_t bytes_max) const;
  // The same from the segment files; kTooOld below the floor, kFromTheFuture above the head.
  Result<ColdRun> cold_run(Seq from, std::size_t bytes_max) const;
  // Seq of the first batch of the feed's present epoch that holds a version ≥ `version`; nothing when none is published yet
  // or it lies below the floor (FeedState tells which).
  std::optional<Seq> seq_of(FeedId feed, Version version) const;
  // The feed's next record (batch or notice) after `after`, within the window.
  std::optional<Seq> next_of_feed(FeedId feed, Seq after) const;
  std::optional<FeedState> feed(FeedId feed) const;
  // Frame of a notice kept below the floor (or in the window).
  Result<Bytes> notice(FeedId feed, RecordType type) const;
  // Chain position of a held record, from its header: for HAVE, cursors and verification from the middle. May read the file.
  Result<Bytes> header_at(Seq seq) const;
  std::uint64_t feed_count() const;

  void quiescent();

 private:
  BucketLog& log_;
  std::size_t slot_;
};

class BucketLog {
 public:
  // Recovers what lies in `folder` (spec §8): trusts footers, scans the open segment, cuts at the first bad frame. With
  // keep_everything damage gives kCorrupt with file and offset.
  static Result<std::unique_ptr<BucketLog>> open(Storage& storage, std::string folder, Bucket bucket,
                                                 const BucketLogOptions& options, RecoveryReport* report = nullptr);
  ~BucketLog();

  Bucket bucket() const;

  // --- writer thread ---
  // Verified records, in order, seq dense after the last appended. An empty log takes any first seq. All or nothing: after
  // an error the file is cut back to before the call (or, when even that fails, the log refuses appends until reopened).
  Result<void> append(std::span<const RecordView> records);
  Result<void> sync();  // everything appended is durable after it
  void publish();       // everything appended is visible after it
  // Of the last appended record, visible or not: where a BucketChain goes on.
  ChainPosition tail() const;
  // Drops whole sealed segments at the front until the log has at most bytes_max on disk (the open segment always stays).
  Result<std::uint64_t> retain(std::uint64_t bytes_max);  // bytes dropped
  // Removes everything: history was replaced by another epoch (spec §3). Readers see an empty window.
  Result<void> clear();
  // Frees what no reader can see any more. Cheap; called once per turn.
  void collect();

  std::uint64_t disk_bytes() const;
  std::uint64_t memory_bytes() const;

 private:
  friend class LogReader;
  class Impl;
  explicit BucketLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
