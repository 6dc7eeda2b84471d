// Opening a log: what lies in its folder becomes the window (spec §8, "Start").
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "relay/log/bucket_log_impl.h"
#include "relay/log/record_file.h"

namespace xylem {
namespace {

// A created folder lasts only when the folder that holds it is synced, and so on upwards.
Result<void> make_durable_folder(Storage& storage, const std::string& folder) {
  if (auto ok = storage.make_folder(folder); !ok) return ok;
  for (std::string inside = folder; !inside.empty();) {
    inside = folder_of(inside);
    if (auto ok = storage.sync_folder(inside); !ok) return ok;
  }
  return {};
}

// Records that follow each other, as a table; where they end, and why.
struct Scan {
  SegmentTable table;
  std::uint64_t end = 0;
  std::optional<Error> damage;  // nothing where the file ends with a whole record
};

std::optional<Error> follows(const RecordHeader& header, const ChainPosition& before, std::uint64_t at) {
  if (header.seq != before.seq.next()) {
    return Error{ErrorCode::kCorrupt,
                 fmt::format("at {}: seq {}, expected {}", at, header.seq.value, before.seq.value + 1)};
  }
  if (before.held && header.prev_record != before.link) {
    return Error{ErrorCode::kCorrupt,
                 fmt::format("at {}: seq {} does not link to the one before", at, header.seq.value)};
  }
  return std::nullopt;
}

// `before` is the tail of what was loaded, or says only where to begin.
Result<Scan> scan(const File& file, Bucket bucket, ChainPosition before) {
  SegmentTableBuilder builder(bucket, before.seq.next());
  RecordFile records(file, 0, file.size());
  Scan found;
  while (!found.damage) {
    const auto record = records.next();
    if (!record && record.error().code != ErrorCode::kCorrupt) return fail(record.error());
    if (record && !*record) break;
    found.damage = record ? follows((*record)->header(), before, records.offset()) : record.error();
    if (found.damage) break;
    const RecordHeader& header = (*record)->header();
    before = {true, header.epoch, header.seq, link_of((*record)->decoded), header.origin_time};
    builder.add(**record);
    builder.set_link(before.link);
    found.end = records.next_offset();
  }
  found.table = builder.take();
  return found;
}

}  // namespace

struct BucketLog::Impl::Loading {
  explicit Loading(RecoveryReport& to) : report(to) {}

  RecoveryReport& report;
  FolderContents contents;
  const std::shared_ptr<SegmentList> list = std::make_shared<SegmentList>();  // no reader holds it yet
  std::vector<std::string> to_remove;                                         // oldest first
  bool drop_kept = false;

  void note(const std::string& path, const Error& damage) {
    if (report.first_damage.empty()) report.first_damage = fmt::format("{} {}", path, damage.detail);
  }
};

Result<void> BucketLog::Impl::recover(RecoveryReport& report) {
  if (auto ok = make_durable_folder(storage_, folder_); !ok) return ok;
  Loading loading(report);
  auto contents = list_log_folder(storage_, folder_);
  if (!contents) return fail(contents.error());
  loading.contents = std::move(*contents);
  segments_ = loading.list;
  if (auto ok = load(loading); !ok) return ok;
  if (auto ok = tidy_up(loading); !ok) return ok;

  if (options_.keep_everything && open_.segment) {
    if (auto ok = open_.segment->file->sync(); !ok) return ok;
    if (auto ok = storage_.sync_folder(folder_); !ok) return ok;
    open_.durable_end = open_.segment->frames_bytes();
  }
  for (const auto& segment : segments_->segments) report.records += segment->index.size();
  replace_view();
  if (tail_.held) show_window(tail_);
  return {};
}

Result<void> BucketLog::Impl::load(Loading& loading) {
  std::vector<SegmentName>& names = loading.contents.segments;
  // A crash between the creation of a segment and its first record leaves it empty, and the one before perhaps with its
  // old name.
  if (!names.empty() && !names.back().sealed) {
    const auto newest = storage_.open(path(to_string(names.back())));
    if (!newest) return fail(newest.error());
    if ((*newest)->size() == 0) {
      loading.to_remove.push_back(path(to_string(names.back())));
      names.pop_back();
    }
  }
  if (auto ok = load_kept(loading); !ok) return ok;
  for (const SegmentName& name : names) {
    const auto loaded = load_segment(loading, name);
    if (loaded) continue;
    if (loaded.error().code != ErrorCode::kCorrupt || options_.keep_everything) {
      return fail(loaded.error().code, fmt::format("{} {}", path(to_string(name)), loaded.error().detail));
    }
    loading.note(path(to_string(name)), loaded.error());
    forget_loaded(loading);
    loading.to_remove.push_back(path(to_string(name)));
    ++loading.report.dropped_segments;
  }
  if (loading.list->segments.empty()) forget_loaded(loading);
  return {};
}

// What is kept must reach up to the floor: else a newer notice may have been in between.
Result<void> BucketLog::Impl::load_kept(Loading& loading) {
  const auto& names = loading.contents.segments;
  const Seq lowest = names.empty() ? Seq() : names.front().first;
  const auto remember = [&](const RecordFacts& facts, const Hash256& link) {
    if (facts.seq >= lowest) return;  // its segment was to be dropped, and is still there
    FeedEntry& entry = feeds_.entry(facts.feed);
    FeedRecord feed = entry.record.read();
    add_kept(feed, facts);
    if (facts.type == RecordType::batch) feed.newest_batch_link = link;
    feeds_.amend(entry, feed);
  };
  if (auto ok = kept_.load(remember); !ok) return ok;
  if (kept_.below() < lowest) forget_loaded(loading);
  return {};
}

// Spec §8: a damaged segment goes with everything below it. So does what is kept of feeds, as it may be out of date.
void BucketLog::Impl::forget_loaded(Loading& loading) {
  for (const auto& segment : loading.list->segments) {
    loading.to_remove.push_back(path(*segment));
    ++loading.report.dropped_segments;
  }
  loading.list->segments.clear();
  loading.drop_kept = true;
  feeds_.clear();
  tail_ = {};
  sealed_bytes_ = 0;
}

Result<void> BucketLog::Impl::load_segment(Loading& loading, const SegmentName& name) {
  const auto& list = loading.list->segments;
  if (!list.empty() && list.back()->next() != name.first) {
    const Error hole{ErrorCode::kCorrupt,
                     fmt::format("begins at seq {}, but the records before end with {}: a segment is missing",
                                 name.first.value, tail_.seq.value)};
    if (options_.keep_everything) return fail(hole);
    loading.note(path(to_string(name)), hole);
    forget_loaded(loading);
  }
  auto file = storage_.open(path(to_string(name)));
  if (!file) return fail(file.error());
  if (name.sealed) return load_sealed(loading, name, std::move(*file));
  if (name.first != loading.contents.segments.back().first) {
    return fail(ErrorCode::kCorrupt, "is an open segment, but not the last one");
  }
  return load_open(loading, name, std::move(*file));
}

Result<void> BucketLog::Impl::load_sealed(Loading& loading, const SegmentName& name, std::unique_ptr<File> file) {
  const auto table = read_footer(*file, bucket_, name.first);
  if (!table) return fail(table.error());
  if (tail_.held && table->link_before != tail_.link) {
    return fail(ErrorCode::kCorrupt, fmt::format("at 0: seq {} does not link to the one before", name.first.value));
  }
  add_loaded(loading, name, std::move(file), *table);
  return {};
}

Result<void> BucketLog::Impl::load_open(Loading& loading, const SegmentName& name, std::unique_ptr<File> file) {
  ChainPosition before = tail_;
  before.seq = Seq(name.first.value - 1);
  const auto found = scan(*file, bucket_, before);
  if (!found) return fail(found.error());
  if (found->damage) {
    if (auto ok = cut_tail(loading, name, *file, found->end, *found->damage); !ok) return ok;
  }
  if (found->table.records.empty()) {
    loading.to_remove.push_back(path(to_string(name)));
  } else {
    add_loaded(loading, name, std::move(file), found->table);
  }
  return {};
}

Result<void> BucketLog::Impl::cut_tail(Loading& loading, const SegmentName& name, File& file, std::uint64_t end,
                                       const Error& cause) {
  // A whole footer: the crash came between sealing and the new name. Nothing is lost, the segment goes on.
  const auto footer = read_footer(file, bucket_, name.first);
  if (!footer && footer.error().code != ErrorCode::kCorrupt) return fail(footer.error());
  if (footer && footer->frames_bytes == end) return file.truncate(end);

  if (options_.keep_everything) {
    Bytes tail(static_cast<std::size_t>(file.size() - end));
    if (auto ok = read_exactly(file, end, tail); !ok) return ok;
    if (auto ok = replace_file(storage_, path(cut_name(name.first, end)), tail); !ok) return ok;
  }
  loading.note(path(to_string(name)), cause);
  loading.report.cut_bytes += file.size() - end;
  return file.truncate(end);
}

void BucketLog::Impl::add_loaded(Loading& loading, const SegmentName& name, std::unique_ptr<File> file,
                                 const SegmentTable& table) {
  const std::size_t count = table.records.size();
  const auto segment =
      std::make_shared<Segment>(name.first, std::move(file), name.sealed ? count : std::max(count, open_records_max()));
  segment->sealed = name.sealed;
  loading.list->segments.push_back(segment);

  std::vector<std::pair<FeedEntry*, Version>> rows;  // with the version of the row's next batch
  for (const FeedRow& row : table.feeds) rows.emplace_back(&feeds_.entry(row.feed), row.first_version);
  Seq seq = table.first;
  for (const RecordRow& record : table.records) {
    const FeedRow& row = table.feeds[record.feed_row];
    auto& [entry, next] = rows[record.feed_row];
    FeedRecord feed = entry->record.read();
    const RecordFacts facts{seq, row.feed, row.epoch, record.type, next, record.events, record.follows_batch};
    segment->index.append(record.frame_bytes, add_to_chain(*loading.list, feed, facts));
    if (row.newest_batch == seq) feed.newest_batch_link = row.link;
    feeds_.amend(*entry, feed);
    if (!name.sealed) entry->counted_in_segment = name.first.value;
    next = next.plus(record.events);
    seq = seq.next();
  }
  segment->index.publish(count);
  tail_ = {true, table.epoch, Seq(seq.value - 1), table.link, table.origin_time};
  if (name.sealed) {
    sealed_bytes_ += segment->file->size();
  } else {
    open_ = {segment, table.feeds.size(), 0};
  }
}

Result<void> BucketLog::Impl::tidy_up(Loading& loading) {
  if (loading.drop_kept) {
    if (auto ok = kept_.remove(); !ok) return ok;
  }
  for (const std::string& name : loading.contents.unfinished) loading.to_remove.push_back(path(name));
  for (const std::string& name : loading.to_remove) {
    if (auto ok = storage_.remove(name); !ok && ok.error().code != ErrorCode::kNotFound) return ok;
  }
  for (const KeptRecord& kept : kept_.index()->records) {
    const auto feed = feeds_.find(kept.feed);
    if (!feed || (*feed).*newest_of(kept.type) != kept.seq) ++dead_kept_;
  }
  return {};
}

Result<std::unique_ptr<BucketLog>> BucketLog::open(Storage& storage, std::string folder, Bucket bucket,
                                                   const BucketLogOptions& options, RecoveryReport* report) {
  RecoveryReport found;
  auto impl = std::make_unique<Impl>(storage, std::move(folder), bucket, options);
  if (auto ok = impl->recover(found); !ok) return fail(ok.error());
  if (report != nullptr) *report = std::move(found);
  return std::unique_ptr<BucketLog>(new BucketLog(std::move(impl)));
}

}  // namespace xylem
