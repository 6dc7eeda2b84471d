#include "origin/drill/random_stream.h"

#include "proto/bytes.h"

namespace xylem {

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  Bytes start;
  ByteWriter(start).u64(seed);
  const Hash256 hash = sha256({start, as_bytes(name)});
  state_ = ByteReader(hash).u64();
}

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
std::uint64_t RandomStream::bits() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// The bias of a remainder is far below what any scenario could notice.
std::uint64_t RandomStream::below(std::uint64_t count) { return bits() % count; }

std::uint64_t RandomStream::between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }

std::chrono::milliseconds RandomStream::duration(std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return least + std::chrono::milliseconds(below(static_cast<std::uint64_t>((most - least).count()) + 1));
}

// Integers only, so that every machine and build draws the same: halvings of the mean's half-life, by leading zeros.
std::chrono::milliseconds RandomStream::waiting_time(std::chrono::milliseconds mean) {
  const std::uint64_t half_life = static_cast<std::uint64_t>(mean.count()) * 693 / 1000;
  std::uint64_t time = 0;
  while (bits() >> 63 == 1) time += half_life;
  // Within one half-life the density falls from 1 to 1/2: nearly a line.
  const std::uint64_t a = below(half_life + 1);
  const std::uint64_t b = below(half_life + 1);
  time += chance(3) ? std::min(a, b) : a;
  return std::chrono::milliseconds(std::max<std::uint64_t>(time, 1));
}

}  // namespace xylem
