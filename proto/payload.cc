#include "proto/payload.h"

#include <fmt/format.h>

#include "proto/payload_tree.h"
#include "proto/text.h"

namespace xylem {
namespace {

constexpr std::size_t kEventFixedBytes = 8 + 1;  // time and kind length

tl::unexpected<Error> bad(std::string detail) { return fail(ErrorCode::kBadPayload, std::move(detail)); }

Hash256 tagged_hash(std::uint8_t tag, ByteView first, ByteView second = {}) {
  return sha256({ByteView(&tag, 1), first, second});
}

}  // namespace

std::size_t encoded_event_bytes(std::size_t kind_bytes, std::size_t details_bytes) {
  return kEventFixedBytes + kind_bytes + details_bytes;
}

bool valid_event_kind(std::string_view kind) { return valid_token(kind, kEventKindBytesMax); }

Bytes encode_events(const Salt& salt, std::span<const Event> events) {
  std::size_t size = salt.size();
  for (const Event& event : events) {
    size += kEventLengthBytes + encoded_event_bytes(event.kind.size(), event.details.size());
  }
  Bytes plain;
  plain.reserve(size);
  ByteWriter write(plain);
  write.bytes(salt);
  for (const Event& event : events) {
    const std::size_t event_bytes = encoded_event_bytes(event.kind.size(), event.details.size());
    XYLEM_ASSERT(valid_event_kind(event.kind) && event_bytes <= kEventBytesMax && to_ms(event.time) <= kTimestampMax);
    write.u32(static_cast<std::uint32_t>(event_bytes));
    write.u64(to_ms(event.time));
    write.u8(static_cast<std::uint8_t>(event.kind.size()));
    write.bytes(as_bytes(event.kind));
    write.bytes(event.details);
  }
  return plain;
}

Result<std::vector<Event>> decode_events(ByteView plain, std::size_t count) {
  const auto split = split_events(plain, count);
  if (!split) return fail(split.error());
  std::vector<Event> events;
  events.reserve(count);
  for (ByteView bytes : split->events) {
    const auto event = decode_event(bytes);
    if (!event) return fail(event.error());
    events.push_back(*event);
  }
  return events;
}

Result<Hash256> payload_root_of(ByteView plain, std::size_t count) {
  const auto split = split_events(plain, count);
  if (!split) return fail(split.error());
  std::vector<Hash256> leaves;
  leaves.reserve(count);
  for (ByteView event : split->events) leaves.push_back(event_leaf(event_salt(split->salt, leaves.size()), event));
  return root_of_leaves(leaves);
}

Hash256 notice_root_of(ByteView payload) { return tagged_hash(2, payload); }

Result<SplitEvents> split_events(ByteView plain, std::size_t count) {
  ByteReader read(plain);
  SplitEvents split{read.array<sizeof(Salt)>(), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t size = read.u32();
    split.events.push_back(read.bytes(size));
    if (read.bad()) return bad(fmt::format("ends within event {} of {}", i + 1, count));
  }
  if (!read.done()) return bad(fmt::format("{} bytes after {} events", read.rest().size(), count));
  return split;
}

Salt event_salt(const Salt& batch_salt, std::size_t index) {
  const std::array<std::uint8_t, 4> number = {static_cast<std::uint8_t>(index >> 24),
                                              static_cast<std::uint8_t>(index >> 16),
                                              static_cast<std::uint8_t>(index >> 8), static_cast<std::uint8_t>(index)};
  const Hash256 mac = hmac_sha256(batch_salt, number);
  Salt salt;
  std::copy_n(mac.begin(), salt.size(), salt.begin());
  return salt;
}

Hash256 event_leaf(const Salt& salt, ByteView event) { return tagged_hash(0, salt, event); }

Hash256 root_of_leaves(std::span<const Hash256> leaves) {
  static_assert(sizeof(Hash256) == 32);
  return tagged_hash(1, {reinterpret_cast<const std::uint8_t*>(leaves.data()), leaves.size_bytes()});
}

Result<Event> decode_event(ByteView bytes) {
  if (bytes.size() > kEventBytesMax)
    return bad(fmt::format("event of {} bytes, at most {}", bytes.size(), kEventBytesMax));
  ByteReader read(bytes);
  const std::uint64_t time_ms = read.u64();
  const std::string_view kind = as_text(read.bytes(read.u8()));
  if (read.bad()) return bad(fmt::format("event of {} bytes is cut short", bytes.size()));
  if (time_ms > kTimestampMax) return bad(fmt::format("event time {} ms", time_ms));
  if (!valid_event_kind(kind)) return bad("event kind is not 1 to 64 printable characters without blanks");
  return Event{from_ms(time_ms), kind, read.rest()};
}

}  // namespace xylem
