// The manifest (spec §5): what the root key says about its zone. A record counts only inside the one grant that covers its
// (bucket, epoch, seq) and only under that grant's key.
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
  std::uint64_t serial = 0;        // only grows
  std::uint16_t buckets = 0;       // N
  std::uint8_t record_version = 1;
  Timestamp issued;
  std::vector<Grant> grants;
  std::vector<RangeEpoch> epochs;        // disjoint, together 1…N
  std::vector<EpochStart> epoch_starts;  // only buckets that have had an epoch before
  std::vector<PublicKey> directory_keys;
  std::vector<OriginServer> origins;
  std::vector<RelayId> relays;  // allowed as relays below an origin

  friend bool operator==(const Manifest&, const Manifest&) = default;
  ZoneId zone_id() const { return zone_id_of(root_key); }
  std::optional<Epoch> current_epoch(Bucket bucket) const;
  // The one grant for the place, or nullptr. decode refuses manifests in which two overlap.
  const Grant* grant_for(Bucket bucket, Epoch epoch, Seq seq) const;
  const EpochStart* epoch_start(Bucket bucket, Epoch epoch) const;
};

Bytes sign_manifest(const Manifest& manifest, const SigningKey& root_key);
// Checks everything: signature by the root key it names, that the root key hashes to `zone`, small-order keys, key ids unique,
// grants disjoint, epochs cover 1…N, limits. kBadDocument, kBadSignature, kWrongZone, kWeakKey, kTooLarge.
Result<Manifest> open_manifest(ByteView bytes, const ZoneId& zone);
// First use, nothing pinned yet: the zone is whatever root key signed it.
Result<Manifest> open_manifest_unpinned(ByteView bytes);

}  // namespace xylem
