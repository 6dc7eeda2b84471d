#include "relay/serve/feed_portion.h"

namespace xylem {

namespace {

constexpr std::size_t kPiecesMax = 64;

}  // namespace

void append_run(std::vector<ColdRun>& runs, const ColdRun& run) {
  if (!runs.empty() && runs.back().file == run.file && runs.back().offset + runs.back().bytes == run.offset) {
    runs.back().bytes += run.bytes;
    runs.back().last = run.last;
  } else {
    runs.push_back(run);
  }
}

Result<FeedPortion> next_feed_portion(const LogReader& reader, FeedId feed, Seq after, Seq upto,
                                      std::size_t bytes_max) {
  FeedPortion portion;
  portion.last = after;
  std::size_t bytes = 0;
  while (bytes < bytes_max && portion.cold.size() < kPiecesMax) {
    const std::optional<Seq> next = reader.next_of_feed(feed, portion.last);
    if (!next || *next > upto) break;
    if (const std::optional<HotRun> run = reader.hot_run(*next, kOneRecord)) {
      if (!portion.cold.empty()) break;
      if (bytes > 0 && bytes + run->bytes.size() > bytes_max) break;
      portion.hot.insert(portion.hot.end(), run->bytes.begin(), run->bytes.end());
      bytes += run->bytes.size();
    } else {
      if (!portion.hot.empty()) break;
      const Result<ColdRun> cold = reader.cold_run(*next, kOneRecord);
      if (!cold) return fail(cold.error());
      if (bytes > 0 && bytes + cold->bytes > bytes_max) break;
      append_run(portion.cold, *cold);
      bytes += cold->bytes;
    }
    portion.last = *next;
  }
  return portion;
}

}  // namespace xylem
