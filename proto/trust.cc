#include <fmt/format.h>

#include "proto/verify_group.h"

namespace xylem {
namespace {

Result<void> check_successor(const Manifest& before, const Manifest& after) {
  if (after.buckets != before.buckets) {
    return fail(ErrorCode::kBadDocument,
                fmt::format("{} buckets, expected {}: fixed for the life of a zone", after.buckets, before.buckets));
  }
  for (const RangeEpoch& now : after.epochs) {
    for (const RangeEpoch& then : before.epochs) {
      const bool overlap = now.range.first <= then.range.last && then.range.first <= now.range.last;
      if (overlap && now.epoch < then.epoch) {
        return fail(ErrorCode::kWrongEpoch, fmt::format("range {} goes back to epoch {} from {}", to_string(now.range),
                                                        now.epoch.value, then.epoch.value));
      }
    }
  }
  return {};
}

}  // namespace

Result<bool> Trust::admit(ByteView manifest_bytes) {
  auto manifest = open_manifest(manifest_bytes, zone_);
  if (!manifest) return fail(manifest.error());
  const Hash256 hash = sha256(manifest_bytes);
  if (manifest_) {
    if (hash == hash_) return false;
    if (manifest->serial < manifest_->serial) {
      return fail(ErrorCode::kStaleDocument,
                  fmt::format("manifest serial {}, seen is {}", manifest->serial, manifest_->serial));
    }
    if (manifest->serial == manifest_->serial) {
      return fail(ErrorCode::kFork,
                  fmt::format("manifest serial {} is {} and {}", manifest->serial, to_hex(hash_), to_hex(hash)));
    }
    if (auto ok = check_successor(*manifest_, *manifest); !ok) return fail(ok.error());
  }
  manifest_ = std::move(*manifest);
  bytes_.assign(manifest_bytes.begin(), manifest_bytes.end());
  hash_ = hash;
  return true;
}

Bucket Trust::bucket_of(FeedId feed) const {
  XYLEM_ASSERT(manifest_);
  return xylem::bucket_of(feed, manifest_->buckets);
}

Result<void> Trust::check_signature(const DecodedHeader& decoded) const {
  const RecordHeader& header = decoded.header;
  const Bucket bucket = manifest_ ? bucket_of(header.feed) : Bucket();
  const auto grant = GrantWalk(*this, bucket).grant_of(header);
  if (!grant) return fail(grant.error());
  if (!verify_signature((*grant)->origin_key, decoded.signature, kDomainRecord, zone_,
                        {decoded.signed_bytes, decoded.extensions})) {
    return fail(ErrorCode::kBadSignature,
                fmt::format("bucket {}, epoch {}, seq {}", bucket.value, header.epoch.value, header.seq.value));
  }
  return {};
}

// The head of an epoch's first beacons still lies in the epoch before, or nowhere: then the grant of the next record
// counts.
Result<void> Trust::check_beacon(const Beacon& beacon) const {
  const auto place =
      fmt::format("beacon of bucket {}, epoch {}, seq {}", beacon.bucket.value, beacon.epoch.value, beacon.seq.value);
  if (!manifest_) return fail(ErrorCode::kNoGrant, place + ": no manifest yet");
  for (Seq seq : {beacon.seq, beacon.seq.next()}) {
    const Grant* grant = manifest_->grant_for(beacon.bucket, beacon.epoch, seq);
    if (grant == nullptr || key_id_of(grant->origin_key) != beacon.key_id) continue;
    if (verify_beacon(beacon, grant->origin_key, zone_)) return {};
    return fail(ErrorCode::kBadSignature, place);
  }
  return fail(ErrorCode::kNoGrant, fmt::format("{}, key {}", place, to_hex(beacon.key_id)));
}

}  // namespace xylem
