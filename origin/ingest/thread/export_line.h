// What one line of an exported thread says, as events. Pure: knows no other line.
#pragma once

#include <cstdint>
#include <string>

#include "client/view/json_object.h"
#include "proto/result.h"

namespace xylem {

struct LineEvents {
  enum class Subject : std::uint8_t { kPost, kComment };
  Subject subject{};
  bool deleted = false;
  bool edited = false;
  std::int64_t time = 0;  // unix seconds
  std::string events;     // to be written at once, each with its line end
  std::int64_t edit_time = 0;
  std::string edit;  // to be written at edit_time, where that is later than time; else empty
};

// kBadEvent: not an export's line; kEventTooLarge: an origin would refuse one of the events.
Result<LineEvents> events_of_line(const JsonObject& line);

}  // namespace xylem
