// Manifests: a whole document, or, as no search finds a signature, a body that is signed here. What is taken gives each
// bucket an epoch, each place at most one grant, and reads the same when it is signed again.
// links: xylem::proto
#include <algorithm>

#include "proto/manifest.h"

using namespace xylem;

namespace {

void check(const Manifest& manifest) {
  for (std::uint32_t bucket = 1; bucket <= manifest.buckets; bucket += 1 + manifest.buckets / 64) {
    XYLEM_ASSERT(manifest.current_epoch(Bucket(static_cast<std::uint16_t>(bucket))));
  }
  const std::size_t count = std::min<std::size_t>(manifest.grants.size(), 64);
  for (std::size_t i = 0; i < count; ++i) {
    const Grant& grant = manifest.grants[i];
    for (const Bucket bucket : {grant.range.first, grant.range.last}) {
      XYLEM_ASSERT(manifest.grant_for(bucket, grant.epoch, grant.from_seq) == &grant);
      XYLEM_ASSERT(manifest.grant_for(bucket, grant.epoch, grant.until_seq.value_or(Seq(kPositionMax))) == &grant);
    }
  }
  for (const EpochStart& start : manifest.epoch_starts) {
    XYLEM_ASSERT(manifest.epoch_start(start.bucket, start.epoch) == &start);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SigningKey key = SigningKey::from_seed({1});
  static const ZoneId zone = zone_id_of(key.public_key());
  const ByteView input(data, size);
  if (const auto manifest = open_manifest_unpinned(input)) check(*manifest);

  const auto manifest = open_manifest(sign_document(DocumentKind::manifest, key, zone, input), zone);
  if (!manifest) return 0;
  check(*manifest);
  XYLEM_ASSERT(open_manifest(sign_manifest(*manifest, key), zone) == *manifest);
  return 0;
}
