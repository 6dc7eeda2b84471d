#include "client/options/units.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>

namespace xylem {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kByteUnits = {
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"kB", 1e3},
    Unit{"KB", 1e3},
    Unit{"MB", 1e6},
    Unit{"GB", 1e9},
    Unit{"TB", 1e12},
    Unit{"KiB", 1024.0},
    Unit{"MiB", 1048576.0},
    Unit{"GiB", 1073741824.0},
    Unit{"TiB", 1099511627776.0},
};
constexpr std::array kRateUnits = {
    Unit{"bit", 1},   Unit{"kbit", 1e3},   Unit{"Mbit", 1e6},   Unit{"Gbit", 1e9},
    Unit{"bit/s", 1}, Unit{"kbit/s", 1e3}, Unit{"Mbit/s", 1e6}, Unit{"Gbit/s", 1e9},
};
constexpr std::array kTimeUnits = {
    Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"min", 6e4}, Unit{"h", 3.6e6}, Unit{"d", 8.64e7},
};

// A decimal number, perhaps a space, a unit of the table; rounded to a whole number of the base unit.
template <std::size_t N>
Result<std::uint64_t> parse_amount(std::string_view text, const std::array<Unit, N>& units, std::string_view example) {
  double number = 0;
  const char* const end = text.data() + text.size();
  auto [rest, problem] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (problem == std::errc() && number >= 0 && std::isfinite(number)) {
    for (const Unit& known : units) {
      if (known.name != unit) continue;
      const double amount = std::round(number * known.factor);
      if (amount >= 9.2e18) break;
      return static_cast<std::uint64_t>(amount);
    }
  }
  return fail(ErrorCode::kConfig, fmt::format("'{}' is not understood; write it like {}", text, example));
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  return parse_amount(text, kByteUnits, "20GB, 500MB or 64MiB");
}

Result<std::uint64_t> parse_bits_per_second(std::string_view text) {
  return parse_amount(text, kRateUnits, "20Mbit or 1Gbit");
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto amount = parse_amount(text, kTimeUnits, "250ms, 10s, 5min, 2h or 1d");
  if (!amount) return fail(amount.error());
  return std::chrono::milliseconds(static_cast<std::int64_t>(*amount));
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array kNames = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kNames.size()) {
    amount /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kNames[unit]);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 10'000) return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  const std::int64_t s = ms / 1000;
  if (s < 60) return fmt::format("{} s", s);
  const auto two = [](std::int64_t large, std::string_view unit, std::int64_t small, std::string_view rest) {
    return small == 0 ? fmt::format("{} {}", large, unit) : fmt::format("{} {} {} {}", large, unit, small, rest);
  };
  if (s < 3600) return two(s / 60, "min", s % 60, "s");
  if (s < 86'400) return two(s / 3600, "h", s % 3600 / 60, "min");
  return two(s / 86'400, "d", s % 86'400 / 3600, "h");
}

}  // namespace xylem
