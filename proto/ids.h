// The strong types of the wire (spec §1). All are plain values: ordered, hashable, no conversion between them.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

template <typename Tag>
struct StrongU64 {
  std::uint64_t value = 0;

  constexpr StrongU64() = default;
  constexpr explicit StrongU64(std::uint64_t v) : value(v) {}
  friend constexpr auto operator<=>(StrongU64, StrongU64) = default;
  constexpr StrongU64 next() const { return StrongU64(value + 1); }
  constexpr StrongU64 plus(std::uint64_t n) const { return StrongU64(value + n); }
};

using FeedId = StrongU64<struct FeedIdTag>;        // opaque 64 bits
using Version = StrongU64<struct VersionTag>;      // of an event in its feed: 1, 2, 3, …; 0 = before the first
using Seq = StrongU64<struct SeqTag>;              // of a record in its bucket: 1, 2, 3, …; 0 = before the first
using Epoch = StrongU64<struct EpochTag>;          // of a range's history: unix ms, below 2^53, only grows
using FeedEpoch = StrongU64<struct FeedEpochTag>;  // of a feed's history: unix ms, below 2^53, only grows

// Unix time. On the wire 64-bit unsigned milliseconds, at most kTimestampMax.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
inline constexpr std::uint64_t kTimestampMax = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
inline constexpr std::uint64_t kEpochMax = (std::uint64_t{1} << 53) - 1;
inline constexpr std::uint64_t kPositionMax = kEpochMax;  // of a seq or version: 16 digits, exact as a JSON number
inline std::uint64_t to_ms(Timestamp t) { return static_cast<std::uint64_t>(t.time_since_epoch().count()); }
inline Timestamp from_ms(std::uint64_t ms) {
  return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(ms)));
}
std::string to_rfc3339(Timestamp t);  // "2011-12-08T03:02:50.000Z"
Result<Timestamp> parse_timestamp(
    std::string_view text);  // RFC 3339 with a date; unix seconds or ms; kBadEvent otherwise

// A bucket is `feed_id mod N`, residue 0 written N: 1…N, N ≤ 65 535.
struct Bucket {
  std::uint16_t value = 0;

  constexpr Bucket() = default;
  constexpr explicit Bucket(std::uint16_t v) : value(v) {}
  friend constexpr auto operator<=>(Bucket, Bucket) = default;
};

// n must be 1…65 535. 31337 of 12 → 5; 0 of 12 → 12.
Bucket bucket_of(FeedId feed, std::uint16_t n);

// First 8 bytes, big endian, of SHA-256 of the name's exact bytes.
FeedId feed_id_of_name(std::string_view name);

// What a person or URL writes: all digits = id, anything else = name, `name:31337` forces a name. `name` is empty for
// an id.
struct FeedRef {
  FeedId id;
  std::string name;
};
Result<FeedRef> parse_feed(
    std::string_view text);          // kBadName: empty, a number above 2^64-1, a name over kFeedNameBytesMax
std::string to_string(FeedId feed);  // decimal

}  // namespace xylem

template <typename Tag>
struct std::hash<xylem::StrongU64<Tag>> {
  std::size_t operator()(xylem::StrongU64<Tag> v) const noexcept {
    return static_cast<std::size_t>(v.value * 0x9E3779B97F4A7C15ULL >> 7);
  }
};
template <>
struct std::hash<xylem::Bucket> {
  std::size_t operator()(xylem::Bucket b) const noexcept { return b.value; }
};
