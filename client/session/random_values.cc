#include "client/session/random_values.h"

#include "proto/bytes.h"

namespace xylem {

std::chrono::milliseconds draw_between(const RandomBits& random, std::chrono::milliseconds low,
                                       std::chrono::milliseconds high) {
  if (high <= low) return low;
  const auto values = static_cast<std::uint64_t>((high - low).count()) + 1;
  return low + std::chrono::milliseconds(static_cast<std::int64_t>(random() % values));
}

Nonce draw_nonce(const RandomBits& random) {
  Bytes bytes;
  ByteWriter writer(bytes);
  for (int i = 0; i < 4; ++i) writer.u64(random());
  return ByteReader(bytes).array<32>();
}

}  // namespace xylem
