#include "relay/log/kept_notices.h"

#include <algorithm>
#include <utility>

#include "proto/crc32c.h"
#include "relay/log/record_file.h"

namespace xylem {
namespace {

constexpr std::string_view kMagic = "XYLK";
constexpr std::size_t kPieceBytes = kMiB;

KeptRecord kept_record(const RecordView& record, std::uint64_t offset) {
  const RecordHeader& header = record.header();
  return {header.seq, offset, header.feed, static_cast<std::uint32_t>(record.frame.size()), header.type};
}

Bytes mark_bytes(Seq below) {
  Bytes rest;
  ByteWriter(rest).u64(below.value);
  Bytes mark;
  ByteWriter write(mark);
  write.bytes(as_bytes(kMagic));
  write.u32(crc32c(rest));
  write.bytes(rest);
  return mark;
}

// The records up to the last mark, where they end, and what it says.
struct Contents {
  std::vector<KeptRecord> records;
  std::uint64_t end = 0;
  Seq below;
};

Result<Contents> read_contents(const File& file, const KeptNotices::Replay& replay) {
  Contents contents;
  RecordFile frames(file, 0, file.size());
  std::vector<KeptRecord> group;
  std::vector<std::pair<RecordFacts, Hash256>> facts;
  while (true) {
    const auto record = frames.next();
    if (record && *record) {
      group.push_back(kept_record(**record, frames.offset()));
      facts.emplace_back(facts_of((*record)->header()), link_of((*record)->decoded));
      continue;
    }
    if (!record && record.error().code != ErrorCode::kCorrupt) return fail(record.error());
    const auto bytes = frames.peek(kKeptMarkBytes);
    if (!bytes) return fail(bytes.error());
    const auto mark = parse_kept_mark(*bytes);
    if (!mark) return contents;
    frames.skip(kKeptMarkBytes);
    for (const auto& [fact, link] : facts) replay(fact, link);
    contents.records.insert(contents.records.end(), group.begin(), group.end());
    contents.end = frames.next_offset();
    contents.below = *mark;
    group.clear();
    facts.clear();
  }
}

// Appends frames in large pieces and knows where each one lies.
class FrameAppender {
 public:
  explicit FrameAppender(File& file) : file_(file), offset_(file.size()) {}

  Result<void> add(const Bytes& frame, std::vector<KeptRecord>& records) {
    const auto record = parse_record(frame);
    if (!record) return fail(record.error());
    records.push_back(kept_record(*record, offset_));
    offset_ += frame.size();
    piece_.insert(piece_.end(), frame.begin(), frame.end());
    return piece_.size() < kPieceBytes ? Result<void>() : flush();
  }

  Result<void> finish(Seq below) {
    const Bytes mark = mark_bytes(below);
    piece_.insert(piece_.end(), mark.begin(), mark.end());
    if (auto ok = flush(); !ok) return ok;
    return file_.sync();
  }

 private:
  Result<void> flush() {
    auto ok = file_.append(piece_);
    piece_.clear();
    return ok;
  }

  File& file_;
  std::uint64_t offset_;
  Bytes piece_;
};

}  // namespace

std::optional<Seq> parse_kept_mark(ByteView bytes) {
  ByteReader read(bytes);
  if (as_text(read.bytes(kMagic.size())) != kMagic) return std::nullopt;
  const std::uint32_t checksum = read.u32();
  if (read.rest().size() < sizeof(std::uint64_t)) return std::nullopt;
  if (checksum != crc32c(read.rest().first(sizeof(std::uint64_t)))) return std::nullopt;
  return Seq(read.u64());
}

const KeptRecord* KeptIndex::find(Seq seq) const {
  const auto found = std::lower_bound(records.begin(), records.end(), seq,
                                      [](const KeptRecord& record, Seq wanted) { return record.seq < wanted; });
  return found != records.end() && found->seq == seq ? &*found : nullptr;
}

Result<Bytes> KeptIndex::read(const KeptRecord& record) const {
  Bytes frame(record.frame_bytes);
  if (auto ok = read_exactly(*file, record.offset, frame); !ok) return fail(ok.error());
  return frame;
}

KeptNotices::KeptNotices(Storage& storage, std::string name)
    : storage_(storage), name_(std::move(name)), index_(std::make_shared<KeptIndex>()) {}

Result<void> KeptNotices::load(const Replay& replay) {
  auto opened = storage_.open(name_);
  if (!opened && opened.error().code == ErrorCode::kNotFound) return {};
  if (!opened) return fail(opened.error());
  const std::shared_ptr<File> file = std::move(*opened);
  auto contents = read_contents(*file, replay);
  if (!contents) return fail(contents.error());
  if (contents->end < file->size()) {
    if (auto ok = file->truncate(contents->end); !ok) return ok;
  }
  file_ = file;
  below_ = contents->below;
  index_ = std::make_shared<KeptIndex>(KeptIndex{file_, std::move(contents->records)});
  return {};
}

Result<void> KeptNotices::add(const std::vector<Bytes>& frames, Seq below) {
  if (file_ == nullptr) return rewrite({}, frames, below);
  const std::uint64_t before = file_->size();
  std::vector<KeptRecord> records = index_->records;
  const auto append = [&]() -> Result<void> {
    FrameAppender appender(*file_);
    for (const Bytes& frame : frames) {
      if (auto ok = appender.add(frame, records); !ok) return ok;
    }
    return appender.finish(below);
  };
  if (auto ok = append(); !ok) {
    uncertain_ = !file_->truncate(before);
    return ok;
  }
  index_ = std::make_shared<KeptIndex>(KeptIndex{file_, std::move(records)});
  below_ = below;
  return {};
}

Result<void> KeptNotices::rewrite(const std::vector<KeptRecord>& survivors, const std::vector<Bytes>& frames,
                                  Seq below) {
  const std::string fresh_name = name_ + ".new";
  if (auto ok = storage_.remove(fresh_name); !ok && ok.error().code != ErrorCode::kNotFound) return ok;
  auto created = storage_.create(fresh_name);
  if (!created) return fail(created.error());
  const std::shared_ptr<File> fresh = std::move(*created);
  std::vector<KeptRecord> records;
  FrameAppender appender(*fresh);
  for (const KeptRecord& survivor : survivors) {
    const auto frame = index_->read(survivor);
    if (!frame) return fail(frame.error());
    if (auto ok = appender.add(*frame, records); !ok) return ok;
  }
  for (const Bytes& frame : frames) {
    if (auto ok = appender.add(frame, records); !ok) return ok;
  }
  if (auto ok = appender.finish(below); !ok) return ok;
  uncertain_ = true;
  if (auto ok = storage_.rename(fresh_name, name_); !ok) return ok;
  if (auto ok = storage_.sync_folder(folder_of(name_)); !ok) return ok;
  uncertain_ = false;
  file_ = fresh;
  index_ = std::make_shared<KeptIndex>(KeptIndex{file_, std::move(records)});
  below_ = below;
  return {};
}

Result<void> KeptNotices::remove() {
  file_ = nullptr;
  index_ = std::make_shared<KeptIndex>();
  below_ = Seq();
  const auto removed = storage_.remove(name_);
  if (!removed && removed.error().code == ErrorCode::kNotFound) return {};
  uncertain_ = true;
  if (!removed) return removed;
  if (auto ok = storage_.sync_folder(folder_of(name_)); !ok) return ok;
  uncertain_ = false;
  return {};
}

}  // namespace xylem
