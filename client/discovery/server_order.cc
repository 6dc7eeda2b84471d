#include "client/discovery/server_order.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "proto/crypto.h"

namespace xylem {
namespace {

// Even over 0…last, without the bias of a remainder.
std::uint64_t random_up_to(std::uint64_t last, const RandomBits& random) {
  if (last == UINT64_MAX) return random();
  const std::uint64_t count = last + 1;
  const std::uint64_t usable = UINT64_MAX - (UINT64_MAX % count + 1) % count;
  std::uint64_t bits = random();
  while (bits > usable) bits = random();
  return bits % count;
}

// RFC 2782: servers of weight 0 first, running sums, a random number from 0 to the sum inclusive picks the first server
// whose running sum reaches it. Those of weight 0 are shuffled, so that they share evenly among themselves.
void order_by_weight(std::span<std::size_t> group, std::span<const Preference> servers, const RandomBits& random) {
  for (std::size_t i = group.size(); i > 1; --i) std::swap(group[i - 1], group[random_up_to(i - 1, random)]);
  std::partition(group.begin(), group.end(), [&](std::size_t i) { return servers[i].weight == 0; });
  while (group.size() > 1) {
    std::uint64_t sum = 0;
    for (const std::size_t i : group) sum += servers[i].weight;
    const std::uint64_t wanted = random_up_to(sum, random);
    std::uint64_t running = 0;
    const auto picked =
        std::ranges::find_if(group, [&](std::size_t i) { return (running += servers[i].weight) >= wanted; });
    std::rotate(group.begin(), picked, picked + 1);
    group = group.subspan(1);
  }
}

}  // namespace

RandomBits system_random() {
  return [] {
    std::array<std::uint8_t, 8> bytes{};
    fill_random(bytes);
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), sizeof(bits));
    return bits;
  };
}

std::vector<std::size_t> server_order(std::span<const Preference> servers, const RandomBits& random) {
  std::vector<std::size_t> order(servers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return servers[i].priority; });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && servers[order[last]].priority == servers[order[first]].priority) ++last;
    order_by_weight(std::span(order).subspan(first, last - first), servers, random);
    first = last;
  }
  return order;
}

}  // namespace xylem
