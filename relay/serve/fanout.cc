#include "relay/serve/fanout.h"

#include <algorithm>

namespace xylem {

namespace {

constexpr std::size_t kRunBytes = 256 * kKiB;

}  // namespace

const SharedBytes& LiveRecord::native() {
  if (native_.empty()) native_ = SharedBytes::copy_of(record_.frame);
  return native_;
}

const SharedBytes& LiveRun::native() {
  if (!native_.empty()) return native_;
  if (denied_.empty()) {
    native_ = SharedBytes::copy_of(run_.bytes);
  } else if (Result<Bytes> bytes = withhold_denied(run_.bytes, denied_)) {
    native_ = SharedBytes::adopt(std::move(*bytes));
  }
  return native_;
}

// splitmix64 over a seeded value: every bit of the feed and the seed reaches every bit of the result.
std::size_t BucketFanout::FeedHash::operator()(FeedId feed) const {
  std::uint64_t x = feed.value ^ seed;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<std::size_t>((x ^ (x >> 31)) + seed);
}

BucketFanout::BucketFanout(BucketLog& log, std::uint64_t hash_seed, std::vector<BucketFanout*>& in_use)
    : reader_(log), bucket_(log.bucket()), in_use_(in_use), feeds_(0, FeedHash{hash_seed}) {
  const LogWindow window = reader_.window();
  position_ = window.head;
  history_ = window.history;
}

BucketFanout::~BucketFanout() { XYLEM_ASSERT(feeds_.empty() && bucket_listeners_.empty()); }

const LogReader& BucketFanout::reader() {
  if (!used_) in_use_.push_back(this);
  used_ = true;
  return reader_;
}

void BucketFanout::attach(FeedId feed, LiveFeedListener& listener) { feeds_[feed].push_back(listener); }

void BucketFanout::detach(FeedId feed, LiveFeedListener& listener) {
  if (!listener.linked()) return;
  listener.unlink();
  const auto found = feeds_.find(feed);
  // A list that is being walked is erased by the walk.
  if (found != feeds_.end() && found->second.empty() && &found->second != walking_) feeds_.erase(found);
}

LogWindow BucketFanout::window() {
  const LogWindow window = reader_.window();
  if (window.history != history_) jump_to(window);
  return window;
}

std::uint64_t BucketFanout::walk(std::size_t bytes_max) {
  std::uint64_t records = 0;
  std::size_t bytes = 0;
  while (bytes < bytes_max) {
    const LogWindow window = this->window();
    if (window.head <= position_) return records;
    const std::optional<HotRun> run = reader().hot_run(position_.next(), kRunBytes);
    if (!run) {
      jump_to(window);
      return records;
    }
    records += walk_run(*run);
    bytes += run->bytes.size();
  }
  return records;
}

std::uint64_t BucketFanout::walk_run(const HotRun& run) {
  if (!bucket_listeners_.empty()) {
    LiveRun live(run, denied_);
    for (LiveBucketListener* next = bucket_listeners_.front(); next != nullptr;) {
      LiveBucketListener& listener = *next;
      next = bucket_listeners_.after(listener);
      listener.on_run(live);
    }
  }
  ByteView rest = run.bytes;
  while (!feeds_.empty() && !rest.empty()) {
    const std::optional<LogRecord> record = first_record(rest);
    XYLEM_ASSERT(record);  // memory that our own log verified
    rest = rest.subspan(record->frame.size());
    const auto found = feeds_.find(record->feed);
    if (found == feeds_.end()) continue;

    walking_ = &found->second;
    LiveRecord live(*record);
    for (LiveFeedListener* next = found->second.front(); next != nullptr;) {
      LiveFeedListener& listener = *next;
      next = found->second.after(listener);
      listener.on_record(live);
    }
    walking_ = nullptr;
    if (found->second.empty()) feeds_.erase(found);
  }
  position_ = run.last;
  return run.last.value - run.first.value + 1;
}

// Everybody attached is told, and finds an own place in the log.
void BucketFanout::jump_to(const LogWindow& window) {
  const Seq sent = position_;
  const bool replaced = window.history != history_;
  position_ = window.head;
  history_ = window.history;
  const auto tell = [&](auto& listener) { replaced ? listener.on_history_replaced() : listener.on_left_behind(sent); };
  auto feeds = std::move(feeds_);
  feeds_.clear();
  for (auto& [feed, listeners] : feeds) {
    while (LiveFeedListener* listener = listeners.pop_front()) tell(*listener);
  }
  while (LiveBucketListener* listener = bucket_listeners_.pop_front()) tell(*listener);
}

Result<Bytes> withhold_denied(ByteView records, const std::vector<FeedId>& denied) {
  Bytes out;
  out.reserve(records.size());
  while (!records.empty()) {
    const std::optional<LogRecord> record = first_record(records);
    if (!record) return fail(ErrorCode::kCorrupt, "record in the log");
    records = records.subspan(record->frame.size());
    if (!record->is_batch() || !std::ranges::binary_search(denied, record->feed)) {
      out.insert(out.end(), record->frame.begin(), record->frame.end());
      continue;
    }
    const Result<RecordView> view = parse_record(record->frame);
    if (!view) return fail(view.error());
    const Bytes withheld = withhold_record(*view);
    out.insert(out.end(), withheld.begin(), withheld.end());
  }
  return out;
}

}  // namespace xylem
