// Directories: a whole document, or a body that is signed here. What is taken has relays that differ, each with ranges
// inside the zone, and reads the same when it is signed again.
// links: xylem::proto
#include "proto/directory.h"

using namespace xylem;

namespace {

Manifest manifest_of(const SigningKey& key) {
  Manifest manifest;
  manifest.root_key = key.public_key();
  manifest.buckets = 12;
  manifest.directory_keys = {key.public_key()};
  return manifest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SigningKey key = SigningKey::from_seed({1});
  static const Manifest manifest = manifest_of(key);
  const ByteView input(data, size);
  (void)open_directory(input, manifest);

  const ZoneId zone = manifest.zone_id();
  const auto directory = open_directory(sign_document(DocumentKind::directory, key, zone, input), manifest);
  if (!directory) return 0;
  for (const DirectoryRelay& relay : directory->relays) {
    XYLEM_ASSERT(relay.port != 0 && !relay.host.empty() && !relay.ranges.empty());
    for (const BucketRange range : relay.ranges) {
      XYLEM_ASSERT(range.first.value >= 1 && range.first <= range.last && range.last.value <= manifest.buckets);
    }
  }
  XYLEM_ASSERT(open_directory(sign_directory(*directory, key, zone), manifest) == *directory);
  return 0;
}
