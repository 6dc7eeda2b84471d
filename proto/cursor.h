// Where a reader stands (spec §1). Valid at every node of the zone; as text they sort in reading order.
//   feed:   EEEEEEEEEEEEEEEE_VVVVVVVVVVVVVVVV[_hhhhhhhh]       feed epoch, last version held, start of the batch
//   header's hash bucket: b5_EEEEEEEEEEEEEEEE_SSSSSSSSSSSSSSSS[_hhhhhhhh]    epoch, last seq held, start of that
//   record's hash
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/ids.h"

namespace xylem {

struct FeedCursor {
  FeedEpoch epoch;                    // 0 = from the start, whatever the epoch
  Version version;                    // the last version held; 0 = none
  std::optional<std::uint32_t> hash;  // first 4 bytes, big endian, of the hash of the batch header that holds `version`

  friend bool operator==(const FeedCursor&, const FeedCursor&) = default;
  std::string to_string() const;
};

struct BucketCursor {
  Bucket bucket;
  Epoch epoch;  // 0 = from the start
  Seq seq;      // the last seq held; 0 = none
  std::optional<std::uint32_t> hash;

  friend bool operator==(const BucketCursor&, const BucketCursor&) = default;
  std::string to_string() const;
};

Result<FeedCursor> parse_feed_cursor(std::string_view text);      // kBadCursor
Result<BucketCursor> parse_bucket_cursor(std::string_view text);  // kBadCursor

}  // namespace xylem
