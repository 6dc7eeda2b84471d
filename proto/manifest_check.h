// What must hold between the parts of a manifest (spec §5), once each field alone is sound. proto/manifest.cc asks when
// a manifest is opened; nobody else needs to.
#pragma once

#include <span>

#include "proto/manifest.h"

namespace xylem {

// Two keys with the same first 8 bytes of their hash could not be told apart in a header. Equal keys are one key.
struct IdentifiedKey {
  KeyId id{};
  PublicKey key{};
  friend auto operator<=>(const IdentifiedKey&, const IdentifiedKey&) = default;
};
Result<void> check_key_ids(std::vector<IdentifiedKey> keys);  // kBadDocument

// Order of the lists, epochs that tile 1…N, grants and epoch starts of epochs that were, grants disjoint. kBadDocument.
Result<void> check_manifest(const Manifest& manifest);

// The order of the lists, here and in every manifest: grants by (epoch, range, from_seq), epochs by range, epoch starts
// by (bucket, epoch).
bool comes_before(const Grant& a, const Grant& b);
bool comes_before(const RangeEpoch& a, const RangeEpoch& b);
bool comes_before(const EpochStart& a, const EpochStart& b);

}  // namespace xylem
