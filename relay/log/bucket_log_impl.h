// The inside of a BucketLog, for its own files: bucket_log.cc (writing), recovery.cc (opening), retention.cc
// (dropping), log_reader.cc (reading).
//
// All that readers look at hangs on one root, the LogView, which is replaced as a whole when a segment, a chunk, the
// feed table or the kept notices change; within it only counts grow: published records of a segment, feed records, the
// window. publish() stores them in this order, so what a reader learns from a later one it finds in the earlier ones.
#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "relay/log/bucket_log.h"
#include "relay/log/feed_table.h"
#include "relay/log/hot_tail.h"
#include "relay/log/kept_notices.h"
#include "relay/log/log_folder.h"
#include "relay/log/reclaimer.h"
#include "relay/log/segment_table.h"

namespace xylem {

struct LogView {
  std::shared_ptr<const SegmentList> segments;
  std::shared_ptr<const HotList> hot;
  std::shared_ptr<const FeedHash> feeds;
  std::shared_ptr<const KeptIndex> kept;
  std::uint64_t history = 0;  // how often the log was cleared
};

class BucketLog::Impl {
 public:
  Impl(Storage& storage, std::string folder, Bucket bucket, const BucketLogOptions& options);

  // recovery.cc: once, before anything else.
  Result<void> recover(RecoveryReport& report);

  // bucket_log.cc
  Result<void> append(std::span<const RecordView> records);
  Sync begin_sync();
  Result<void> end_sync(const Result<void>& outcome);
  void publish(Seq up_to);
  void show_window(const ChainPosition& head);
  Result<void> roll();
  bool can_roll() const;
  void drop_hot_chunk();
  void collect() { reclaimer_.collect(); }
  Seq floor() const;
  std::uint64_t disk_bytes() const;
  std::uint64_t memory_bytes() const;

  // retention.cc
  bool can_drop() const;
  Result<std::uint64_t> retain(std::uint64_t bytes_max);
  Result<void> clear();

 private:
  friend class BucketLog;
  friend class LogReader;

  // What is written into and not sealed yet; no segment where that is none.
  struct Open {
    std::shared_ptr<Segment> segment;
    std::size_t feed_rows = 0;      // of the footer to come, at most
    std::uint64_t durable_end = 0;  // of the file, so far as syncs have told
  };

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string path(const Segment& segment) const { return path(to_string(SegmentName{segment.first, segment.sealed})); }
  Result<void> check_group(std::span<const RecordView> records) const;
  std::size_t open_records_max() const;
  bool fits_into_open(std::size_t records, std::uint64_t bytes) const;
  Result<void> begin_segment(Seq first);
  Result<void> write_frames(std::span<const RecordView> records);
  void index_record(const RecordFacts& facts, std::size_t frame_bytes, const ChainPosition& position);
  void count_dead(const FeedRecord& before, const FeedRecord& after);
  Result<SegmentTable> table_of_open() const;
  Result<void> seal();
  // Files are not what they should be any more: what is neither durable nor visible is cut where that can be done, and
  // every further change is refused with this error.
  tl::unexpected<Error> give_up(const Error& error);
  void set_segments(std::vector<std::shared_ptr<Segment>> segments);
  void replace_view();

  // Loading: what lies in the folder, oldest first.
  struct Loading;
  Result<void> load(Loading& loading);
  Result<void> load_kept(Loading& loading);
  void forget_loaded(Loading& loading);
  Result<void> load_segment(Loading& loading, const SegmentName& name);
  Result<void> load_sealed(Loading& loading, const SegmentName& name, std::unique_ptr<File> file);
  Result<void> load_open(Loading& loading, const SegmentName& name, std::unique_ptr<File> file);
  Result<void> cut_tail(Loading& loading, const SegmentName& name, File& file, std::uint64_t end, const Error& cause);
  void add_loaded(Loading& loading, const SegmentName& name, std::unique_ptr<File> file, const SegmentTable& table);
  Result<void> tidy_up(Loading& loading);

  struct Keepsakes;
  Result<void> drop_front();
  Result<Keepsakes> keepsakes_of(const Segment& segment) const;
  Result<void> keep(const Keepsakes& keepsakes, Seq below);
  Result<void> compact_kept(const Keepsakes& keepsakes, Seq below);
  std::unordered_set<FeedId> quiet_feeds(const std::unordered_map<FeedId, std::uint64_t>& bytes);
  void forget_feeds(const std::unordered_set<FeedId>& feeds, Seq below);

  Storage& storage_;
  const std::string folder_;
  const Bucket bucket_;
  const BucketLogOptions options_;

  // Readers.
  Reclaimer reclaimer_;
  std::atomic<const LogView*> view_{nullptr};
  Published<LogWindow> window_;

  // Writer thread.
  std::shared_ptr<const LogView> present_view_;  // what view_ points to
  std::shared_ptr<const SegmentList> segments_;
  Open open_;
  HotTail hot_;
  std::uint64_t dropped_bytes_ = 0;  // of chunks and segments that the present view still holds
  FeedTable feeds_;
  KeptNotices kept_;
  std::size_t dead_kept_ = 0;  // kept records whose feed has a newer one
  ChainPosition tail_;
  std::deque<ChainPosition> unpublished_;  // of each record appended and not published
  std::uint64_t sealed_bytes_ = 0;         // files of sealed segments
  std::uint64_t history_ = 0;
  std::uint64_t sync_end_ = 0;  // of the sync under way: where in which segment
  Seq sync_segment_;
  std::optional<Error> broken_;
};

}  // namespace xylem
