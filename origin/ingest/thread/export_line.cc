#include "origin/ingest/thread/export_line.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "client/view/view_limits.h"
#include "origin/ingest/thread/event_line.h"
#include "proto/limits.h"

namespace xylem {
namespace {

using Type = JsonValue::Type;

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999
constexpr std::string_view kPostPrefix = "t3_";
constexpr std::string_view kCommentPrefix = "t1_";

// Exports have seconds as 1323313344, 1323313344.0 or "1323313344".
std::optional<std::int64_t> seconds_of(const JsonValue& value) {
  std::int64_t seconds = -1;
  if (value.is(Type::kInteger)) {
    seconds = value.integer;
  } else if (value.is(Type::kReal) && value.real >= 0 && value.real <= static_cast<double>(kSecondsMax)) {
    seconds = static_cast<std::int64_t>(value.real);
  } else if (value.is(Type::kText)) {
    const char* end = value.text.data() + value.text.size();
    const auto [rest, error] = std::from_chars(value.text.data(), end, seconds);
    if (error != std::errc() || rest != end) return std::nullopt;
  }
  return seconds >= 0 && seconds <= kSecondsMax ? std::optional(seconds) : std::nullopt;
}

// Reads members and writes events; the first problem stays, and makes everything after it moot.
class LineConverter {
 public:
  explicit LineConverter(const JsonObject& line) : line_(line) {}

  Result<LineEvents> convert() {
    const auto time = seconds_of(line_.member("created_utc"));
    if (!time) note("created_utc is missing or no time in seconds");
    out_.time = time.value_or(0);
    line_.member("title").absent_or_null() ? comment() : post();
    if (problem_) return fail(std::move(*problem_));
    return std::move(out_);
  }

 private:
  void post() {
    out_.subject = LineEvents::Subject::kPost;
    const std::string_view message = text("selftext", kEventBytesMax);
    EventLine event("add_post", out_.time);
    event.text("title", required("title", kTitleBytesMax));
    event.text("user_id", text("author", kAuthorBytesMax));
    event.text("message", message).text("url", text("url", kUrlBytesMax));
    write(event, out_.events);
    vote("");
    edit("", message);
  }

  void comment() {
    out_.subject = LineEvents::Subject::kComment;
    const std::string_view id = required("id", kCommentIdBytesMax);
    const std::string_view body = required("body", kEventBytesMax);
    if (id.empty()) note("id is empty");
    EventLine event = about("add_comment", out_.time, id);
    parent(event);
    event.text("user_id", text("author", kAuthorBytesMax)).text("message", body);
    write(event, out_.events);
    vote(id);
    const bool removed = body == "[removed]";
    out_.deleted = removed || body == "[deleted]";
    out_.deleted ? deletion(id, removed) : edit(id, body);
  }

  void parent(EventLine& event) {
    const std::string_view name = required("parent_id", kCommentIdBytesMax + kCommentPrefix.size());
    if (name.starts_with(kPostPrefix)) {
      event.number("parent_comment", 0);
    } else if (name.starts_with(kCommentPrefix) && name.size() > kCommentPrefix.size()) {
      event.text("parent_comment", name.substr(kCommentPrefix.size()));
    } else {
      note("parent_id begins neither with t1_ nor with t3_");
    }
  }

  // Scores can be hidden: then there is no vote.
  void vote(std::string_view target) {
    const JsonValue score = line_.member("score");
    if (score.absent_or_null()) return;
    if (!score.is(Type::kInteger) || score.integer > kVotesMax || score.integer < -kVotesMax) {
      note("score is no integer from -10^12 to 10^12");
    }
    EventLine event = about("vote", out_.time, target);
    write(event.number("score", score.integer), out_.events);
  }

  void deletion(std::string_view target, bool removed) {
    EventLine event = about("delete_comment", out_.time, target);
    if (removed) event.text("reason", "removed");
    write(event, out_.events);
  }

  void edit(std::string_view target, std::string_view message) {
    const JsonValue edited = line_.member("edited");
    if (edited.absent_or_null() || edited.is(Type::kFalse)) return;
    const auto given = edited.is(Type::kTrue) ? out_.time : seconds_of(edited);
    if (!given) note("edited is neither true, false nor a time in seconds");
    out_.edited = true;
    out_.edit_time = std::max(given.value_or(0), out_.time);
    EventLine event = about("edit_comment", out_.edit_time, target);
    write(event.text("message", message), out_.edit_time > out_.time ? out_.edit : out_.events);
  }

  // Absent and null read as empty.
  std::string_view text(const std::string& name, std::size_t bytes_max) {
    const JsonValue value = line_.member(name);
    if (value.absent_or_null()) return {};
    if (!value.is(Type::kText)) note(name + " is not a text");
    if (value.text.size() > bytes_max) note(name + " is longer than " + std::to_string(bytes_max) + " bytes");
    return value.text;
  }

  std::string_view required(const std::string& name, std::size_t bytes_max) {
    if (line_.member(name).absent_or_null()) note(name + " is missing");
    return text(name, bytes_max);
  }

  // The post is 0 to later events, a comment its id.
  static EventLine about(std::string_view kind, std::int64_t time, std::string_view target) {
    EventLine event(kind, time);
    return target.empty() ? event.number("comment_id", 0) : event.text("comment_id", target);
  }

  void write(EventLine& event, std::string& out) {
    auto line = std::move(event).finish();
    if (line) {
      out += *line;
    } else if (!problem_) {
      problem_ = std::move(line.error());
    }
  }

  void note(std::string detail) {
    if (!problem_) problem_ = Error{ErrorCode::kBadEvent, std::move(detail)};
  }

  const JsonObject& line_;
  LineEvents out_;
  std::optional<Error> problem_;
};

}  // namespace

Result<LineEvents> events_of_line(const JsonObject& line) { return LineConverter(line).convert(); }

}  // namespace xylem
