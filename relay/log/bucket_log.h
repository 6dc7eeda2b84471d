// One bucket's log: a window [floor, head] of records without holes, in segment files whose bytes are the frames of the
// wire (format: docs/spec.md §8). It loses whole segments at the front and nothing else.
//
//   writer thread:  append → (sync) → publish          readers, any thread:  window, runs, feeds
//
// Records become visible only by publish() (release); readers load with acquire and take no lock. Chunks of the hot
// tail and index blocks never move; what retention drops is freed after every LogReader has passed a quiescent point.
// Index: at most 16 bytes a record, and some 200 bytes a feed. It verifies nothing: callers hand over what a
// BucketChain accepted.
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
  std::uint64_t segment_bytes = 64 * kMiB;  // a segment is sealed when it would pass this; at most 1 GiB
  std::uint64_t hot_bytes = 8 * kMiB;       // newest part kept in memory; whole chunks
  std::size_t chunk_bytes = 256 * kKiB;
  // What is kept of feeds below the floor (`notice`). The feeds that were quiet longest are forgotten when it is more.
  std::uint64_t kept_bytes_max = 64 * kMiB;
  // Origin and `archive`: a damaged sealed segment is an error with file and offset, nothing is ever dropped, and what
  // is cut from a torn tail stays beside it. Else a damaged segment is dropped with everything below it, counted in
  // RecoveryReport, and fetched again.
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
  std::uint64_t history = 0;  // another number after clear(): what was seen before does not go on here
};

// What the log knows of a feed since it was opened first, or opened again after an erasure (spec §1.4: otherwise
// versions go on in a new feed epoch). Seqs may lie below the floor, for notices and the newest batch (kept apart);
// they are 0 where there is none, or none that is known: a log that does not begin at seq 1 may not know of what came
// before it.
struct LoggedFeed {
  FeedEpoch epoch;        // of the newest record
  Version first_version;  // first one held in the window; last_version + 1 when none is
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
struct LogView;

// A loop's way into one log; made and used by one thread, gone before the log (at most 64 at a time). Holding views
// ends with quiescent(), which every loop calls once per turn, after its work.
//
// Answers are never older than the window() that this thread saw last, and may be newer: a seq that an index function
// gives may lie a little above its head. After clear() the history is another one: everything but window() then says
// that it has nothing (kEpochChanged) until window() was asked again.
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
  // Seq of the first batch of the feed's present history that holds a version ≥ `version`; nothing when none is
  // published yet or it lies below the floor (LoggedFeed tells which).
  std::optional<Seq> seq_of(FeedId feed, Version version) const;
  // The feed's next record (batch or notice) after `after`, within the window.
  std::optional<Seq> next_of_feed(FeedId feed, Seq after) const;
  std::optional<LoggedFeed> feed(FeedId feed) const;
  // Frame of the feed's newest notice of a type (not redaction) or its newest batch, also one below the floor; of a
  // batch below the floor only the header is kept, in form withheld. May read the file. kUnknownFeed; kNotHeld.
  Result<Bytes> notice(FeedId feed, RecordType type) const;
  // Header, signature and extensions of a held record: for HAVE, cursors and verification from the middle. May read the
  // file. kTooOld, kFromTheFuture.
  Result<Bytes> header_at(Seq seq) const;
  std::uint64_t feed_count() const;

  void quiescent();

 private:
  const LogView* view() const;

  BucketLog& log_;
  std::size_t slot_;
  mutable std::uint64_t history_;  // which one window() saw last
  mutable bool inside_ = false;    // views may be held
};

class BucketLog {
 public:
  // Recovers what lies in `folder` (spec §8): trusts footers, scans the open segment, cuts at the first bad frame. With
  // keep_everything damage gives kCorrupt with file and offset, and what is found is synced before it is visible.
  // kIo, kDiskFull: nothing was removed.
  static Result<std::unique_ptr<BucketLog>> open(Storage& storage, std::string folder, Bucket bucket,
                                                 const BucketLogOptions& options, RecoveryReport* report = nullptr);
  ~BucketLog();

  Bucket bucket() const;

  // --- writer thread ---
  // Where an operation fails in a way that leaves the files uncertain (a failed sync, first of all), the log refuses
  // all further changes with that error until it is opened again. What is published stays readable.

  // Verified records, in order, seq dense after the last appended; at most kChunkBytesMax. An empty log takes any first
  // seq. All or nothing: after an error the file is cut back to before the call. kDiskFull, kIo, kTooLarge, kWrongSeq.
  Result<void> append(std::span<const RecordView> records);
  // What append() of these adds to disk_bytes() at most.
  std::uint64_t append_bytes(std::span<const RecordView> records) const;

  Result<void> sync();  // everything appended is durable after it
  // The same with the waiting done elsewhere: begin_sync() on the writer's thread, run() on any thread while the writer
  // goes on, its outcome back through end_sync() on the writer's thread, then publish(up_to). At most one is under way.
  struct Sync {
    Seq up_to;
    std::function<Result<void>()> run;
  };
  Sync begin_sync();
  Result<void> end_sync(const Result<void>& outcome);

  void publish();           // everything appended is visible after it
  void publish(Seq up_to);  // the records up to this one

  // Of the last appended record, visible or not: where a BucketChain goes on.
  ChainPosition tail() const;

  // Seals the open segment where it has records; the next append begins a new one.
  Result<void> roll();
  bool can_roll() const;  // it has, and retain() could drop it then
  // Drops whole sealed segments at the front until the log has at most bytes_max on disk. The open segment always
  // stays, and one with records that are not published yet. With keep_everything it drops nothing.
  Result<std::uint64_t> retain(std::uint64_t bytes_max);  // bytes dropped
  // Removes everything: history was replaced by another epoch (spec §3). Readers see an empty window.
  Result<void> clear();

  // Gives up the oldest chunk of the hot tail: for a budget over several logs.
  void drop_hot_chunk();
  // Frees what no reader can see any more. Cheap; called once per turn.
  void collect();

  std::uint64_t disk_bytes() const;  // of all files, and what sealing the open segment will add
  bool can_drop() const;             // there is a segment that retain() may drop
  std::uint64_t hot_bytes() const;
  std::uint64_t memory_bytes() const;  // index, feeds, hot tail, and what waits to be freed

 private:
  friend class LogReader;
  class Impl;
  explicit BucketLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
