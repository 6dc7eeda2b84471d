// What a log gives up: its oldest segment, what is kept of feeds, or everything (spec §8, "Retention").
#include <algorithm>
#include <utility>

#include "relay/log/bucket_log_impl.h"

namespace xylem {

// What must stay known of the feeds when a segment goes, ascending by seq.
struct BucketLog::Impl::Keepsakes {
  std::vector<Bytes> frames;
  std::vector<FeedId> feeds;  // of each frame
  std::uint64_t bytes = 0;
};

bool BucketLog::Impl::can_drop() const {
  if (options_.keep_everything || segments_->segments.empty()) return false;
  const Segment& front = *segments_->segments.front();
  return front.sealed && front.index.published() == front.index.size();
}

Result<std::uint64_t> BucketLog::Impl::retain(std::uint64_t bytes_max) {
  if (broken_) return fail(*broken_);
  const std::uint64_t before = disk_bytes();
  while (disk_bytes() > bytes_max && can_drop()) {
    if (auto ok = drop_front(); !ok) return fail(ok.error());
  }
  return before - std::min(before, disk_bytes());
}

Result<void> BucketLog::Impl::drop_front() {
  const std::shared_ptr<Segment> segment = segments_->segments.front();
  const Seq below = segment->next();
  if (kept_.below() < below) {
    const auto keepsakes = keepsakes_of(*segment);
    if (!keepsakes && keepsakes.error().code != ErrorCode::kCorrupt) return fail(keepsakes.error());
    // A damaged segment may have held newer notices than those that are kept: better none than one that is out of date.
    const auto kept = keepsakes ? keep(*keepsakes, below) : kept_.remove();
    if (!kept) return kept_.uncertain() ? give_up(kept.error()) : fail(kept.error());
  }
  if (auto ok = storage_.remove(path(*segment)); !ok && ok.error().code != ErrorCode::kNotFound) return ok;

  LogWindow shrunk = window_.read();
  shrunk.floor = below;
  window_.write(shrunk);
  sealed_bytes_ -= segment->file->size();
  dropped_bytes_ += sizeof(Segment) + segment->index.memory_bytes() + hot_.drop_below(below);
  const auto& all = segments_->segments;
  set_segments({all.begin() + 1, all.end()});
  return {};
}

// Every record of the segment that is the newest of its type in its feed.
Result<BucketLog::Impl::Keepsakes> BucketLog::Impl::keepsakes_of(const Segment& segment) const {
  const auto table = read_footer(*segment.file, bucket_, segment.first);
  if (!table) return fail(table.error());
  Keepsakes found;
  for (std::size_t i = 0; i < table->records.size(); ++i) {
    const RecordRow& record = table->records[i];
    const auto feed = feeds_.find(table->feeds[record.feed_row].feed);
    const auto newest = newest_of(record.type);
    if (newest == nullptr || !feed || (*feed).*newest != segment.first.plus(i)) continue;
    Bytes frame(record.frame_bytes);
    if (auto ok = read_exactly(*segment.file, segment.index.offset(i), frame); !ok) return fail(ok.error());
    const auto view = parse_record(frame);
    if (!view) return fail(ErrorCode::kCorrupt, view.error().detail);
    found.frames.push_back(record.type == RecordType::batch ? withhold_record(*view) : frame);
    found.feeds.push_back(view->header().feed);
    found.bytes += found.frames.back().size();
  }
  return found;
}

Result<void> BucketLog::Impl::keep(const Keepsakes& keepsakes, Seq below) {
  const bool many_dead = dead_kept_ > 64 && dead_kept_ * 2 > kept_.index()->records.size();
  if (many_dead || kept_.bytes() + keepsakes.bytes + kKeptMarkBytes > options_.kept_bytes_max) {
    return compact_kept(keepsakes, below);
  }
  return kept_.add(keepsakes.frames, below);
}

// Without the dead; and where that is still too much, without the feeds that were quiet longest.
Result<void> BucketLog::Impl::compact_kept(const Keepsakes& keepsakes, Seq below) {
  std::vector<KeptRecord> survivors;
  std::unordered_map<FeedId, std::uint64_t> bytes;
  for (const KeptRecord& kept : kept_.index()->records) {
    const auto feed = feeds_.find(kept.feed);
    if (!feed || (*feed).*newest_of(kept.type) != kept.seq) continue;
    survivors.push_back(kept);
    bytes[kept.feed] += kept.frame_bytes;
  }
  for (std::size_t i = 0; i < keepsakes.frames.size(); ++i) bytes[keepsakes.feeds[i]] += keepsakes.frames[i].size();

  const std::unordered_set<FeedId> quiet = quiet_feeds(bytes);
  std::erase_if(survivors, [&](const KeptRecord& kept) { return quiet.contains(kept.feed); });
  std::vector<Bytes> frames;
  for (std::size_t i = 0; i < keepsakes.frames.size(); ++i) {
    if (!quiet.contains(keepsakes.feeds[i])) frames.push_back(keepsakes.frames[i]);
  }
  if (auto ok = kept_.rewrite(survivors, frames, below); !ok) return ok;
  dead_kept_ = 0;
  forget_feeds(quiet, below);
  return {};
}

// Those that must go so that the others take at most three quarters of what is allowed; none when all fit. A feed with
// changes that wait to be published is surely not quiet.
std::unordered_set<FeedId> BucketLog::Impl::quiet_feeds(const std::unordered_map<FeedId, std::uint64_t>& bytes) {
  std::uint64_t sum = kKeptMarkBytes;
  std::vector<std::pair<Seq, FeedId>> by_age;
  for (const auto& [feed, share] : bytes) {
    sum += share;
    const FeedEntry& entry = feeds_.entry(feed);
    if (entry.change == 0) by_age.emplace_back(feeds_.record(entry).newest, feed);
  }
  std::unordered_set<FeedId> quiet;
  if (sum <= options_.kept_bytes_max) return quiet;
  std::sort(by_age.begin(), by_age.end());
  for (const auto& [newest, feed] : by_age) {
    if (sum <= options_.kept_bytes_max * 3 / 4) break;
    sum -= bytes.at(feed);
    quiet.insert(feed);
  }
  return quiet;
}

// Their notices are gone; feeds of which nothing is left are not known any more.
void BucketLog::Impl::forget_feeds(const std::unordered_set<FeedId>& feeds, Seq below) {
  const auto lose = [below](Seq& seq) {
    if (seq < below) seq = Seq();
  };
  for (const FeedId id : feeds) {
    FeedEntry& entry = feeds_.entry(id);
    FeedRecord feed = entry.record.read();
    for (Seq FeedRecord::* newest : {&FeedRecord::newest_batch, &FeedRecord::open, &FeedRecord::close,
                                     &FeedRecord::expire, &FeedRecord::erase, &FeedRecord::snapshot}) {
      lose(feed.*newest);
    }
    if (feed.newest_batch == Seq()) feed.newest_batch_link = {};
    feeds_.amend(entry, feed);
  }
  if (feeds.empty() || feeds_.has_waiting_changes()) return;
  feeds_.keep_only([below](const FeedRecord& feed) {
    const Seq any = std::max({feed.newest_batch, feed.open, feed.close, feed.expire, feed.erase, feed.snapshot});
    return feed.newest >= below || any != Seq();
  });
}

// First what is kept, for it must not outlive the history it belongs to; then from the oldest on, so that what a crash
// leaves is a window without holes.
Result<void> BucketLog::Impl::clear() {
  if (broken_) return fail(*broken_);
  if (auto ok = kept_.remove(); !ok) return give_up(ok.error());
  for (const auto& segment : segments_->segments) {
    if (auto ok = storage_.remove(path(*segment)); !ok && ok.error().code != ErrorCode::kNotFound) {
      return give_up(ok.error());
    }
  }
  if (auto ok = storage_.sync_folder(folder_); !ok) return give_up(ok.error());
  for (const auto& segment : segments_->segments) dropped_bytes_ += segment->index.memory_bytes();
  dropped_bytes_ += hot_.clear() + feeds_.memory_bytes();
  open_ = {};
  feeds_.clear();
  unpublished_.clear();
  tail_ = {};
  dead_kept_ = 0;
  sealed_bytes_ = 0;
  ++history_;
  set_segments({});
  show_window({});
  return {};
}

}  // namespace xylem
