#include "relay/edge/feed_query.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace xylem {

namespace {

// They change what an answer means, so they are refused rather than passed over.
constexpr std::array<std::string_view, 5> kNotOffered = {"live", "wait_version", "snapshot", "tail", "last_event_id"};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<void> parse_offset(const std::string& offset, FeedQuery& query) {
  if (offset == "-1") return {};
  if (offset == "now") {
    query.from = FeedQuery::From::now;
    return {};
  }
  if (const std::optional<std::uint64_t> version = parse_number(offset)) {
    query.from = FeedQuery::From::version;
    query.cursor.version = Version(*version);
    return {};
  }
  const Result<FeedCursor> cursor = parse_feed_cursor(offset);
  if (!cursor) return fail(cursor.error());
  query.from = FeedQuery::From::cursor;
  query.cursor = *cursor;
  return {};
}

}  // namespace

Result<FeedQuery> parse_feed_query(const HttpRequest& request) {
  const HttpTarget& target = request.target;
  FeedQuery query;
  Result<FeedRef> feed = parse_feed(target.path.at(2));
  if (!feed) return fail(feed.error());
  query.feed = std::move(*feed);

  for (const std::string_view name : kNotOffered) {
    if (target.count(name) > 0) return fail(ErrorCode::kNotImplemented, "parameter `" + std::string(name) + "`");
  }
  if (request.lists("accept", "text/event-stream")) return fail(ErrorCode::kNotImplemented, "event streams");

  if (target.count("offset") > 1) return fail(ErrorCode::kBadRequest, "offset is given more than once");
  if (const std::string* offset = target.parameter("offset")) {
    if (Result<void> parsed = parse_offset(*offset, query); !parsed) return fail(parsed.error());
  }
  if (const std::string* limit = target.parameter("limit")) {
    query.limit = parse_number(*limit);
    if (!query.limit || *query.limit == 0) return fail(ErrorCode::kBadRequest, "limit must be a number above 0");
  }
  if (const std::string* shape = target.parameter("shape")) {
    if (*shape != "event") return fail(ErrorCode::kBadRequest, "the only shape is `event`");
    query.shape = FeedQuery::Shape::event;
  }
  if (request.lists("accept", "application/x-ndjson")) query.shape = FeedQuery::Shape::event;
  return query;
}

}  // namespace xylem
