#include "relay/log/fsck_bucket.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "relay/log/kept_notices.h"

namespace xylem {
namespace {

constexpr std::uint64_t kProgressBytes = kMiB;

constexpr const char* kCureSegment =
    "at its next start a relay drops this segment with everything below it and fetches anew; an origin: restore the "
    "file from a copy";
constexpr const char* kCureTail =
    "the next start cuts the file here; a relay fetches the rest again, an origin gets it back from its children";
constexpr const char* kCureRecord =
    "a relay: remove this bucket's folder, and it fetches everything again; an origin: restore the file from a copy";
constexpr const char* kCureOrigin = "the origin broke its own rules: tell the zone's operator";
constexpr const char* kCureKept = "the next start cuts the file here; what is lost is fetched again when it is needed";
constexpr const char* kCureNone = "nothing to do";

// What RecordFile and read_footer say begins with the place: "at 4096: …".
struct PlacedCause {
  std::uint64_t offset = 0;
  std::string cause;
};
PlacedCause placed(const Error& error) {
  constexpr std::string_view kAt = "at ", kEnd = ": ";
  PlacedCause found{0, error.detail};
  if (!error.detail.starts_with(kAt)) return found;
  const char* digits = error.detail.data() + kAt.size();
  const auto [end, bad] = std::from_chars(digits, error.detail.data() + error.detail.size(), found.offset);
  const auto rest = static_cast<std::size_t>(end - error.detail.data());
  if (bad == std::errc() && error.detail.compare(rest, kEnd.size(), kEnd) == 0) {
    found.cause = error.detail.substr(rest + kEnd.size());
  }
  return found;
}

// Where the first record behind `offset` begins, and its seq; nothing without a table, and behind the last one.
std::optional<std::pair<std::uint64_t, Seq>> next_place(const std::optional<SegmentTable>& table,
                                                        std::uint64_t offset) {
  if (!table) return std::nullopt;
  std::uint64_t begin = 0;
  Seq seq = table->first;
  for (const RecordRow& row : table->records) {
    if (begin > offset) return std::pair(begin, seq);
    begin += row.frame_bytes;
    seq = seq.next();
  }
  return std::nullopt;
}

// Every record of a segment that can be read; `on_damage` hears where one cannot, and which seq comes next.
template <typename OnRecord, typename OnDamage>
Result<void> walk(const File& file, const std::optional<SegmentTable>& table, std::uint64_t end, OnRecord on_record,
                  OnDamage on_damage) {
  std::uint64_t begin = 0;
  while (true) {
    RecordFile records(file, begin, end);
    auto record = records.next();
    for (; record && *record; record = records.next()) on_record(**record, records.offset());
    if (record) return {};
    if (record.error().code != ErrorCode::kCorrupt) return fail(record.error());
    const auto next = next_place(table, records.next_offset());
    on_damage(placed(record.error()), next ? std::optional(next->second) : std::nullopt);
    if (!next) return {};
    begin = next->first;
  }
}

bool payload_is_right(const RecordView& record) { return sha256(record.body) == record.header().wire_sha256; }

}  // namespace

void FsckNotebook::add(FsckFinding finding) {
  ++(finding.kind == FsckFinding::Kind::damage ? report_.damages : report_.notes);
  if (report_.findings.size() < options_.findings_max) report_.findings.push_back(std::move(finding));
}

void FsckNotebook::read(std::uint64_t bytes) {
  done_bytes_ += bytes;
  if (!options_.progress || (done_bytes_ - told_bytes_ < kProgressBytes && done_bytes_ < all_bytes_)) return;
  told_bytes_ = done_bytes_;
  options_.progress(done_bytes_, all_bytes_);
}

FsckBucketCheck::FsckBucketCheck(Storage& storage, const Trust& trust, Bucket bucket, FsckNotebook& notebook)
    : storage_(storage), trust_(trust), folder_(bucket_folder(bucket)), notebook_(notebook) {
  found_.bucket = bucket;
}

void FsckBucketCheck::damage(const Place& place, std::string cause, std::string cure) {
  notebook_.add({FsckFinding::Kind::damage, place.file, place.offset, std::move(cause), std::move(cure)});
}

void FsckBucketCheck::note(const Place& place, std::string cause, std::string cure) {
  notebook_.add({FsckFinding::Kind::note, place.file, place.offset, std::move(cause), std::move(cure)});
}

// A segment that is written into meanwhile may have been sealed.
Result<std::unique_ptr<File>> FsckBucketCheck::open_segment(SegmentName& name) {
  auto file = storage_.open(path(to_string(name)));
  if (file || file.error().code != ErrorCode::kNotFound || name.sealed) return file;
  name.sealed = true;
  return storage_.open(path(to_string(name)));
}

Result<FsckBucket> FsckBucketCheck::run() {
  const auto contents = list_log_folder(storage_, folder_);
  if (!contents) return fail(contents.error());
  check_names(*contents);
  const std::vector<SegmentName>& segments = contents->segments;
  if (auto ok = find_redactions(segments); !ok) return fail(ok.error());
  if (!segments.empty()) {
    const Seq floor = segments.front().first;
    feeds_ = FeedOrder(floor == Seq(1));
    found_.floor = expected_ = floor;
    chain_.emplace(trust_, found_.bucket, ChainPosition{floor == Seq(1), {}, Seq(floor.value - 1), {}, {}});
  }
  for (const SegmentName& name : segments) {
    if (auto ok = check_segment(name, name.first == segments.back().first); !ok) return fail(ok.error());
  }
  if (auto ok = check_kept(); !ok) return fail(ok.error());
  found_.feeds = feeds_.feeds();
  return found_;
}

void FsckBucketCheck::check_names(const FolderContents& contents) {
  for (const std::string& name : contents.unfinished) {
    note({path(name)}, "begun and not finished when the program stopped", "the next start removes it");
  }
  for (const std::string& name : contents.others) {
    note({path(name)},
         name.ends_with(".cut") ? "what a start cut from the segment of that number" : "not a file of the log",
         name.ends_with(".cut") ? "remove it when nothing is missing" : kCureNone);
  }
}

// A redaction stands behind what it covers, so all are looked for before.
Result<void> FsckBucketCheck::find_redactions(const std::vector<SegmentName>& segments) {
  const auto remember = [this](const RecordView& record, std::uint64_t) {
    const RecordHeader& header = record.header();
    if (header.type != RecordType::redaction || !trust_.check_signature(record.decoded)) return;
    const auto notice = payload_is_right(record) ? open_notice(record) : fail(ErrorCode::kBadHash);
    if (notice) redactions_.emplace(header.seq, Redaction{header.feed, std::get<RedactionNotice>(*notice)});
  };
  for (SegmentName name : segments) {
    const auto file = open_segment(name);
    if (!file && file.error().code == ErrorCode::kNotFound && notebook_.live()) continue;
    if (!file) return fail(file.error());
    const auto footer = name.sealed ? read_footer(**file, found_.bucket, name.first) : fail(ErrorCode::kCorrupt);
    const auto table = footer ? std::optional(*footer) : std::nullopt;
    const std::uint64_t end = table ? table->frames_bytes : (*file)->size();
    if (auto ok = walk(**file, table, end, remember, [](const auto&, const auto&) {}); !ok) return ok;
  }
  return {};
}

Result<void> FsckBucketCheck::check_segment(SegmentName name, bool last) {
  const auto file = open_segment(name);
  const Place whole{path(to_string(name))};
  if (!file && file.error().code == ErrorCode::kNotFound && notebook_.live()) {
    note(whole, "dropped while the log was checked", kCureNone);
    expected_ = Seq();
    return {};
  }
  if (!file) return fail(file.error());
  found_.bytes += (*file)->size();
  if (!name.sealed && !last) damage(whole, "an open segment that is not the last one", kCureSegment);
  if (expected_ == Seq()) {
    found_.floor = name.first;
    lost_sight(name.first);
  } else if (name.first != expected_) {
    damage(whole,
           fmt::format("begins at seq {}, expected {}: segments are missing or overlap", name.first.value,
                       expected_.value),
           kCureSegment);
    lost_sight(name.first);
  }
  std::optional<SegmentTable> table;
  if (name.sealed) {
    auto footer = read_footer(**file, found_.bucket, name.first);
    if (!footer && footer.error().code != ErrorCode::kCorrupt) return fail(footer.error());
    if (footer) table = std::move(*footer);
    if (!footer) damage({whole.file, placed(footer.error()).offset}, placed(footer.error()).cause, kCureSegment);
  }
  const std::uint64_t end = table ? table->frames_bytes : (*file)->size();
  if (auto ok = check_frames(**file, name, table, end); !ok) return ok;
  notebook_.read((*file)->size() - end);
  if (table) expected_ = table->next();
  return {};
}

Result<void> FsckBucketCheck::check_frames(const File& file, const SegmentName& name,
                                           const std::optional<SegmentTable>& table, std::uint64_t end) {
  Place place{path(to_string(name))};
  SegmentTableBuilder found(found_.bucket, name.first);
  bool whole = true;
  const auto on_record = [&](const RecordView& record, std::uint64_t offset) {
    place.offset = offset;
    check_record(record, place);
    found.add(record);
    found.set_link(chain_->position().link);
    notebook_.read(record.frame.size());
  };
  const auto on_damage = [&](const PlacedCause& cause, std::optional<Seq> next) {
    whole = false;
    place.offset = cause.offset;
    if (!name.sealed) return check_tail(file, name, place, cause.cause);
    if (!table) return note(place, "from here on no records could be read", kCureSegment);
    damage(place, cause.cause, kCureSegment);
    lost_sight(next.value_or(table->next()));
  };
  if (auto ok = walk(file, table, end, on_record, on_damage); !ok) return ok;
  if (table && whole && found.table() != *table) {
    damage({place.file, table->frames_bytes}, "the footer says something else than the records", kCureSegment);
  }
  return {};
}

// Whether a program that writes there has not come to the end of what it writes at `offset`.
bool FsckBucketCheck::is_being_written(const File& file, const SegmentName& name, std::uint64_t offset) {
  if (!notebook_.live()) return false;
  SegmentName now = name;
  const auto again = open_segment(now);
  if (!again || now.sealed || (*again)->size() != file.size()) return true;
  const std::uint64_t rest = file.size() - offset;
  Bytes begin(static_cast<std::size_t>(std::min<std::uint64_t>(rest, kEnvelopeBytes)));
  if (!read_exactly(file, offset, begin)) return false;
  const auto envelope = parse_envelope(begin);
  return begin.size() < kEnvelopeBytes || (envelope && kEnvelopeBytes + ByteReader(begin).u32() > rest);
}

// A segment that was sealed and not yet renamed goes on as it is.
void FsckBucketCheck::check_tail(const File& file, const SegmentName& name, const Place& place,
                                 const std::string& cause) {
  const auto footer = read_footer(file, found_.bucket, name.first);
  if (footer && footer->frames_bytes == place.offset) {
    note(place, "sealed, but not yet under its new name", kCureNone);
  } else if (is_being_written(file, name, place.offset)) {
    note(place, "not whole yet: a program writes here just now", kCureNone);
  } else {
    damage(place, fmt::format("{} ({} bytes to the end)", cause, file.size() - place.offset), kCureTail);
  }
}

void FsckBucketCheck::check_record(const RecordView& record, const Place& place) {
  const RecordHeader& header = record.header();
  ++found_.records;
  found_.events += header.event_count;
  found_.head = header.seq;
  found_.epoch = header.epoch;
  const auto known = [this](FeedId feed, Seq seq) -> std::optional<RedactionNotice> {
    const auto redaction = redactions_.find(seq);
    if (redaction == redactions_.end() || redaction->second.feed != feed) return std::nullopt;
    return redaction->second.notice;
  };
  if (!chain_->position().held && header.seq != expected_) {
    damage(place, fmt::format("seq {}, expected {}", header.seq.value, expected_.value), kCureRecord);
  }
  const auto accepted = chain_->accept(std::span(&record, 1), known);
  if (accepted) {
    check_content(record, place);
  } else {
    const bool lacks_redaction = accepted.error().error.code == ErrorCode::kNotHeld;
    damage(place, accepted.error().error.message(), lacks_redaction ? "restore the redaction's segment" : kCureRecord);
    const ChainPosition here{true, header.epoch, header.seq, link_of(record.decoded), header.origin_time};
    chain_.emplace(trust_, found_.bucket, here);
  }
  if (auto wrong = feeds_.check(record.decoded)) damage(place, std::move(*wrong), kCureOrigin);
  expected_ = header.seq.next();
}

void FsckBucketCheck::check_content(const RecordView& record, const Place& place) {
  if (record.form == RecordForm::withheld) return;
  const bool batch = record.header().is_batch();
  const auto opened = batch ? open_batch(record).map([](const auto&) {}) : open_notice(record).map([](const auto&) {});
  if (!opened) damage(place, opened.error().message(), kCureOrigin);
}

// The next record that can be read stands on its own signature.
void FsckBucketCheck::lost_sight(Seq next) {
  ChainPosition position = chain_->position();
  position.held = false;
  chain_.emplace(trust_, found_.bucket, position);
  feeds_.forget();
  expected_ = next;
}

Result<void> FsckBucketCheck::check_kept() {
  Place place{path(kKeptName)};
  const auto file = storage_.open(place.file);
  if (!file && file.error().code == ErrorCode::kNotFound) return {};
  if (!file) return fail(file.error());
  found_.bytes += (*file)->size();
  RecordFile records(**file, 0, (*file)->size());
  std::uint64_t marked = 0;
  Seq below, newest;
  while (records.next_offset() < (*file)->size()) {
    const auto record = records.next();
    if (record) {
      place.offset = records.offset();
      check_kept_record(**record, place);
      if ((*record)->header().seq <= newest) damage(place, "kept records are not in order", kCureKept);
      newest = (*record)->header().seq;
      continue;
    }
    if (record.error().code != ErrorCode::kCorrupt) return fail(record.error());
    const auto bytes = records.peek(kKeptMarkBytes);
    if (!bytes) return fail(bytes.error());
    const auto mark = parse_kept_mark(*bytes);
    place.offset = records.next_offset();
    if (!mark) {
      if (notebook_.live()) {
        note(place, "neither a record nor a mark, where a program may write just now", "check again");
      } else {
        damage(place, "neither a record nor a mark: " + placed(record.error()).cause, kCureKept);
      }
      break;
    }
    if (*mark <= newest) damage(place, "the mark does not cover the records before it", kCureKept);
    records.skip(kKeptMarkBytes);
    marked = records.next_offset();
    below = *mark;
  }
  notebook_.read((*file)->size());
  if (records.next_offset() == (*file)->size() && marked < (*file)->size()) {
    note({place.file, marked}, "records without a mark behind them", "the next start cuts them");
  }
  if (below < found_.floor) {
    note({place.file, marked},
         fmt::format("tells what was below seq {}, but the log begins at {}", below.value, found_.floor.value),
         "the next start gives it up");
  }
  return {};
}

void FsckBucketCheck::check_kept_record(const RecordView& record, const Place& place) {
  ++found_.kept;
  const RecordHeader& header = record.header();
  if (auto ok = trust_.check_signature(record.decoded); !ok) damage(place, ok.error().message(), kCureKept);
  if (trust_.bucket_of(header.feed) != found_.bucket) damage(place, "a record of another bucket", kCureKept);
  if (header.is_batch()) {
    if (record.form != RecordForm::withheld) damage(place, "a kept batch with its payload", kCureKept);
    return;
  }
  const auto notice = payload_is_right(record) ? open_notice(record) : fail(ErrorCode::kBadHash);
  if (!notice) damage(place, notice.error().message(), kCureKept);
}

}  // namespace xylem
