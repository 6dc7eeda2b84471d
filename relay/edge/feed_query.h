// What a GET of `/v1/stream/{feed}` asks for.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/cursor.h"
#include "proto/result.h"
#include "relay/edge/http_request.h"

namespace xylem {

struct FeedQuery {
  enum class From : std::uint8_t {
    start,    // offset absent or -1
    now,      // offset=now
    version,  // a bare version: of whatever epoch is held
    cursor,
  };
  enum class Shape : std::uint8_t {
    details,  // as posted
    event,    // each wrapped: one JSON object a line
  };

  FeedRef feed;
  From from = From::start;
  FeedCursor cursor;
  std::optional<std::uint64_t> limit;  // events
  Shape shape = Shape::details;
};

// kBadRequest, kBadCursor, kBadName; kNotImplemented for what is not offered (yet).
Result<FeedQuery> parse_feed_query(const HttpRequest& request);

}  // namespace xylem
