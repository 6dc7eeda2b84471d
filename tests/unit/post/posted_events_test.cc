#include "origin/ingest/post/posted_events.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

Result<PostedEvents> post(std::string_view type, std::string_view bytes, std::string kind = {}) {
  PostedBody body;
  body.feed = FeedId(31337);
  body.content_type = type;
  body.kind = std::move(kind);
  body.bytes = as_bytes(bytes);
  return read_posted_events(body);
}

std::string details(const NewEvent& event) { return std::string(as_text(event.details)); }

Error error_of(std::string_view type, std::string_view bytes) {
  auto posted = post(type, bytes);
  REQUIRE_FALSE(posted);
  return posted.error();
}

}  // namespace

TEST_CASE("a line of the founding design keeps its bytes, its kind and its time") {
  const std::string line =
      R"({"feed_id": 31337, "timestamp": "2011-12-08T03:02:50Z", "event_kind": "add_comment", "comment_id": 1, )"
      R"("message": "h\u00e9"})";
  auto posted = post("application/x-ndjson", line + "\r\n\n" + line);
  REQUIRE(posted);
  CHECK(posted->content_type == "application/json");
  REQUIRE(posted->events.size() == 2);
  CHECK(posted->events[1].kind == "add_comment");
  CHECK(posted->events[1].time == parse_timestamp("2011-12-08T03:02:50Z").value());
  CHECK(details(posted->events[1]) == line);
}

TEST_CASE("a clock time without a date is no point in time and stays in the details") {
  auto posted = post("application/x-ndjson", R"({"feed_id": "31337", "timestamp": "17:01", "event_kind": "downvote"})");
  REQUIRE(posted);
  CHECK_FALSE(posted->events[0].time);
  CHECK(details(posted->events[0]).find("17:01") != std::string::npos);
}

TEST_CASE("timestamps may be unix seconds or milliseconds") {
  CHECK(post("application/x-ndjson", R"({"timestamp": 1323313370})")->events[0].time == from_ms(1'323'313'370'000));
  CHECK(post("application/x-ndjson", R"({"timestamp": 1323313370123})")->events[0].time == from_ms(1'323'313'370'123));
}

TEST_CASE("a malformed line refuses the request with its number and cause") {
  const Error broken = error_of("application/x-ndjson", "{\"a\":1}\n\n{\"a\":\n{}");
  CHECK(broken.code == ErrorCode::kBadEvent);
  CHECK(broken.detail.find("line 3: not JSON") == 0);
  CHECK(error_of("application/x-ndjson", "[1]").detail == "line 1: must be a JSON object");
  CHECK(error_of("application/x-ndjson", "{\"a\":\"\xff\"}").detail.find("line 1: not JSON") == 0);
  CHECK(error_of("application/x-ndjson", "{\"event_kind\": 3}").detail.find("line 1: event_kind must be") == 0);
  CHECK(error_of("application/x-ndjson", "{\"event_kind\": \"a b\"}").detail.find("line 1: event_kind must be") == 0);
  CHECK(error_of("application/x-ndjson", "{}\n{\"feed_id\": 5}").detail.find("line 2: feed_id is not the feed") == 0);
  CHECK(error_of("application/x-ndjson", " \n\n").detail.find("holds no event") != std::string::npos);
}

TEST_CASE("a line that is too large is refused as such") {
  const Error large = error_of("application/x-ndjson", "{}\n{\"a\":\"" + std::string(kEventBytesMax, 'x') + "\"}");
  CHECK(large.code == ErrorCode::kEventTooLarge);
  CHECK(large.detail.find("line 2:") == 0);
}

TEST_CASE("a JSON array becomes one event an item, other values one event") {
  auto posted = post("application/json; charset=utf-8", R"( [ {"event_kind":"a"}, 2, "x,y" ] )", "edit");
  REQUIRE(posted);
  REQUIRE(posted->events.size() == 3);
  CHECK(posted->events[0].kind == "a");
  CHECK(posted->events[1].kind == "edit");
  CHECK(details(posted->events[0]) == R"({"event_kind":"a"})");
  CHECK(details(posted->events[2]) == "\"x,y\"");
  CHECK(post("application/json", "{\"b\":1}")->events.size() == 1);
  CHECK(error_of("application/json", "[]").detail.find("empty") != std::string::npos);
  CHECK(error_of("application/json", "[1,]").code == ErrorCode::kBadEvent);
  CHECK(error_of("application/json", "").code == ErrorCode::kBadEvent);
}

TEST_CASE("a plain body is one event, a long one several that join to it") {
  auto posted = post("text/plain", "hello", "note");
  REQUIRE(posted);
  CHECK(posted->content_type == "text/plain");
  CHECK(posted->events[0].kind == "note");
  const std::string long_text(kEventBytesMax * 2 + 100, 'y');
  auto cut = post("text/plain", long_text);
  REQUIRE(cut);
  CHECK(cut->events.size() == 3);
  std::string joined;
  for (const NewEvent& event : cut->events) {
    CHECK(encoded_event_bytes(event.kind.size(), event.details.size()) <= kEventBytesMax);
    joined += details(event);
  }
  CHECK(joined == long_text);
  CHECK_FALSE(post("text/plain", ""));
}

TEST_CASE("more events than a request may hold are refused") {
  std::string lines;
  for (int i = 0; i < 10'001; ++i) lines += "{}\n";
  CHECK(error_of("application/x-ndjson", lines).code == ErrorCode::kRequestTooLarge);
}

TEST_CASE("media types are compared without case and parameters") {
  CHECK(media_type("Application/JSON; charset=utf-8") == "application/json");
  CHECK(media_type(" text/plain ") == "text/plain");
}

}  // namespace xylem
