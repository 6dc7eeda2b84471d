#include "proto/beacon.h"

namespace xylem {
namespace {

constexpr std::size_t kFeedRootBytes = 32;  // reserved for a root over the heads of the bucket's feeds

// Everything but the signature: what is signed.
Bytes encode_unsigned(const Beacon& beacon) {
  Bytes bytes;
  bytes.reserve(kBeaconBytes);
  ByteWriter out(bytes);
  out.u16(beacon.bucket.value);
  out.u16(0);
  out.bytes(beacon.key_id);
  out.u64(beacon.epoch.value);
  out.u64(beacon.seq.value);
  out.bytes(beacon.head);
  out.u64(to_ms(beacon.time));
  out.u64(beacon.manifest_serial);
  out.zeros(kFeedRootBytes);
  return bytes;
}

}  // namespace

Bytes sign_beacon(Beacon beacon, const SigningKey& key, const ZoneId& zone) {
  beacon.key_id = key.key_id();
  Bytes bytes = encode_unsigned(beacon);
  const Signature signature = key.sign(kDomainBeacon, zone, {bytes});
  ByteWriter(bytes).bytes(signature);
  return bytes;
}

bool verify_beacon(const Beacon& beacon, const PublicKey& key, const ZoneId& zone) {
  return verify_signature(key, beacon.signature, kDomainBeacon, zone, {encode_unsigned(beacon)});
}

Result<Beacon> decode_beacon(ByteView bytes) {
  if (bytes.size() != kBeaconBytes) return fail(ErrorCode::kBadFrame, "a beacon has 172 bytes");
  ByteReader in(bytes);
  Beacon beacon;
  beacon.bucket = Bucket(in.u16());
  const std::uint16_t reserved = in.u16();
  beacon.key_id = in.array<8>();
  beacon.epoch = Epoch(in.u64());
  beacon.seq = Seq(in.u64());
  beacon.head = in.array<32>();
  const std::uint64_t time_ms = in.u64();
  beacon.manifest_serial = in.u64();
  const auto feed_root = in.array<kFeedRootBytes>();
  beacon.signature = in.array<64>();

  if (beacon.bucket.value == 0) return fail(ErrorCode::kBadFrame, "beacon of bucket 0");
  if (reserved != 0 || feed_root != Hash256{}) return fail(ErrorCode::kBadFrame, "reserved bytes are not zero");
  if (beacon.epoch.value == 0 || beacon.epoch.value > kEpochMax) return fail(ErrorCode::kBadFrame, "beacon's epoch");
  if (beacon.seq.value > kPositionMax) return fail(ErrorCode::kBadFrame, "beacon's seq");
  if (time_ms > kTimestampMax) return fail(ErrorCode::kBadFrame, "beacon's time");
  if (beacon.seq.value == 0 && beacon.head != Hash256{}) {
    return fail(ErrorCode::kBadFrame, "a beacon of an empty bucket has a head");
  }
  beacon.time = from_ms(time_ms);
  return beacon;
}

}  // namespace xylem
