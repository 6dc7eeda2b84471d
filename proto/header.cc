#include "proto/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::size_t kReservedBytes = 24;
constexpr std::size_t kProducerMarkBytes = 44;
constexpr std::uint8_t kSkippableExtensions = 128;  // from here on an unknown type is passed over

tl::unexpected<Error> bad(std::string detail) { return fail(ErrorCode::kBadHeader, std::move(detail)); }

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The fixed fields as they stand, before anything is known about them.
struct RawHeader {
  RecordHeader header;
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint8_t codec = 0;
  std::uint16_t extension_bytes = 0;
  std::uint64_t origin_ms = 0;
  bool reserved_zero = false;
  Signature signature{};
};

RawHeader read_fields(ByteView bytes) {
  RawHeader raw;
  RecordHeader& h = raw.header;
  ByteReader read(bytes);
  raw.version = read.u8();
  raw.type = read.u8();
  raw.codec = read.u8();
  raw.reserved_zero = read.u8() == 0;
  raw.extension_bytes = read.u16();
  h.event_count = read.u16();
  h.epoch = Epoch(read.u64());
  h.seq = Seq(read.u64());
  h.feed = FeedId(read.u64());
  h.feed_epoch = FeedEpoch(read.u64());
  h.first_version = Version(read.u64());
  raw.origin_ms = read.u64();
  h.wire_bytes = read.u32();
  h.plain_bytes = read.u32();
  h.key_id = read.array<8>();
  h.prev_record = read.array<32>();
  h.prev_batch = read.array<32>();
  h.wire_sha256 = read.array<32>();
  h.payload_root = read.array<32>();
  raw.reserved_zero &= all_zero(read.bytes(kReservedBytes));
  raw.signature = read.array<64>();
  XYLEM_ASSERT(read.done());
  h.type = static_cast<RecordType>(raw.type);
  h.codec = static_cast<Codec>(raw.codec);
  h.origin_time = from_ms(std::min(raw.origin_ms, kTimestampMax));
  return raw;
}

Result<void> check_numbers(const RawHeader& raw) {
  const RecordHeader& h = raw.header;
  if (!raw.reserved_zero) return bad("reserved bytes are not zero");
  if (raw.type < 1 || raw.type > static_cast<std::uint8_t>(RecordType::redaction)) {
    return bad(fmt::format("unknown record type {}", raw.type));
  }
  if (raw.codec > static_cast<std::uint8_t>(Codec::zstd)) return bad(fmt::format("unknown codec {}", raw.codec));
  if (h.epoch.value == 0 || h.epoch.value > kEpochMax) return bad(fmt::format("epoch {}", h.epoch.value));
  if (h.feed_epoch.value == 0 || h.feed_epoch.value > kEpochMax) {
    return bad(fmt::format("feed epoch {}", h.feed_epoch.value));
  }
  if (h.seq.value == 0 || h.seq.value > kPositionMax) return bad(fmt::format("seq {}", h.seq.value));
  if (raw.origin_ms > kTimestampMax) return bad(fmt::format("origin time {} ms", raw.origin_ms));
  if (h.seq.value == 1 && !all_zero(h.prev_record)) return bad("seq 1 names a record before it");
  return {};
}

Result<void> check_versions(const RecordHeader& h) {
  if (!h.is_batch()) {
    if (h.first_version.value == 0 && h.event_count == 0) return {};
    return bad(fmt::format("a notice with version {} and {} events", h.first_version.value, h.event_count));
  }
  if (h.event_count == 0 || h.event_count > kBatchEventsMax) return bad(fmt::format("{} events", h.event_count));
  if (h.first_version.value == 0 || h.first_version.value > kPositionMax - (h.event_count - 1u)) {
    return bad(fmt::format("{} events from version {}", h.event_count, h.first_version.value));
  }
  if ((h.first_version.value == 1) != all_zero(h.prev_batch)) {
    return bad(fmt::format("version {} and prev_batch {}", h.first_version.value, to_hex(h.prev_batch)));
  }
  return {};
}

Result<void> check_sizes(const RecordHeader& h, std::size_t extension_bytes) {
  const std::size_t wire_max = kRecordWireBytesMax - kEnvelopeBytes - kHeaderBytes - extension_bytes;
  const std::size_t plain_max = h.is_batch() ? kPayloadPlainBytesMax : kNoticeBytesMax;
  const bool agree = h.codec == Codec::stored ? h.wire_bytes == h.plain_bytes : h.wire_bytes > 0 && h.plain_bytes > 0;
  if (h.wire_bytes > wire_max || h.plain_bytes > plain_max || !agree) {
    return bad(fmt::format("payload of {} bytes on the wire and {} plain", h.wire_bytes, h.plain_bytes));
  }
  return {};
}

struct Extension {
  std::uint8_t type = 0;
  ByteView value;
};

Extension read_extension(ByteReader& read) {
  const std::uint8_t type = read.u8();
  return {type, read.bytes(read.u16())};
}

bool valid_producer_marks(ByteView value) {
  return !value.empty() && value.size() % kProducerMarkBytes == 0 &&
         value.size() / kProducerMarkBytes <= kProducerMarksMax;
}

Result<void> check_extensions(ByteView extensions) {
  ByteReader read(extensions);
  int type_before = -1;
  while (!read.rest().empty()) {
    const Extension extension = read_extension(read);
    if (read.bad()) return bad("extension is longer than its room");
    if (extension.type <= type_before) return bad(fmt::format("extension {} after {}", extension.type, type_before));
    if (extension.type < kSkippableExtensions) return bad(fmt::format("unknown extension {}", extension.type));
    if (extension.type == static_cast<std::uint8_t>(ExtensionType::producers) &&
        !valid_producer_marks(extension.value)) {
      return bad(fmt::format("producers in {} bytes", extension.value.size()));
    }
    type_before = extension.type;
  }
  return {};
}

}  // namespace

std::array<std::uint8_t, kSignedHeaderBytes> encode_signed_header(const RecordHeader& h, std::size_t extension_bytes) {
  XYLEM_ASSERT(extension_bytes <= kHeaderExtensionBytesMax);
  std::array<std::uint8_t, kSignedHeaderBytes> out{};
  std::uint8_t* at = out.data();
  const auto integer = [&at](std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) *at++ = static_cast<std::uint8_t>(value >> (8 * i));
  };
  const auto bytes = [&at](ByteView view) { at = std::copy(view.begin(), view.end(), at); };
  integer(kRecordVersion, 1);
  integer(static_cast<std::uint8_t>(h.type), 1);
  integer(static_cast<std::uint8_t>(h.codec), 1);
  integer(0, 1);
  integer(extension_bytes, 2);
  integer(h.event_count, 2);
  integer(h.epoch.value, 8);
  integer(h.seq.value, 8);
  integer(h.feed.value, 8);
  integer(h.feed_epoch.value, 8);
  integer(h.first_version.value, 8);
  integer(to_ms(h.origin_time), 8);
  integer(h.wire_bytes, 4);
  integer(h.plain_bytes, 4);
  bytes(h.key_id);
  bytes(h.prev_record);
  bytes(h.prev_batch);
  bytes(h.wire_sha256);
  bytes(h.payload_root);
  XYLEM_ASSERT(at + kReservedBytes == out.data() + out.size());
  return out;
}

Result<DecodedHeader> decode_header(ByteView body) {
  if (body.size() < kHeaderBytes) {
    return bad(fmt::format("{} bytes, a header has {}", body.size(), kHeaderBytes));
  }
  const RawHeader raw = read_fields(body.first(kHeaderBytes));
  if (raw.version != kRecordVersion) {
    return fail(ErrorCode::kUnsupportedVersion,
                fmt::format("record version {}, known is {}", raw.version, kRecordVersion));
  }
  if (raw.extension_bytes > kHeaderExtensionBytesMax || raw.extension_bytes > body.size() - kHeaderBytes) {
    return bad(fmt::format("{} bytes of extensions in {}", raw.extension_bytes, body.size() - kHeaderBytes));
  }
  const ByteView extensions = body.subspan(kHeaderBytes, raw.extension_bytes);
  if (auto ok = check_numbers(raw); !ok) return fail(ok.error());
  if (auto ok = check_versions(raw.header); !ok) return fail(ok.error());
  if (auto ok = check_sizes(raw.header, raw.extension_bytes); !ok) return fail(ok.error());
  if (auto ok = check_extensions(extensions); !ok) return fail(ok.error());
  return DecodedHeader{raw.header, raw.signature, body.first(kSignedHeaderBytes), extensions,
                       body.first(kHeaderBytes + raw.extension_bytes)};
}

Hash256 link_of(const DecodedHeader& header) { return sha256(header.all); }

Bytes encode_producer_marks(const std::vector<ProducerMark>& marks) {
  XYLEM_ASSERT(!marks.empty() && marks.size() <= kProducerMarksMax);
  Bytes out;
  ByteWriter write(out);
  write.u8(static_cast<std::uint8_t>(ExtensionType::producers));
  write.u16(static_cast<std::uint16_t>(marks.size() * kProducerMarkBytes));
  for (const ProducerMark& mark : marks) {
    write.bytes(mark.id_hash);
    write.u64(mark.producer_epoch);
    write.u64(mark.last_seq);
    write.u64(mark.last_version.value);
    write.u32(mark.events);
  }
  return out;
}

Result<std::vector<ProducerMark>> find_producer_marks(ByteView extensions) {
  if (auto ok = check_extensions(extensions); !ok) return fail(ok.error());
  std::vector<ProducerMark> marks;
  ByteReader read(extensions);
  while (!read.rest().empty()) {
    const Extension extension = read_extension(read);
    if (extension.type != static_cast<std::uint8_t>(ExtensionType::producers)) continue;
    ByteReader value(extension.value);
    while (!value.rest().empty()) {
      ProducerMark mark;
      mark.id_hash = value.array<16>();
      mark.producer_epoch = value.u64();
      mark.last_seq = value.u64();
      mark.last_version = Version(value.u64());
      mark.events = value.u32();
      marks.push_back(mark);
    }
  }
  return marks;
}

}  // namespace xylem
