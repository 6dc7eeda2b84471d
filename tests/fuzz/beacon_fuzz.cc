// Beacons: what is taken has the same bytes when it is written again, but for key id and signature.
// links: xylem::proto
#include <algorithm>

#include "proto/beacon.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SigningKey key = SigningKey::from_seed({1});
  const auto beacon = decode_beacon({data, size});
  if (!beacon) return 0;
  const Bytes again = sign_beacon(*beacon, key, ZoneId{});
  XYLEM_ASSERT(again.size() == size);
  XYLEM_ASSERT(std::equal(data, data + 4, again.begin()));
  XYLEM_ASSERT(std::equal(data + 12, data + kBeaconBytes - 64, again.begin() + 12));
  XYLEM_ASSERT(verify_beacon(*decode_beacon(again), key.public_key(), ZoneId{}));
  return 0;
}
