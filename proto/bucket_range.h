// A run of buckets: label `4-6`, or `5` for one (spec §1: `[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?`, a < b, never `5-5`).
#pragma once

#include <string>
#include <string_view>

#include "proto/ids.h"

namespace xylem {

struct BucketRange {
  Bucket first;
  Bucket last;  // inclusive

  friend constexpr auto operator<=>(BucketRange, BucketRange) = default;
  constexpr bool contains(Bucket b) const { return first <= b && b <= last; }
  constexpr bool contains(BucketRange r) const { return first <= r.first && r.last <= last; }
  constexpr std::uint32_t size() const { return std::uint32_t{last.value} - first.value + 1; }
};

// [1-9][0-9]{0,4}, at most 65 535; kBadName otherwise.
Result<Bucket> parse_bucket(std::string_view digits);
// kBadName: not of the form above, or beyond bucket 65 535.
Result<BucketRange> parse_bucket_range(std::string_view label);
std::string to_string(BucketRange range);

}  // namespace xylem
