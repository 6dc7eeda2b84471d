// What a bucket's chain does not prove and fsck looks at too: that each feed's records follow each other, by version,
// by prev_batch and by feed epoch (spec §1.4, §2.3).
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "proto/record.h"

namespace xylem {

class FeedOrder {
 public:
  // `from_the_start`: the window begins at seq 1, so every feed must be opened before its first batch.
  explicit FeedOrder(bool from_the_start) : from_the_start_(from_the_start) {}

  // The records in seq order. What is wrong with this one, if anything; then it counts from here on all the same.
  std::optional<std::string> check(const DecodedHeader& decoded);
  std::size_t feeds() const { return feeds_.size(); }
  // Something in between could not be read: nothing is known of any feed any more.
  void forget();

 private:
  struct Feed {
    FeedEpoch epoch;
    Version version;     // of the last event
    Hash256 link{};      // of the newest batch
    bool known = false;  // these two are: not so after a gap
  };
  std::optional<std::string> check_epoch(const RecordHeader& header, const Feed& feed) const;
  std::optional<std::string> check_links(const RecordHeader& header, const Feed& feed) const;

  bool from_the_start_;
  std::unordered_map<FeedId, Feed> feeds_;
};

}  // namespace xylem
