#include "relay/serve/serve_context.h"

#include <algorithm>

namespace xylem {

BucketFanout* ServeContext::fanout(Bucket bucket) {
  const auto found = std::ranges::lower_bound(fanouts, bucket, {}, [](const auto& each) { return each->bucket(); });
  return found != fanouts.end() && (*found)->bucket() == bucket ? found->get() : nullptr;
}

BucketFanout* ServeContext::fanout(FeedId feed) { return fanout(bucket_of(feed, facts->buckets())); }

bool ServeContext::room_for_reader() const {
  const std::size_t reserved = std::min(limits.relay_connections_reserved, limits.connections_max);
  return stats.readers <= limits.connections_max - reserved;
}

}  // namespace xylem
