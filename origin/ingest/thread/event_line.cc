#include "origin/ingest/thread/event_line.h"

#include <utility>

#include "client/view/json_text.h"
#include "proto/limits.h"
#include "proto/payload.h"

namespace xylem {

EventLine::EventLine(std::string_view kind, std::int64_t unix_seconds) : kind_(kind), json_("{\"event_kind\":") {
  append_json_text(json_, kind);
  number("timestamp", unix_seconds);
}

EventLine& EventLine::text(std::string_view name, std::string_view value) {
  json_ += ',';
  append_json_text(json_, name);
  json_ += ':';
  append_json_text(json_, value);
  return *this;
}

EventLine& EventLine::number(std::string_view name, std::int64_t value) {
  json_ += ',';
  append_json_text(json_, name);
  json_ += ':';
  json_ += std::to_string(value);
  return *this;
}

Result<std::string> EventLine::finish() && {
  json_ += '}';
  const std::size_t bytes = encoded_event_bytes(kind_.size(), json_.size());
  if (bytes > kEventBytesMax) {
    return fail(ErrorCode::kEventTooLarge, std::string(kind_) + " of " + std::to_string(bytes) + " bytes, at most " +
                                               std::to_string(kEventBytesMax));
  }
  json_ += '\n';
  return std::move(json_);
}

}  // namespace xylem
