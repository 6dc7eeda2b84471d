// In which order to try the servers of an SRV set: RFC 2782, lowest priority first, within a priority at random by
// weight.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace xylem {

struct Preference {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
};

// 64 random bits a call: the operating system's in programs, a seeded generator in tests.
using RandomBits = std::function<std::uint64_t()>;
RandomBits system_random();

// Indices of `servers`, the first to try first; each exactly once.
std::vector<std::size_t> server_order(std::span<const Preference> servers, const RandomBits& random);

}  // namespace xylem
