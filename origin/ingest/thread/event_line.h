// One event as a line of ndjson in the founding design's form: {"event_kind":…,"timestamp":…, members in the order
// given}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

class EventLine {
 public:
  EventLine(std::string_view kind, std::int64_t unix_seconds);

  EventLine& text(std::string_view name, std::string_view value);
  EventLine& number(std::string_view name, std::int64_t value);

  // With its line end. kEventTooLarge: an origin would refuse it.
  Result<std::string> finish() &&;

 private:
  std::string_view kind_;
  std::string json_;
};

}  // namespace xylem
