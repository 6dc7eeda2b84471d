#include "origin/ingest/post/posted_events.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "origin/ingest/post/json_items.h"
#include "origin/sequence/acceptance.h"

namespace xylem {
namespace {

constexpr std::string_view kKindDefault = "data";
constexpr std::string_view kNdjson = "application/x-ndjson";
constexpr std::string_view kJson = "application/json";

// Where an event stands in the request, for error texts: "line 7" or "item 3".
struct Place {
  std::string_view unit;
  std::size_t number;
};

tl::unexpected<Error> refuse(const Place& place, ErrorCode code, std::string_view cause) {
  return fail(code, fmt::format("{} {}: {}", place.unit, place.number, cause));
}

// A number as JSON writes it, or the text.
std::optional<std::string> scalar(const simdjson::dom::element& value) {
  if (value.is_string()) return std::string(value.get_string().value_unsafe());
  if (value.is_uint64()) return std::to_string(value.get_uint64().value_unsafe());
  if (value.is_int64()) return std::to_string(value.get_int64().value_unsafe());
  if (value.is_double()) return fmt::format("{:.3f}", value.get_double().value_unsafe());
  return std::nullopt;
}

class EventReader {
 public:
  explicit EventReader(const PostedBody& body) : body_(body) {}

  // Checks that the text is one JSON value and takes what its members say of the event.
  Result<NewEvent> json_event(std::string_view text, const Place& place, bool must_be_object) {
    simdjson::dom::element value;
    if (const auto error = parser_.parse(text.data(), text.size()).get(value); error != simdjson::SUCCESS) {
      return refuse(place, ErrorCode::kBadEvent, fmt::format("not JSON: {}", simdjson::error_message(error)));
    }
    NewEvent event;
    event.kind = body_.kind.empty() ? kKindDefault : body_.kind;
    event.details.assign(as_bytes(text).begin(), as_bytes(text).end());
    simdjson::dom::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      if (must_be_object) return refuse(place, ErrorCode::kBadEvent, "must be a JSON object");
      return event;
    }
    if (auto taken = take_members(object, place, event); !taken) return fail(taken.error());
    return event;
  }

 private:
  Result<void> take_members(const simdjson::dom::object& object, const Place& place, NewEvent& event) const {
    simdjson::dom::element member;
    if (object["event_kind"].get(member) == simdjson::SUCCESS) {
      std::string_view kind;
      if (member.get_string().get(kind) != simdjson::SUCCESS || !valid_event_kind(kind)) {
        return refuse(place, ErrorCode::kBadEvent,
                      fmt::format("event_kind must be a text of 1 to {} printable characters without spaces",
                                  kEventKindBytesMax));
      }
      event.kind = kind;
    }
    if (object["timestamp"].get(member) == simdjson::SUCCESS) {
      if (const auto text = scalar(member)) {
        if (auto time = parse_timestamp(*text)) event.time = *time;
      }
    }
    if (object["feed_id"].get(member) == simdjson::SUCCESS) {
      const auto text = scalar(member);
      const auto feed = text ? parse_feed(*text) : fail(ErrorCode::kBadName);
      if (!feed || feed->id != body_.feed) {
        return refuse(place, ErrorCode::kBadEvent,
                      fmt::format("feed_id is not the feed that is posted to ({})", to_string(body_.feed)));
      }
    }
    return {};
  }

  const PostedBody& body_;
  simdjson::dom::parser parser_;
};

Result<void> add(std::vector<NewEvent>& events, Result<NewEvent> event, const Place& place) {
  if (!event) return fail(event.error());
  const std::size_t bytes = encoded_event_bytes(event->kind.size(), event->details.size());
  if (bytes > kEventBytesMax) {
    return refuse(place, ErrorCode::kEventTooLarge,
                  fmt::format("{} bytes, at most {} are taken", bytes, kEventBytesMax));
  }
  if (events.size() == kRequestEventsMax) {
    return refuse(place, ErrorCode::kRequestTooLarge, fmt::format("more than {} events", kRequestEventsMax));
  }
  events.push_back(std::move(*event));
  return {};
}

Result<std::vector<NewEvent>> read_lines(const PostedBody& body) {
  std::vector<NewEvent> events;
  EventReader reader(body);
  std::string_view rest = as_text(body.bytes);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const Place place{"line", number};
    if (auto added = add(events, reader.json_event(line, place, true), place); !added) return fail(added.error());
  }
  if (events.empty()) return fail(ErrorCode::kBadEvent, "the body holds no event; send one JSON object a line");
  return events;
}

Result<std::vector<NewEvent>> read_json(const PostedBody& body) {
  std::vector<NewEvent> events;
  EventReader reader(body);
  const std::string_view text = trimmed(as_text(body.bytes));
  // First as a whole: what json_items cuts is known to be JSON.
  auto whole = reader.json_event(text, {"item", 1}, false);
  if (!whole) return fail(whole.error());
  if (!text.starts_with('[')) {
    if (auto added = add(events, std::move(whole), {"item", 1}); !added) return fail(added.error());
    return events;
  }
  std::size_t number = 0;
  for (const std::string_view item : json_items(text)) {
    const Place place{"item", ++number};
    if (auto added = add(events, reader.json_event(item, place, false), place); !added) return fail(added.error());
  }
  if (events.empty()) return fail(ErrorCode::kBadEvent, "the array is empty; nothing would be appended");
  return events;
}

Result<std::vector<NewEvent>> read_plain(const PostedBody& body) {
  const std::string kind(body.kind.empty() ? kKindDefault : body.kind);
  if (!valid_event_kind(kind)) return fail(ErrorCode::kBadEvent, "header Xylem-Kind is not a valid kind");
  if (body.bytes.empty()) return fail(ErrorCode::kBadEvent, "the body is empty; nothing would be appended");
  const std::size_t details_max = kEventBytesMax - encoded_event_bytes(kind.size(), 0);
  std::vector<NewEvent> events;
  for (ByteView rest = body.bytes; !rest.empty();) {
    const ByteView part = rest.first(std::min(rest.size(), details_max));
    events.push_back({std::nullopt, kind, Bytes(part.begin(), part.end())});
    rest = rest.subspan(part.size());
  }
  return events;
}

}  // namespace

std::string media_type(std::string_view content_type) {
  std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

Result<PostedEvents> read_posted_events(const PostedBody& body) {
  const std::string type = media_type(body.content_type);
  PostedEvents posted;
  posted.content_type = type == kNdjson ? std::string(kJson) : type;
  auto events = type == kNdjson ? read_lines(body) : type == kJson ? read_json(body) : read_plain(body);
  if (!events) return fail(events.error());
  posted.events = std::move(*events);
  return posted;
}

}  // namespace xylem
