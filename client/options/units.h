// What people write for amounts: sizes (`20GB`, `64MiB`), rates (`20Mbit`), durations (`250ms`, `10s`, `5min`, `2h`,
// `1d`). Decimal units are powers of 1000 (disks and providers count so), binary ones of 1024. Case matters only as
// printed here; a plain number is in the unit that the option's help names. Every error says what would be right.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

Result<std::uint64_t> parse_bytes(std::string_view text);                 // "20GB" → 20'000'000'000
Result<std::uint64_t> parse_bits_per_second(std::string_view text);       // "20Mbit" → 20'000'000
Result<std::chrono::milliseconds> parse_duration(std::string_view text);  // "1.5s" → 1500 ms
std::string format_bytes(std::uint64_t bytes);                            // "20.0 GB"
std::string format_duration(std::chrono::milliseconds duration);          // "1.5 s", "2 min 5 s", "3 h 20 min"

}  // namespace xylem
