// A node's logs: one BucketLog for each bucket it owns, one disk cap and one memory budget over all of them.
// Folders: b00005/ for bucket 5. Writer thread only, but for of() once opened.
#pragma once

#include <map>
#include <memory>

#include "relay/log/bucket_log.h"

namespace xylem {

struct LogSetOptions {
  BucketLogOptions log;                     // under a cap segments are shorter; hot_bytes is hot_bytes_max
  std::uint64_t disk_bytes_max = 0;         // hard cap over all buckets; 0 = none
  std::uint64_t hot_bytes_max = 64 * kMiB;  // over all buckets
};

class LogSet {
 public:
  // After it the logs stand below the cap, where anything could go.
  static Result<std::unique_ptr<LogSet>> open(Storage& storage, BucketRange range, const LogSetOptions& options,
                                              std::map<Bucket, RecoveryReport>* reports = nullptr);
  ~LogSet();

  BucketRange range() const { return range_; }
  BucketLog& of(Bucket bucket);  // must be in the range
  // Appends, and before it makes room under the cap by dropping the oldest segments of the largest logs. kDiskFull when
  // the cap leaves no room even so: with keep_everything, or as long as what could go is not published yet.
  Result<void> append(Bucket bucket, std::span<const RecordView> records);
  void collect();
  std::uint64_t disk_bytes() const;
  std::uint64_t memory_bytes() const;

 private:
  LogSet(BucketRange range, const LogSetOptions& options) : range_(range), options_(options) {}
  Result<void> make_room(std::uint64_t bytes);
  BucketLog* largest(const std::function<bool(const BucketLog&)>& fits) const;
  void limit_hot();

  BucketRange range_;
  LogSetOptions options_;
  std::map<Bucket, std::unique_ptr<BucketLog>> logs_;
};

}  // namespace xylem
