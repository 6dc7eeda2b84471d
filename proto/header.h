// The signed header of a record (spec §2), 288 bytes, then extensions:
//
//     0  u8  record version (1)      56  u32 wire_bytes            200  24 zero bytes
//     1  u8  type                    60  u32 plain_bytes           224  Ed25519 signature
//     2  u8  codec                   64  8   key id                288  extensions (extension_bytes)
//     3  u8  zero                    72  32  prev_record
//     4  u16 extension_bytes        104  32  prev_batch
//     6  u16 event count            136  32  wire_sha256
//     8  u64 epoch   16 u64 seq     168  32  payload_root
//    24  u64 feed    32 u64 feed epoch   40 u64 first version   48 u64 origin time (ms)
//
// Signed: domain "xylem record v1", zone id, bytes 0…223, extensions. A record's *link* is SHA-256 of bytes 0…287 and
// the extensions; the next record of the bucket carries it as prev_record, the next batch of the feed as prev_batch.
#pragma once

#include <vector>

#include "proto/crypto.h"
#include "proto/ids.h"
#include "proto/limits.h"

namespace xylem {

enum class RecordType : std::uint8_t {
  batch = 1,
  open = 2,
  close = 3,
  expire = 4,
  erase = 5,
  snapshot = 6,
  redaction = 7
};
enum class Codec : std::uint8_t { stored = 0, zstd = 1 };

inline constexpr std::uint8_t kRecordVersion = 1;
inline constexpr std::size_t kSignedHeaderBytes = kHeaderBytes - 64;

struct RecordHeader {
  RecordType type = RecordType::batch;
  Codec codec = Codec::stored;
  Epoch epoch;
  Seq seq;
  FeedId feed;
  FeedEpoch feed_epoch;
  Version first_version;          // 0 in notices
  std::uint16_t event_count = 0;  // 0 in notices
  Timestamp origin_time;
  KeyId key_id{};
  Hash256 prev_record{};         // zeros at seq 1
  Hash256 prev_batch{};          // of the feed's newest batch before this record, notices too; zeros when there is none
  std::uint32_t wire_bytes = 0;  // payload as sent
  std::uint32_t plain_bytes = 0;  // payload after decompression
  Hash256 wire_sha256{};
  Hash256 payload_root{};

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
  bool is_batch() const { return type == RecordType::batch; }
  // Of a batch: the version of its last event.
  Version last_version() const { return Version(first_version.value + event_count - 1); }
};

// Typed extensions, signed with the header: u8 type | u16 length | value, in ascending order of type. A type below 128
// that is not known refuses the record; from 128 on it is passed over.
enum class ExtensionType : std::uint8_t { producers = 128 };

// Of a batch: the producers whose events stand in it, with the newest request of each (spec §8). ≤ 8 per batch. From
// these an origin that lost its journal knows which requests, or which part of one, it must not take again.
struct ProducerMark {
  std::array<std::uint8_t, 16> id_hash{};  // first 16 bytes of SHA-256 of the producer id
  std::uint64_t producer_epoch = 0;
  std::uint64_t last_seq = 0;  // of its newest request with an event in this batch
  Version last_version;        // of that request's newest event in this batch
  std::uint32_t events = 0;    // how many of that request's events stand in the feed up to this batch

  friend bool operator==(const ProducerMark&, const ProducerMark&) = default;
};
inline constexpr std::size_t kProducerMarksMax = 8;

// The 224 bytes that are signed (without extensions).
std::array<std::uint8_t, kSignedHeaderBytes> encode_signed_header(const RecordHeader& header,
                                                                  std::size_t extension_bytes);
struct DecodedHeader {
  RecordHeader header;
  Signature signature{};
  ByteView signed_bytes;  // bytes 0…223
  ByteView extensions;
  ByteView all;  // header, signature, extensions: what link_of() hashes
};
// From the start of a record's body. kBadHeader; kUnsupportedVersion; no signature is checked here.
// Refused: nonzero reserved bytes, unknown type or codec, versions or counts that the type does not allow, seqs,
// versions or epochs of 0 or above their maximum, sizes above their limits or at odds with the codec, prev_record at
// seq 1, prev_batch at version 1 or none after it, malformed or unordered extensions.
Result<DecodedHeader> decode_header(ByteView body);

Hash256 link_of(const DecodedHeader& header);
Bytes encode_producer_marks(const std::vector<ProducerMark>& marks);         // whole extension, with type and length
Result<std::vector<ProducerMark>> find_producer_marks(ByteView extensions);  // empty when there are none

}  // namespace xylem
