// A zone to test with: fixed keys, twelve buckets, one origin whose one grant covers all of them. Change `manifest` and
// sign again for anything else.
#pragma once

#include "proto/manifest.h"
#include "proto/verify.h"

namespace xylem {

inline constexpr Epoch kSampleEpoch{1'700'000'000'000};
inline constexpr std::uint16_t kSampleBuckets = 12;

inline SigningKey sample_key(std::uint8_t number) {
  KeySeed seed;
  seed.fill(number);
  return SigningKey::from_seed(seed);
}

struct SampleZone {
  SigningKey root = sample_key(1);
  SigningKey origin = sample_key(2);
  ZoneId id = zone_id_of(root.public_key());
  Manifest manifest;

  SampleZone() {
    const BucketRange all{Bucket(1), Bucket(kSampleBuckets)};
    manifest.root_key = root.public_key();
    manifest.names = {"distributed.example"};
    manifest.serial = 1;
    manifest.buckets = kSampleBuckets;
    manifest.issued = from_ms(kSampleEpoch.value);
    manifest.grants = {{origin.public_key(), all, kSampleEpoch, Seq(1), std::nullopt}};
    manifest.epochs = {{all, kSampleEpoch}};
  }

  Bytes signed_manifest() const { return sign_manifest(manifest, root); }

  // Of a program that knows the zone's id and its present manifest.
  Trust trust() const {
    Trust trust(id);
    XYLEM_ASSERT(trust.admit(signed_manifest()));
    return trust;
  }
};

}  // namespace xylem
