#include "relay/log/segment_table.h"

#include <fmt/format.h>

#include <utility>

#include "proto/crc32c.h"

namespace xylem {
namespace {

constexpr std::string_view kMagic = "XYLSEAL1";
// The last byte of a record row: the form, and whether prev_batch is not zero.
constexpr std::uint8_t kFollowsBatch = 0x80;
constexpr std::size_t kChecksumOffset = kTrailerBytes - 4;

struct Trailer {
  SegmentTable table;  // without rows
  std::uint32_t feed_rows = 0;
  std::uint32_t records = 0;
  Hash256 rows_hash{};
};

void write_rows(Bytes& out, const SegmentTable& table) {
  ByteWriter write(out);
  for (const FeedRow& row : table.feeds) {
    write.u64(row.feed.value);
    write.u64(row.epoch.value);
    write.u64(row.first_version.value);
    write.u64(row.newest_batch.value);
    write.bytes(row.link);
  }
  for (const RecordRow& row : table.records) {
    write.u32(row.frame_bytes);
    write.u32(row.feed_row);
    write.u16(row.events);
    write.u8(static_cast<std::uint8_t>(row.type));
    write.u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(row.form) | (row.follows_batch ? kFollowsBatch : 0)));
  }
}

tl::unexpected<Error> corrupt(std::uint64_t offset, std::string_view cause) {
  return fail(ErrorCode::kCorrupt, fmt::format("at {}: {}", offset, cause));
}

// `at` is the trailer's own place in the file.
Result<Trailer> parse_trailer(ByteView bytes, std::uint64_t at) {
  ByteReader read(bytes);
  if (as_text(read.bytes(kMagic.size())) != kMagic) return corrupt(at, "no footer");
  if (ByteReader(bytes.subspan(kChecksumOffset)).u32() != crc32c(bytes.first(kChecksumOffset))) {
    return corrupt(at, "checksum of the footer does not match");
  }
  Trailer trailer;
  SegmentTable& table = trailer.table;
  table.bucket = Bucket(read.u16());
  const std::uint16_t zero = read.u16();
  trailer.records = read.u32();
  table.first = Seq(read.u64());
  table.frames_bytes = read.u64();
  trailer.feed_rows = read.u32();
  const std::uint32_t zero_too = read.u32();
  table.epoch = Epoch(read.u64());
  table.origin_time = from_ms(read.u64());
  table.link_before = read.array<32>();
  table.link = read.array<32>();
  trailer.rows_hash = read.array<32>();
  if (zero != 0 || zero_too != 0 || read.u32() != 0) return corrupt(at, "reserved bytes of the footer are not zero");
  if (trailer.records == 0) return corrupt(at, "a footer without records");
  if (table.frames_bytes > UINT32_MAX) return corrupt(at, "more than 4 GiB of frames");
  return trailer;
}

Result<void> read_rows(ByteView bytes, std::uint64_t at, const Trailer& trailer, SegmentTable& table) {
  ByteReader read(bytes);
  table.feeds.resize(trailer.feed_rows);
  for (FeedRow& row : table.feeds) {
    row.feed = FeedId(read.u64());
    row.epoch = FeedEpoch(read.u64());
    row.first_version = Version(read.u64());
    row.newest_batch = Seq(read.u64());
    row.link = read.array<32>();
    const bool none = row.newest_batch == Seq();
    if (!none && (row.newest_batch < table.first || row.newest_batch.value - table.first.value >= trailer.records)) {
      return corrupt(at + bytes.size() - read.rest().size() - kFeedRowBytes, "a feed row names a seq outside");
    }
  }
  table.records.resize(trailer.records);
  std::uint64_t frames_bytes = 0;
  for (RecordRow& row : table.records) {
    row.frame_bytes = read.u32();
    row.feed_row = read.u32();
    row.events = read.u16();
    row.type = static_cast<RecordType>(read.u8());
    const std::uint8_t form = read.u8();
    row.form = static_cast<RecordForm>(form & ~kFollowsBatch);
    row.follows_batch = (form & kFollowsBatch) != 0;
    const bool sizes = row.frame_bytes >= kEnvelopeBytes + kHeaderBytes && row.frame_bytes <= kElidedRecordBytesMax;
    const bool kinds = row.type >= RecordType::batch && row.type <= RecordType::redaction &&
                       row.form <= RecordForm::withheld && (row.events > 0) == (row.type == RecordType::batch);
    if (!sizes || !kinds || row.feed_row >= table.feeds.size()) {
      return corrupt(at + bytes.size() - read.rest().size() - kRecordRowBytes, "a record row is malformed");
    }
    frames_bytes += row.frame_bytes;
  }
  if (frames_bytes != table.frames_bytes) {
    return corrupt(at, fmt::format("frames of {} bytes, the footer says {}", frames_bytes, table.frames_bytes));
  }
  return {};
}

}  // namespace

std::uint64_t footer_bytes(std::size_t feed_rows, std::size_t records) {
  return feed_rows * kFeedRowBytes + records * kRecordRowBytes + kTrailerBytes;
}

Bytes encode_footer(const SegmentTable& table) {
  XYLEM_ASSERT(!table.records.empty());
  Bytes out;
  out.reserve(static_cast<std::size_t>(footer_bytes(table.feeds.size(), table.records.size())));
  write_rows(out, table);
  const Hash256 rows_hash = sha256(out);
  const std::size_t trailer = out.size();
  ByteWriter write(out);
  write.bytes(as_bytes(kMagic));
  write.u16(table.bucket.value);
  write.u16(0);
  write.u32(static_cast<std::uint32_t>(table.records.size()));
  write.u64(table.first.value);
  write.u64(table.frames_bytes);
  write.u32(static_cast<std::uint32_t>(table.feeds.size()));
  write.u32(0);
  write.u64(table.epoch.value);
  write.u64(to_ms(table.origin_time));
  write.bytes(table.link_before);
  write.bytes(table.link);
  write.bytes(rows_hash);
  write.u32(0);
  write.u32(crc32c(ByteView(out).subspan(trailer)));
  return out;
}

Result<SegmentTable> read_footer(const File& file, Bucket bucket, Seq first) {
  const std::uint64_t size = file.size();
  if (size < kTrailerBytes) return corrupt(size, "too short for a footer");
  const std::uint64_t trailer_at = size - kTrailerBytes;
  std::array<std::uint8_t, kTrailerBytes> trailer_bytes;
  if (auto ok = read_exactly(file, trailer_at, trailer_bytes); !ok) return fail(ok.error());
  auto trailer = parse_trailer(trailer_bytes, trailer_at);
  if (!trailer) return fail(trailer.error());

  SegmentTable& table = trailer->table;
  if (table.bucket != bucket || table.first != first) {
    return corrupt(trailer_at, fmt::format("footer of bucket {} from seq {}, expected bucket {} from seq {}",
                                           table.bucket.value, table.first.value, bucket.value, first.value));
  }
  const std::uint64_t rest = footer_bytes(trailer->feed_rows, trailer->records);
  if (rest > size || size - rest != table.frames_bytes) {
    return corrupt(trailer_at, fmt::format("file of {} bytes, the footer says {}", size, table.frames_bytes + rest));
  }
  Bytes rows(static_cast<std::size_t>(rest - kTrailerBytes));
  if (auto ok = read_exactly(file, table.frames_bytes, rows); !ok) return fail(ok.error());
  if (sha256(rows) != trailer->rows_hash) {
    return corrupt(table.frames_bytes, "hash of the footer's rows does not match");
  }
  if (auto ok = read_rows(rows, table.frames_bytes, *trailer, table); !ok) return fail(ok.error());
  return std::move(table);
}

SegmentTableBuilder::SegmentTableBuilder(Bucket bucket, Seq first) {
  table_.bucket = bucket;
  table_.first = first;
}

void SegmentTableBuilder::add(const RecordView& record) {
  const RecordHeader& header = record.header();
  if (table_.records.empty()) table_.link_before = header.prev_record;
  const std::uint32_t row = row_of(header);
  if (header.is_batch()) {
    Open& open = open_.at(header.feed);
    if (open.next.value == 0) table_.feeds[row].first_version = header.first_version;
    open.next = header.last_version().next();
    table_.feeds[row].newest_batch = header.seq;
    table_.feeds[row].link = {};
  }
  table_.records.push_back({static_cast<std::uint32_t>(record.frame.size()), row, header.event_count, header.type,
                            record.form, header.prev_batch != Hash256{}});
  table_.frames_bytes += record.frame.size();
  table_.epoch = header.epoch;
  table_.origin_time = header.origin_time;
}

void SegmentTableBuilder::set_link(const Hash256& link) {
  table_.link = link;
  const RecordRow& newest = table_.records.back();
  if (newest.type == RecordType::batch) table_.feeds[newest.feed_row].link = link;
}

// A row is left where the feed's epoch changes, or its versions leave a gap.
std::uint32_t SegmentTableBuilder::row_of(const RecordHeader& header) {
  const auto found = open_.find(header.feed);
  if (found != open_.end()) {
    const Open& open = found->second;
    const bool follows = !header.is_batch() || open.next.value == 0 || open.next == header.first_version;
    if (table_.feeds[open.row].epoch == header.feed_epoch && follows) return open.row;
  }
  const auto row = static_cast<std::uint32_t>(table_.feeds.size());
  table_.feeds.push_back({header.feed, header.feed_epoch, {}, {}, {}});
  open_.insert_or_assign(header.feed, Open{row, {}});
  return row;
}

}  // namespace xylem
