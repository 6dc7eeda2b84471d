// The next stretch of a feed for who catches up: bytes, when the log has them in memory, or the places in files where
// they lie. The records of a feed are scattered over its bucket's log; neighbours in a file are read as one.
#pragma once

#include <vector>

#include "relay/log/bucket_log.h"

namespace xylem {

inline constexpr std::size_t kOneRecord = 1;  // as bytes_max: exactly one record

struct FeedPortion {
  Bytes hot;                  // whole records, or
  std::vector<ColdRun> cold;  // where they are; both empty: nothing between `after` and `upto`
  Seq last;                   // of the stretch

  bool empty() const { return hot.empty() && cold.empty(); }
};

// Records of the feed after seq `after` up to seq `upto`, at least one where there is one, else until about
// `bytes_max`. kTooOld when retention has passed.
Result<FeedPortion> next_feed_portion(const LogReader& reader, FeedId feed, Seq after, Seq upto, std::size_t bytes_max);

// Appends a stretch of a file to others.
void append_run(std::vector<ColdRun>& runs, const ColdRun& run);

}  // namespace xylem
