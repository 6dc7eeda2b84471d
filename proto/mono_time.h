// Time as cores see it: an argument, never a call. MonoTime only grows and has no relation to the calendar; shells make
// it from their loop's clock, the simulator from virtual time. Calendar time is Timestamp (proto/ids.h).
#pragma once

#include <chrono>

namespace xylem {

struct MonoClock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = std::chrono::milliseconds;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;
inline constexpr MonoTime kNever = MonoTime::max();  // "no deadline"

}  // namespace xylem
