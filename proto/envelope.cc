#include "proto/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proto/beacon.h"
#include "proto/crc32c.h"

namespace xylem {
namespace {

constexpr std::size_t kPrefixBytes = 8;  // length, type, version, form, flags: all that must be known to refuse a frame
constexpr std::size_t kChecksumBytes = 4;
// A buffer that grew beyond this for one large frame is given back.
constexpr std::size_t kKeptBufferBytes = 16 * kKiB;

bool known(FrameType type) {
  switch (type) {
    case FrameType::record:
    case FrameType::beacon:
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::prove:
    case FrameType::buckets:
    case FrameType::have:
    case FrameType::path:
    case FrameType::subscribe:
    case FrameType::unsubscribe:
    case FrameType::status:
    case FrameType::ping:
    case FrameType::pong:
    case FrameType::fetch:
    case FrameType::blob:
    case FrameType::skipped:
    case FrameType::evidence:
    case FrameType::goaway:
    case FrameType::error:
      return true;
  }
  return false;
}

struct Prefix {
  std::size_t body_bytes = 0;
  FrameType type{};
  RecordForm form{};
};

// The first 8 bytes decide whether the rest is worth waiting for.
Result<Prefix> parse_prefix(ByteView bytes) {
  ByteReader read(bytes);
  const std::uint32_t length = read.u32();
  const std::uint8_t type = read.u8();
  const std::uint8_t version = read.u8();
  const std::uint8_t form = read.u8();
  const std::uint8_t flags = read.u8();

  const Prefix prefix{length, static_cast<FrameType>(type), static_cast<RecordForm>(form)};
  if (version != kEnvelopeVersion) {
    return fail(ErrorCode::kUnsupportedVersion,
                fmt::format("envelope version {}, known is {}", version, kEnvelopeVersion));
  }
  if (!known(prefix.type)) return fail(ErrorCode::kBadFrame, fmt::format("unknown frame type {}", type));
  const bool record = prefix.type == FrameType::record;
  if (form > static_cast<std::uint8_t>(record ? RecordForm::withheld : RecordForm::full)) {
    return fail(ErrorCode::kBadFrame, fmt::format("form {} of frame type {}", form, type));
  }
  if (flags != 0) return fail(ErrorCode::kBadFrame, fmt::format("flags {:#04x}, expected none", flags));
  const std::size_t body_max = body_bytes_max(prefix.type, prefix.form);
  if (length > body_max) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("body of {} bytes in frame type {}, at most {}", length, type, body_max));
  }
  return prefix;
}

std::uint32_t checksum(ByteView prefix, ByteView body) { return crc32c(body, crc32c(prefix)); }

void release(Bytes& buffer) {
  if (buffer.capacity() > kKeptBufferBytes) {
    Bytes().swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace

std::size_t body_bytes_max(FrameType type, RecordForm form) {
  if (type == FrameType::record) {
    switch (form) {
      case RecordForm::full:
        return kRecordWireBytesMax - kEnvelopeBytes;
      case RecordForm::elided:
        return kElidedRecordBytesMax - kEnvelopeBytes;
      case RecordForm::withheld:
        return kHeaderBytes + kHeaderExtensionBytesMax;
    }
  }
  if (type == FrameType::beacon) return kBeaconBytes;
  if (type == FrameType::blob) return kBlobFrameBytesMax;
  if (type == FrameType::have) return kHaveFrameBytesMax;
  return kControlFrameBytesMax;
}

Result<std::optional<Envelope>> parse_envelope(ByteView bytes) {
  if (bytes.size() < kPrefixBytes) return std::nullopt;
  const auto prefix = parse_prefix(bytes.first(kPrefixBytes));
  if (!prefix) return fail(prefix.error());
  if (bytes.size() < kEnvelopeBytes + prefix->body_bytes) return std::nullopt;

  const ByteView frame = bytes.first(kEnvelopeBytes + prefix->body_bytes);
  const ByteView body = frame.subspan(kEnvelopeBytes);
  const std::uint32_t stated = ByteReader(frame.subspan(kPrefixBytes, kChecksumBytes)).u32();
  const std::uint32_t actual = checksum(frame.first(kPrefixBytes), body);
  if (stated != actual) {
    return fail(ErrorCode::kBadChecksum, fmt::format("found {:08x}, expected {:08x}", stated, actual));
  }
  return Envelope{prefix->type, prefix->form, body, frame};
}

void append_frame(Bytes& out, FrameType type, RecordForm form, ByteView body) {
  XYLEM_ASSERT(body.size() <= body_bytes_max(type, form));
  const std::size_t start = out.size();
  ByteWriter write(out);
  write.u32(static_cast<std::uint32_t>(body.size()));
  write.u8(static_cast<std::uint8_t>(type));
  write.u8(kEnvelopeVersion);
  write.u8(static_cast<std::uint8_t>(form));
  write.u8(0);
  write.u32(checksum(ByteView(out).subspan(start, kPrefixBytes), body));
  write.bytes(body);
}

Bytes make_frame(FrameType type, ByteView body) {
  Bytes frame;
  frame.reserve(kEnvelopeBytes + body.size());
  append_frame(frame, type, RecordForm::full, body);
  return frame;
}

void FrameSplitter::feed(ByteView bytes) {
  XYLEM_ASSERT(fresh_.empty());
  release(completed_);
  if (!error_) fresh_ = bytes;
}

Result<std::optional<Envelope>> FrameSplitter::next() {
  if (error_) return fail(*error_);
  const bool begun = !incomplete_.empty();
  auto parsed = begun ? complete_the_incomplete() : parse_envelope(fresh_);
  if (!parsed) {
    error_ = parsed.error();
    fresh_ = {};
  } else if (!*parsed) {
    incomplete_.insert(incomplete_.end(), fresh_.begin(), fresh_.end());
    fresh_ = {};
  } else if (!begun) {
    fresh_ = fresh_.subspan(parsed->value().frame.size());
  }
  return parsed;
}

// Takes only what belongs to the frame that was begun; nothing while that is still not all there.
Result<std::optional<Envelope>> FrameSplitter::complete_the_incomplete() {
  const auto take_until = [this](std::size_t size) {
    if (incomplete_.size() >= size) return;
    const std::size_t count = std::min(size - incomplete_.size(), fresh_.size());
    incomplete_.insert(incomplete_.end(), fresh_.begin(), fresh_.begin() + static_cast<std::ptrdiff_t>(count));
    fresh_ = fresh_.subspan(count);
  };
  take_until(kPrefixBytes);
  if (incomplete_.size() < kPrefixBytes) return std::nullopt;
  const auto prefix = parse_prefix(ByteView(incomplete_).first(kPrefixBytes));
  if (!prefix) return fail(prefix.error());
  take_until(kEnvelopeBytes + prefix->body_bytes);
  if (incomplete_.size() < kEnvelopeBytes + prefix->body_bytes) return std::nullopt;

  std::swap(completed_, incomplete_);
  incomplete_.clear();
  return parse_envelope(completed_);
}

}  // namespace xylem
