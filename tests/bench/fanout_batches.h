// The records of the fan-out: server and floor make the same ones.
#pragma once

#include "tests/bench/bench_world.h"

namespace xylem {

inline constexpr std::size_t kFanoutBatchEvents = 33;

// An `open`, then so many batches. Their frames are the maker's.
inline void make_fanout_records(RecordMaker& maker, std::size_t batches) {
  CommentText text;
  maker.open(kBenchFeed);
  for (std::size_t i = 0; i < batches; ++i) {
    std::vector<std::string> details(kFanoutBatchEvents);
    for (std::string& each : details) each = text.next();
    maker.batch_of(kBenchFeed, details);
  }
}

}  // namespace xylem
