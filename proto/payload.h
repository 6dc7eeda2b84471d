// What a batch carries (spec §2). Plain form:  salt(16) | for each event: u32 length | event
//   event = u64 time (ms) | u8 kind length | kind | details           (length ≤ kEventBytesMax)
//   salt_i = first 16 bytes of HMAC-SHA-256(salt, u32 i), i from 0;  leaf_i = SHA-256(0 | salt_i | event_i)
//   payload_root = SHA-256(1 | leaf_0 | … | leaf_n-1)
// Elided body: u16 r | r × u64 seq of the covering redaction records, ascending |
//              for each event: u8 0 | u32 length | salt_i | event   or   u8 1 | leaf_i
// A notice's payload is one Protocol Buffers message; its payload_root is SHA-256(2 | payload).
// So single events can be taken out, and the rest still verifies.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/header.h"

namespace xylem {

// Views into the bytes they were parsed from, or into the poster's buffers when encoding.
struct Event {
  Timestamp time;
  std::string_view kind;  // 1…64 bytes of printable ASCII without spaces
  ByteView details;       // exactly as posted
};

// A batch's item: an event, or nothing where a redaction removed it.
using BatchItem = std::optional<Event>;

std::size_t encoded_event_bytes(std::size_t kind_bytes, std::size_t details_bytes);  // without the u32 length
bool valid_event_kind(std::string_view kind);

Bytes encode_events(const Salt& salt, std::span<const Event> events);
// kBadPayload: lengths that do not fit, a kind that is not valid, another count.
Result<std::vector<Event>> decode_events(ByteView plain, std::size_t count);
// Of a plain payload with `count` events; kBadPayload.
Result<Hash256> payload_root_of(ByteView plain, std::size_t count);
Hash256 notice_root_of(ByteView payload);

struct ElidedBody {
  std::vector<Seq> redactions;
  std::vector<BatchItem> items;
  Hash256 root{};  // recomputed from leaves and events
};
Result<ElidedBody> decode_elided(ByteView body, std::size_t count);
// Takes the events with `remove[i]` out of a plain payload.
Result<Bytes> elide_events(ByteView plain, const std::vector<bool>& remove, std::span<const Seq> redactions);
// Takes more events out of an elided body; its redactions become the union.
Result<Bytes> elide_more(ByteView elided, std::size_t count, const std::vector<bool>& remove,
                         std::span<const Seq> redactions);

// zstd with one frame, stated size, window ≤ 1 MiB, no dictionary, no skippable frame; kBadPayload otherwise.
// The level is the caller's; `stored` is chosen below kCompressBytesMin or where zstd gains nothing.
struct Packed {
  Codec codec;
  Bytes wire;
};
Packed pack_payload(ByteView plain, int zstd_level = 3);
Result<Bytes> unpack_payload(Codec codec, ByteView wire, std::size_t plain_bytes);

}  // namespace xylem
