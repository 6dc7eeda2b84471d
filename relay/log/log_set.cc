#include "relay/log/log_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/log/log_folder.h"

namespace xylem {
namespace {

// Under a cap the open segments, which cannot be dropped, take at most an eighth of it, and so do the kept notices.
constexpr std::uint64_t kCapShare = 8;
constexpr std::uint64_t kSegmentBytesMin = 64 * kKiB;
constexpr std::size_t kChunkBytesMin = 4 * kKiB;

BucketLogOptions options_for_each(const LogSetOptions& options, std::uint32_t logs) {
  BucketLogOptions each = options.log;
  if (options.disk_bytes_max > 0) {
    const std::uint64_t share = options.disk_bytes_max / kCapShare / logs;
    each.segment_bytes = std::min(each.segment_bytes, std::max(share, kSegmentBytesMin));
    each.kept_bytes_max = std::min(each.kept_bytes_max, share);
  }
  // Every log holds at least the chunk it writes into: together at most half of the budget.
  each.hot_bytes = options.hot_bytes_max;
  const auto chunk = static_cast<std::size_t>(options.hot_bytes_max / 2 / logs);
  each.chunk_bytes = std::clamp(chunk, kChunkBytesMin, std::max(each.chunk_bytes, kChunkBytesMin));
  return each;
}

}  // namespace

Result<std::unique_ptr<LogSet>> LogSet::open(Storage& storage, BucketRange range, const LogSetOptions& options,
                                             std::map<Bucket, RecoveryReport>* reports) {
  LogSetOptions own = options;
  own.log = options_for_each(options, range.size());
  std::unique_ptr<LogSet> set(new LogSet(range, own));
  for (std::uint32_t value = range.first.value; value <= range.last.value; ++value) {
    const Bucket bucket(static_cast<std::uint16_t>(value));
    RecoveryReport report;
    auto log = BucketLog::open(storage, bucket_folder(bucket), bucket, own.log, &report);
    if (!log) return fail(log.error());
    set->logs_.emplace(bucket, std::move(*log));
    if (reports != nullptr) reports->emplace(bucket, std::move(report));
  }
  if (auto ok = set->make_room(0); !ok && ok.error().code != ErrorCode::kDiskFull) return fail(ok.error());
  return set;
}

LogSet::~LogSet() = default;

BucketLog& LogSet::of(Bucket bucket) {
  const auto found = logs_.find(bucket);
  XYLEM_ASSERT(found != logs_.end());
  return *found->second;
}

Result<void> LogSet::append(Bucket bucket, std::span<const RecordView> records) {
  BucketLog& log = of(bucket);
  if (auto ok = make_room(log.append_bytes(records)); !ok) return ok;
  auto appended = log.append(records);
  limit_hot();
  return appended;
}

// What a log keeps of its feeds is written before its segment is removed, and a compaction writes it a second time: for
// both there is always room for one log's share.
Result<void> LogSet::make_room(std::uint64_t bytes) {
  const std::uint64_t cap = options_.disk_bytes_max;
  if (cap == 0) return {};
  const std::uint64_t reserve = options_.log.keep_everything ? 0 : options_.log.kept_bytes_max;
  while (disk_bytes() + bytes + reserve > cap) {
    if (BucketLog* log = largest([](const BucketLog& each) { return each.can_drop(); })) {
      if (auto ok = log->retain(log->disk_bytes() - 1); !ok) return fail(ok.error());
    } else if (BucketLog* open = largest([](const BucketLog& each) { return each.can_roll(); })) {
      if (auto ok = open->roll(); !ok) return ok;
    } else {
      return fail(ErrorCode::kDiskFull,
                  fmt::format("{} bytes are used of {}, and {} more are needed", disk_bytes(), cap, bytes + reserve));
    }
  }
  return {};
}

BucketLog* LogSet::largest(const std::function<bool(const BucketLog&)>& fits) const {
  BucketLog* found = nullptr;
  for (const auto& [bucket, log] : logs_) {
    if (fits(*log) && (found == nullptr || log->disk_bytes() > found->disk_bytes())) found = log.get();
  }
  return found;
}

void LogSet::limit_hot() {
  std::uint64_t sum = 0;
  for (const auto& [bucket, log] : logs_) sum += log->hot_bytes();
  while (sum > options_.hot_bytes_max) {
    BucketLog* most = nullptr;
    for (const auto& [bucket, log] : logs_) {
      if (most == nullptr || log->hot_bytes() > most->hot_bytes()) most = log.get();
    }
    sum -= most->hot_bytes();
    most->drop_hot_chunk();
    sum += most->hot_bytes();
  }
}

void LogSet::collect() {
  for (const auto& [bucket, log] : logs_) log->collect();
}

std::uint64_t LogSet::disk_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [bucket, log] : logs_) sum += log->disk_bytes();
  return sum;
}

std::uint64_t LogSet::memory_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [bucket, log] : logs_) sum += log->memory_bytes();
  return sum;
}

}  // namespace xylem
