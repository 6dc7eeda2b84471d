// Chance from a seed. Every purpose (the network's delays, each kind of fault, each node) has a stream of its own,
// drawn apart by its name: a new kind of fault, or one more node, changes nothing of what the others draw.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "client/discovery/server_order.h"
#include "proto/crypto.h"

namespace xylem {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  std::uint64_t bits();
  std::uint64_t below(std::uint64_t count);                         // 0 … count - 1; count above 0
  std::uint64_t between(std::uint64_t least, std::uint64_t most);   // both included
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }  // true once in so many
  std::chrono::milliseconds duration(std::chrono::milliseconds least, std::chrono::milliseconds most);
  // At least 1 ms; on average `mean`, with the exponential distribution of what happens independently.
  std::chrono::milliseconds waiting_time(std::chrono::milliseconds mean);
  template <std::size_t N>
  std::array<std::uint8_t, N> bytes() {
    std::array<std::uint8_t, N> out{};
    for (auto& byte : out) byte = static_cast<std::uint8_t>(bits() >> 56);
    return out;
  }
  // For a core that wants its chance as a function. The stream must outlive it.
  RandomBits function() {
    return [this] { return bits(); };
  }

 private:
  std::uint64_t state_;
};

}  // namespace xylem
