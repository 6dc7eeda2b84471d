// The manifest (spec §5): what the root key says about its zone. A record counts only inside the one grant that covers
// its (bucket, epoch, seq) and only under that grant's key. Whether it is newer than the last one is for Trust
// (proto/verify.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/bucket_range.h"
#include "proto/identity.h"
#include "proto/signed_document.h"

namespace xylem {

struct Grant {
  PublicKey origin_key{};
  BucketRange range;
  Epoch epoch;
  Seq from_seq;
  std::optional<Seq> until_seq;  // inclusive; nothing = open
  bool covers(Bucket bucket, Epoch at, Seq seq) const {
    return range.contains(bucket) && at == epoch && from_seq <= seq && (!until_seq || seq <= *until_seq);
  }
  friend bool operator==(const Grant&, const Grant&) = default;
};

// Where the epoch before ended in one bucket: the first record of `epoch` has seq last_seq + 1 and links to `head`.
struct EpochStart {
  Bucket bucket;
  Epoch epoch;
  Seq last_seq;
  Hash256 head{};
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

struct RangeEpoch {
  BucketRange range;
  Epoch epoch;  // current
  friend bool operator==(const RangeEpoch&, const RangeEpoch&) = default;
};

struct OriginServer {  // whom a volunteer of a one-tier zone asks
  BucketRange range;
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const OriginServer&, const OriginServer&) = default;
};

struct Manifest {
  PublicKey root_key{};
  std::vector<std::string> names;  // DNS names of the zone
  std::uint64_t serial = 0;        // from 1, only grows
  std::uint16_t buckets = 0;       // N
  std::uint8_t record_version = 1;
  Timestamp issued;
  std::vector<Grant> grants;             // disjoint; by (epoch, range, from_seq)
  std::vector<RangeEpoch> epochs;        // together 1…N, once each; by range
  std::vector<EpochStart> epoch_starts;  // only buckets that have had an epoch before; by (bucket, epoch)
  std::vector<PublicKey> directory_keys;
  std::vector<OriginServer> origins;
  std::vector<RelayId> relays;  // allowed as relays below an origin

  friend bool operator==(const Manifest&, const Manifest&) = default;
  ZoneId zone_id() const { return zone_id_of(root_key); }
  // These three rely on the order of the lists, which open_manifest guarantees.
  std::optional<Epoch> current_epoch(Bucket bucket) const;
  const Grant* grant_for(Bucket bucket, Epoch epoch, Seq seq) const;  // the one for the place, or nullptr
  const EpochStart* epoch_start(Bucket bucket, Epoch epoch) const;    // or nullptr
};

// Puts the lists in order; root_key is taken from the key. What is signed is not checked: open it before it is given to
// anyone.
Bytes sign_manifest(Manifest manifest, const SigningKey& root_key);
// Checks everything: that the root key hashes to `zone`, its signature, every field and limit, the order of the lists,
// grants disjoint, epochs cover 1…N, small-order keys, key ids unique. kBadDocument, kBadSignature, kWrongZone,
// kWeakKey, kTooLarge, kBadName, kUnsupportedVersion.
Result<Manifest> open_manifest(ByteView bytes, const ZoneId& zone);
// First use, nothing pinned yet: the zone is whatever root key signed it.
Result<Manifest> open_manifest_unpinned(ByteView bytes);

}  // namespace xylem
