#include "relay/log/bucket_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/log/bucket_log_impl.h"
#include "relay/log/record_file.h"

namespace xylem {
namespace {

constexpr std::size_t kFrameBytesMin = kEnvelopeBytes + kHeaderBytes;

std::uint64_t bytes_of(std::span<const RecordView> records) {
  std::uint64_t sum = 0;
  for (const RecordView& record : records) sum += record.frame.size();
  return sum;
}

// The next record carries a record's link, so only the last of a group must be hashed.
Hash256 link_in(std::span<const RecordView> records, std::size_t i) {
  return i + 1 < records.size() ? records[i + 1].header().prev_record : link_of(records[i].decoded);
}

}  // namespace

BucketLog::Impl::Impl(Storage& storage, std::string folder, Bucket bucket, const BucketLogOptions& options)
    : storage_(storage),
      folder_(std::move(folder)),
      bucket_(bucket),
      options_(options),
      segments_(std::make_shared<SegmentList>()),
      hot_(options.chunk_bytes),
      kept_(storage, path(kKeptName)) {
  replace_view();
}

Seq BucketLog::Impl::floor() const {
  return segments_->segments.empty() ? tail_.seq.next() : segments_->segments.front()->first;
}

Result<void> BucketLog::Impl::check_group(std::span<const RecordView> records) const {
  Seq expected = tail_.held ? tail_.seq.next() : records.front().header().seq;
  if (expected == Seq()) return fail(ErrorCode::kWrongSeq, "seq 0");
  for (const RecordView& record : records) {
    if (record.header().seq != expected) {
      return fail(ErrorCode::kWrongSeq, fmt::format("seq {}, expected {}", record.header().seq.value, expected.value));
    }
    expected = expected.next();
  }
  const std::uint64_t bytes = bytes_of(records);
  if (bytes > kChunkBytesMax) {
    return fail(ErrorCode::kTooLarge, fmt::format("group of {} bytes, at most {}", bytes, kChunkBytesMax));
  }
  return {};
}

// What a segment may hold when the last group has made it as long as it can be.
std::size_t BucketLog::Impl::open_records_max() const {
  return static_cast<std::size_t>((options_.segment_bytes + kChunkBytesMax) / kFrameBytesMin + 1);
}

bool BucketLog::Impl::fits_into_open(std::size_t records, std::uint64_t bytes) const {
  const RecordIndex& index = open_.segment->index;
  if (index.size() == 0) return true;
  return open_.segment->frames_bytes() + bytes <= options_.segment_bytes && index.room() >= records;
}

Result<void> BucketLog::Impl::append(std::span<const RecordView> records) {
  if (broken_) return fail(*broken_);
  if (records.empty()) return {};
  if (auto ok = check_group(records); !ok) return ok;
  if (open_.segment && !fits_into_open(records.size(), bytes_of(records))) {
    if (auto ok = roll(); !ok) return ok;
  }
  const Seq first = records.front().header().seq;
  if (!open_.segment || open_.segment->next() != first) {
    if (auto ok = begin_segment(first); !ok) return ok;
  }
  if (auto ok = write_frames(records); !ok) return ok;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordHeader& header = records[i].header();
    index_record(facts_of(header), records[i].frame.size(),
                 {true, header.epoch, header.seq, link_in(records, i), header.origin_time});
  }
  if (feeds_.hash() != present_view_->feeds || hot_.list() != present_view_->hot) replace_view();
  return {};
}

// An open segment that is not the right one holds no record: the log is empty, and its first append failed.
Result<void> BucketLog::Impl::begin_segment(Seq first) {
  std::vector<std::shared_ptr<Segment>> segments = segments_->segments;
  if (open_.segment) {
    if (auto ok = storage_.remove(path(*open_.segment)); !ok && ok.error().code != ErrorCode::kNotFound) return ok;
    segments.pop_back();
    open_ = {};
    set_segments(segments);
  }
  const std::string name = path(to_string(SegmentName{first, false}));
  auto file = storage_.create(name);
  if (!file) {
    static_cast<void>(storage_.remove(name));
    return fail(file.error());
  }
  if (auto ok = storage_.sync_folder(folder_); !ok) return give_up(ok.error());
  open_.segment = std::make_shared<Segment>(first, std::move(*file), open_records_max());
  segments.push_back(open_.segment);
  set_segments(std::move(segments));
  return {};
}

Result<void> BucketLog::Impl::write_frames(std::span<const RecordView> records) {
  File& file = *open_.segment->file;
  const std::uint64_t before = open_.segment->frames_bytes();
  std::uint64_t offset = before;
  for (const RecordView& record : records) {
    hot_.stage(record.frame, record.header().seq, offset, offset == 0);
    offset += record.frame.size();
  }
  for (const ByteView piece : hot_.staged()) {
    const auto written = file.append(piece);
    if (written) continue;
    hot_.discard();
    if (!file.truncate(before)) return give_up(written.error());
    return written;
  }
  hot_.commit();
  while (hot_.bytes() > options_.hot_bytes && hot_.list()->chunks.size() > 1) dropped_bytes_ += hot_.drop_oldest();
  return {};
}

void BucketLog::Impl::index_record(const RecordFacts& facts, std::size_t frame_bytes, const ChainPosition& position) {
  FeedEntry& entry = feeds_.entry(facts.feed);
  const FeedRecord before = feeds_.record(entry);
  const bool batch = facts.type == RecordType::batch;
  const bool row_goes_on = entry.counted_in_segment == open_.segment->first.value && before.epoch == facts.feed_epoch &&
                           (!batch || facts.first_version == before.last_version.next());
  if (!row_goes_on) ++open_.feed_rows;
  entry.counted_in_segment = open_.segment->first.value;

  FeedRecord after = before;
  const ChainLinks links = add_to_chain(*segments_, after, facts);
  if (batch) after.newest_batch_link = position.link;
  open_.segment->index.append(frame_bytes, links);
  if (!kept_.index()->records.empty()) count_dead(before, after);
  feeds_.change(entry, facts.seq, after);
  tail_ = position;
  unpublished_.push_back(position);
}

void BucketLog::Impl::count_dead(const FeedRecord& before, const FeedRecord& after) {
  for (int type = static_cast<int>(RecordType::batch); type <= static_cast<int>(RecordType::snapshot); ++type) {
    const auto newest = newest_of(static_cast<RecordType>(type));
    const bool was_kept = before.*newest != Seq() && before.*newest < floor();
    if (was_kept && before.*newest != after.*newest) ++dead_kept_;
  }
}

BucketLog::Sync BucketLog::Impl::begin_sync() {
  if (!open_.segment || broken_) {
    sync_segment_ = Seq();
    return {tail_.seq, [broken = broken_]() -> Result<void> {
              if (broken) return fail(*broken);
              return {};
            }};
  }
  sync_segment_ = open_.segment->first;
  sync_end_ = open_.segment->frames_bytes();
  return {tail_.seq, [file = open_.segment->file] { return file->sync(); }};
}

Result<void> BucketLog::Impl::end_sync(const Result<void>& outcome) {
  if (broken_) return fail(*broken_);
  if (!outcome) return give_up(outcome.error());
  if (open_.segment && open_.segment->first == sync_segment_) {
    open_.durable_end = std::max(open_.durable_end, sync_end_);
  }
  return {};
}

void BucketLog::Impl::publish(Seq up_to) {
  if (broken_ || unpublished_.empty() || up_to < unpublished_.front().seq) return;
  const auto& all = segments_->segments;
  for (auto segment = all.rbegin(); segment != all.rend(); ++segment) {
    RecordIndex& index = (*segment)->index;
    if (index.published() == index.size() && index.size() > 0) break;
    if (up_to < (*segment)->first) continue;
    index.publish(std::min<std::uint64_t>(index.size(), up_to.value - (*segment)->first.value + 1));
  }
  feeds_.publish(up_to);
  ChainPosition head;
  for (; !unpublished_.empty() && unpublished_.front().seq <= up_to; unpublished_.pop_front()) {
    head = unpublished_.front();
  }
  show_window(head);
}

void BucketLog::Impl::show_window(const ChainPosition& head) {
  window_.write({head.epoch, floor(), head.seq, head.link, head.origin_time, history_});
}

Result<void> BucketLog::Impl::roll() {
  if (broken_) return fail(*broken_);
  if (!open_.segment || open_.segment->index.size() == 0) return {};
  return seal();
}

bool BucketLog::Impl::can_roll() const {
  if (options_.keep_everything || broken_ || !open_.segment) return false;
  const RecordIndex& index = open_.segment->index;
  return index.size() > 0 && index.published() == index.size();
}

// Read back from the file: a footer vouches for what is there, not for what was meant to be.
Result<SegmentTable> BucketLog::Impl::table_of_open() const {
  const Segment& segment = *open_.segment;
  RecordFile records(*segment.file, 0, segment.frames_bytes());
  SegmentTableBuilder builder(bucket_, segment.first);
  auto record = records.next();
  for (; record && *record; record = records.next()) builder.add(**record);
  if (!record) return fail(record.error().code, fmt::format("{} {}", path(segment), record.error().detail));
  builder.set_link(tail_.link);
  SegmentTable table = builder.take();
  if (table.next() != segment.next() || table.epoch != tail_.epoch) {
    return fail(ErrorCode::kCorrupt, fmt::format("{}: not the records that were written", path(segment)));
  }
  for (FeedRow& row : table.feeds) {
    if (row.newest_batch == Seq() || row.newest_batch == tail_.seq) continue;
    const auto feed = feeds_.find(row.feed);
    if (feed && feed->newest_batch == row.newest_batch) {
      row.link = feed->newest_batch_link;
      continue;
    }
    const std::uint64_t begin =
        segment.index.offset(static_cast<std::size_t>(row.newest_batch.value - segment.first.value));
    RecordFile again(*segment.file, begin, segment.frames_bytes());
    const auto batch = again.next();
    if (!batch) return fail(batch.error());
    row.link = link_of((*batch)->decoded);
  }
  return table;
}

Result<void> BucketLog::Impl::seal() {
  Segment& segment = *open_.segment;
  const auto table = table_of_open();
  if (!table) return give_up(table.error());
  if (auto ok = segment.file->append(encode_footer(*table)); !ok) {
    if (!segment.file->truncate(segment.frames_bytes())) return give_up(ok.error());
    return ok;
  }
  if (auto ok = segment.file->sync(); !ok) return give_up(ok.error());
  open_.durable_end = segment.file->size();  // a rename that fails may have happened: the footer must stay
  const std::string sealed_name = path(to_string(SegmentName{segment.first, true}));
  if (auto ok = storage_.rename(path(segment), sealed_name); !ok) return give_up(ok.error());
  segment.sealed = true;
  sealed_bytes_ += segment.file->size();
  open_ = {};
  return {};
}

tl::unexpected<Error> BucketLog::Impl::give_up(const Error& error) {
  if (open_.segment) {
    const RecordIndex& index = open_.segment->index;
    const std::uint64_t good = std::max(open_.durable_end, index.offset(index.published()));
    static_cast<void>(open_.segment->file->truncate(good));
  }
  broken_ = Error{error.code, fmt::format("{} (the log must be opened again)", error.detail)};
  return fail(*broken_);
}

void BucketLog::Impl::set_segments(std::vector<std::shared_ptr<Segment>> segments) {
  auto list = std::make_shared<SegmentList>();
  list->segments = std::move(segments);
  segments_ = std::move(list);
  replace_view();
}

void BucketLog::Impl::replace_view() {
  auto view = std::make_shared<const LogView>(LogView{segments_, hot_.list(), feeds_.hash(), kept_.index(), history_});
  view_.store(view.get(), std::memory_order_seq_cst);
  std::swap(present_view_, view);
  if (view == nullptr) return;
  if (view->feeds != present_view_->feeds) dropped_bytes_ += view->feeds->slots() * sizeof(void*);
  reclaimer_.retire(std::move(view), std::exchange(dropped_bytes_, 0));
}

void BucketLog::Impl::drop_hot_chunk() {
  dropped_bytes_ += hot_.drop_oldest();
  if (hot_.list() != present_view_->hot) replace_view();
}

std::uint64_t BucketLog::Impl::disk_bytes() const {
  std::uint64_t open_bytes = 0;
  if (open_.segment && open_.segment->index.size() > 0) {
    open_bytes = open_.segment->frames_bytes() + footer_bytes(open_.feed_rows, open_.segment->index.size());
  }
  return sealed_bytes_ + open_bytes + kept_.bytes();
}

std::uint64_t BucketLog::Impl::memory_bytes() const {
  std::uint64_t sum = hot_.bytes() + feeds_.memory_bytes() + kept_.memory_bytes() + reclaimer_.retired_bytes() +
                      unpublished_.size() * sizeof(ChainPosition);
  for (const auto& segment : segments_->segments) sum += sizeof(Segment) + segment->index.memory_bytes();
  return sum;
}

BucketLog::BucketLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BucketLog::~BucketLog() = default;

Bucket BucketLog::bucket() const { return impl_->bucket_; }
Result<void> BucketLog::append(std::span<const RecordView> records) { return impl_->append(records); }
std::uint64_t BucketLog::append_bytes(std::span<const RecordView> records) const {
  return bytes_of(records) + footer_bytes(records.size(), records.size());
}
Result<void> BucketLog::sync() {
  const Sync sync = begin_sync();
  return end_sync(sync.run());
}
BucketLog::Sync BucketLog::begin_sync() { return impl_->begin_sync(); }
Result<void> BucketLog::end_sync(const Result<void>& outcome) { return impl_->end_sync(outcome); }
void BucketLog::publish() { impl_->publish(impl_->tail_.seq); }
void BucketLog::publish(Seq up_to) { impl_->publish(up_to); }
ChainPosition BucketLog::tail() const { return impl_->tail_; }
Result<void> BucketLog::roll() { return impl_->roll(); }
bool BucketLog::can_roll() const { return impl_->can_roll(); }
Result<std::uint64_t> BucketLog::retain(std::uint64_t bytes_max) { return impl_->retain(bytes_max); }
Result<void> BucketLog::clear() { return impl_->clear(); }
void BucketLog::drop_hot_chunk() { impl_->drop_hot_chunk(); }
void BucketLog::collect() { impl_->collect(); }
std::uint64_t BucketLog::disk_bytes() const { return impl_->disk_bytes(); }
bool BucketLog::can_drop() const { return impl_->can_drop(); }
std::uint64_t BucketLog::hot_bytes() const { return impl_->hot_.bytes(); }
std::uint64_t BucketLog::memory_bytes() const { return impl_->memory_bytes(); }

}  // namespace xylem
