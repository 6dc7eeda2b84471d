// links: xylem::post
// Bodies of a POST: the first byte chooses the content type.
#include <cstddef>
#include <cstdint>

#include "origin/ingest/post/posted_events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  xylem::PostedBody body;
  body.feed = xylem::FeedId(31337);
  body.content_type = data[0] % 3 == 0 ? "application/x-ndjson" : data[0] % 3 == 1 ? "application/json" : "text/plain";
  body.bytes = {data + 1, size - 1};
  const auto posted = xylem::read_posted_events(body);
  if (posted && posted->events.empty()) __builtin_trap();
  return 0;
}
