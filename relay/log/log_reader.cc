#include <fmt/format.h>

#include <algorithm>

#include "relay/log/bucket_log.h"
#include "relay/log/bucket_log_impl.h"

namespace xylem {
namespace {

// How many of the records from `entry` on, up to `end` (not included), fit into bytes_max; at least one.
std::size_t records_in(const RecordIndex& index, std::size_t entry, std::size_t end, std::size_t bytes_max) {
  const std::uint64_t begin = index.offset(entry);
  std::size_t fits = 1, too_many = end - entry + 1;
  while (too_many - fits > 1) {
    const std::size_t middle = fits + (too_many - fits) / 2;
    (index.offset(entry + middle) - begin <= bytes_max ? fits : too_many) = middle;
  }
  return fits;
}

Seq floor_of(const SegmentList& segments) {
  return segments.segments.empty() ? Seq(UINT64_MAX) : segments.segments.front()->first;
}

struct FoundFeed {
  const LogView* view;
  FeedRecord record;
};

// A feed's record may be newer than the view that was loaded before it: then there is a newer view, which has its
// segment.
template <typename LoadView>
std::optional<FoundFeed> find_feed(FeedId feed, LoadView load_view) {
  for (const LogView* view = load_view(); view != nullptr; view = load_view()) {
    const FeedEntry* entry = view->feeds->find(feed);
    if (entry == nullptr) return std::nullopt;
    const FeedRecord record = entry->record.read();
    if (record.newest == Seq()) return std::nullopt;
    if (record.newest < floor_of(*view->segments) || view->segments->published(record.newest)) {
      return FoundFeed{view, record};
    }
  }
  return std::nullopt;
}

// From the record's first byte on, all that follows in the same chunk of memory; nothing where it is cold. Chunks are
// of one segment each, and the view's newest may not be the log's newest any more.
std::optional<ByteView> hot_bytes(const LogView& view, const RecordPlace& place) {
  const Segment& segment = *place.segment;
  const HotChunk* chunk = view.hot->find(segment.first.plus(place.entry));
  if (chunk == nullptr || chunk->first < segment.first) return std::nullopt;
  const std::uint64_t begin = segment.index.offset(place.entry) - chunk->file_offset;
  const std::size_t committed = chunk->committed.load(std::memory_order_acquire);
  if (begin >= committed) return std::nullopt;
  return ByteView(chunk->data.get(), committed).subspan(static_cast<std::size_t>(begin));
}

// `count` bytes of a record from its beginning, or as many as it has.
Result<Bytes> read_record(const LogView& view, const RecordPlace& place, std::size_t count) {
  const RecordIndex& index = place.segment->index;
  const std::uint64_t begin = index.offset(place.entry);
  count = std::min(count, static_cast<std::size_t>(index.offset(place.entry + 1) - begin));
  if (const auto hot = hot_bytes(view, place)) {
    return Bytes(hot->begin(), hot->begin() + static_cast<std::ptrdiff_t>(count));
  }
  Bytes bytes(count);
  if (auto ok = read_exactly(*place.segment->file, begin, bytes); !ok) return fail(ok.error());
  return bytes;
}

tl::unexpected<Error> outside(Seq seq, const LogWindow& held) {
  if (seq > held.head) {
    return fail(ErrorCode::kFromTheFuture, fmt::format("seq {}, head {}", seq.value, held.head.value));
  }
  return fail(ErrorCode::kTooOld, fmt::format("seq {}, floor {}", seq.value, held.floor.value));
}

tl::unexpected<Error> was_cleared() { return fail(ErrorCode::kEpochChanged, "the log was cleared"); }

}  // namespace

LogReader::LogReader(BucketLog& log)
    : log_(log), slot_(log.impl_->reclaimer_.join()), history_(log.impl_->window_.read().history) {}

LogReader::~LogReader() { log_.impl_->reclaimer_.leave(slot_); }

void LogReader::quiescent() {
  if (!inside_) return;
  log_.impl_->reclaimer_.exit(slot_);
  inside_ = false;
}

// Nothing when the log was cleared since window() was asked.
const LogView* LogReader::view() const {
  if (!inside_) {
    log_.impl_->reclaimer_.enter(slot_);
    inside_ = true;
  }
  const LogView* view = log_.impl_->view_.load(std::memory_order_seq_cst);
  return view->history == history_ ? view : nullptr;
}

LogWindow LogReader::window() const {
  const LogWindow window = log_.impl_->window_.read();
  history_ = window.history;
  return window;
}

std::optional<HotRun> LogReader::hot_run(Seq from, std::size_t bytes_max) const {
  const LogView* view = this->view();
  const auto place = view == nullptr ? std::nullopt : view->segments->published(from);
  const auto hot = place ? hot_bytes(*view, *place) : std::nullopt;
  if (!hot) return std::nullopt;
  const RecordIndex& index = place->segment->index;
  const std::size_t count = records_in(index, place->entry, index.published(), std::min(bytes_max, hot->size()));
  const std::uint64_t bytes = index.offset(place->entry + count) - index.offset(place->entry);
  return HotRun{hot->first(static_cast<std::size_t>(bytes)), from, from.plus(count - 1)};
}

Result<ColdRun> LogReader::cold_run(Seq from, std::size_t bytes_max) const {
  const LogView* view = this->view();
  if (view == nullptr) return was_cleared();
  const auto place = view->segments->published(from);
  if (!place) return outside(from, log_.impl_->window_.read());
  const RecordIndex& index = place->segment->index;
  const std::size_t count = records_in(index, place->entry, index.published(), bytes_max);
  const std::uint64_t begin = index.offset(place->entry), end = index.offset(place->entry + count);
  return ColdRun{place->segment->file, begin, static_cast<std::size_t>(end - begin), from, from.plus(count - 1)};
}

std::optional<Seq> LogReader::seq_of(FeedId feed, Version version) const {
  const auto found = find_feed(feed, [this] { return view(); });
  if (!found || version > found->record.last_version) return std::nullopt;
  return batch_with(*found->view->segments, found->record, std::max(version, Version(1)));
}

std::optional<Seq> LogReader::next_of_feed(FeedId feed, Seq after) const {
  const auto found = find_feed(feed, [this] { return view(); });
  if (!found) return std::nullopt;
  return oldest_after(*found->view->segments, found->record.newest, after);
}

std::optional<LoggedFeed> LogReader::feed(FeedId feed) const {
  const auto found = find_feed(feed, [this] { return view(); });
  if (!found) return std::nullopt;
  const FeedRecord& record = found->record;
  return LoggedFeed{record.epoch,
                    first_version_held(*found->view->segments, record),
                    record.last_version,
                    record.newest_batch,
                    record.newest_batch_link,
                    record.open,
                    record.close,
                    record.expire,
                    record.erase,
                    record.snapshot};
}

Result<Bytes> LogReader::notice(FeedId feed, RecordType type) const {
  const auto found = find_feed(feed, [this] { return view(); });
  if (!found) return fail(ErrorCode::kUnknownFeed, fmt::format("feed {}", feed.value));
  const auto newest = newest_of(type);
  const Seq seq = newest == nullptr ? Seq() : found->record.*newest;
  if (seq == Seq()) return fail(ErrorCode::kNotHeld, fmt::format("feed {} has no such record", feed.value));
  if (const auto place = found->view->segments->published(seq)) {
    return read_record(*found->view, *place, kElidedRecordBytesMax);
  }
  const KeptRecord* kept = found->view->kept->find(seq);
  if (kept == nullptr) return fail(ErrorCode::kNotHeld, fmt::format("seq {} was not kept", seq.value));
  return found->view->kept->read(*kept);
}

Result<Bytes> LogReader::header_at(Seq seq) const {
  const LogView* view = this->view();
  if (view == nullptr) return was_cleared();
  const auto place = view->segments->published(seq);
  if (!place) return outside(seq, log_.impl_->window_.read());
  auto bytes = read_record(*view, *place, kEnvelopeBytes + kHeaderBytes + kHeaderExtensionBytesMax);
  if (!bytes) return bytes;
  const auto header = decode_header(ByteView(*bytes).subspan(kEnvelopeBytes));
  if (!header) return fail(ErrorCode::kCorrupt, fmt::format("seq {}: {}", seq.value, header.error().message()));
  return Bytes(header->all.begin(), header->all.end());
}

std::uint64_t LogReader::feed_count() const { return log_.impl_->feeds_.feed_count(); }

}  // namespace xylem
