// Runs a loop until something is so. Tests wait for states, never for time; what does not come within half a minute
// fails.
#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "client/uv/loop.h"
#include "client/uv/timer.h"

namespace xylem {

inline void run_until(Loop& loop, const std::function<bool()>& reached) {
  bool late = false;
  Timer guard(loop, [&] { late = true; });
  guard.start(std::chrono::seconds(30));
  while (!reached() && !late) loop.run_once();
  REQUIRE(!late);
}

}  // namespace xylem
