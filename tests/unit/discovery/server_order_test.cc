#include "client/discovery/server_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace xylem;

namespace {

RandomBits seeded(std::uint64_t seed) {
  return [generator = std::mt19937_64(seed)]() mutable { return generator(); };
}

// How often each server comes first.
std::vector<int> firsts(const std::vector<Preference>& servers, int rounds) {
  const RandomBits random = seeded(2782);
  std::vector<int> count(servers.size());
  for (int i = 0; i < rounds; ++i) ++count[server_order(servers, random).front()];
  return count;
}

// Within four standard deviations of what the share says.
bool near(int count, double share, int rounds) {
  const double expected = share * rounds;
  return std::abs(count - expected) <= 4 * std::sqrt(expected * (1 - share)) + 1;
}

}  // namespace

TEST_CASE("each server is named once, lower priorities first") {
  const std::vector<Preference> servers{{20, 5}, {10, 0}, {20, 0}, {10, 7}, {0, 1}};
  const RandomBits random = seeded(1);
  for (int i = 0; i < 100; ++i) {
    std::vector<std::size_t> order = server_order(servers, random);
    REQUIRE(order.size() == servers.size());
    CHECK(std::ranges::is_sorted(order, {}, [&](std::size_t at) { return servers[at].priority; }));
    std::ranges::sort(order);
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  }
}

TEST_CASE("weights are obeyed") {
  constexpr int kRounds = 60'000;
  const std::vector<Preference> servers{{0, 10}, {0, 20}, {0, 70}, {1, 65'535}};
  const std::vector<int> count = firsts(servers, kRounds);
  // RFC 2782 draws from 0 to the sum inclusive, so the first of the rest gets one part of 101 more.
  CHECK(near(count[0], 0.10, kRounds + kRounds / 50));
  CHECK(std::abs(count[1] / double(kRounds) - 0.20) < 0.01);
  CHECK(std::abs(count[2] / double(kRounds) - 0.70) < 0.01);
  CHECK(count[3] == 0);
}

TEST_CASE("weights are obeyed for second places, too") {
  constexpr int kRounds = 30'000;
  const std::vector<Preference> servers{{0, 10}, {0, 30}, {0, 60}};
  const RandomBits random = seeded(7);
  int ten_before_thirty = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::vector<std::size_t> order = server_order(servers, random);
    if (std::ranges::find(order, 0U) < std::ranges::find(order, 1U)) ++ten_before_thirty;
  }
  CHECK(std::abs(ten_before_thirty / double(kRounds) - 0.25) < 0.02);
}

TEST_CASE("servers of weight zero share evenly among themselves, and are rarely chosen beside others") {
  constexpr int kRounds = 30'000;
  const std::vector<int> equal = firsts({{0, 0}, {0, 0}, {0, 0}}, kRounds);
  for (const int count : equal) CHECK(near(count, 1.0 / 3, kRounds));
  const std::vector<int> beside = firsts({{0, 0}, {0, 100}}, kRounds);
  CHECK(beside[0] > 0);
  CHECK(near(beside[0], 1.0 / 101, kRounds));
}

TEST_CASE("none and one are in order as they are") {
  CHECK(server_order({}, seeded(1)).empty());
  CHECK(server_order(std::vector<Preference>{{3, 3}}, seeded(1)) == std::vector<std::size_t>{0});
}

TEST_CASE("the largest weights do not overflow") {
  const std::vector<Preference> servers(20, Preference{65'535, 65'535});
  CHECK(server_order(servers, system_random()).size() == 20);
}
