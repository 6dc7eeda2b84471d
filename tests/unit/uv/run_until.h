// Runs a loop until something is so. Tests wait for states, never for time; what does not come within half a minute
// fails.
#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "client/uv/loop.h"
#include "client/uv/timer.h"
#include "client/uv/turn_hook.h"

namespace xylem {

inline void run_until(Loop& loop, const std::function<bool()>& reached) {
  bool late = false;
  Timer guard(loop, [&] { late = true; });
  guard.start(std::chrono::seconds(30));
  // Asked in each turn before the loop waits, so that what a timer brought about is seen at once.
  Prepare before_waiting(loop, [&] {
    if (reached() || late) loop.stop();
  });
  before_waiting.start();
  loop.run();
  REQUIRE_FALSE(late);
}

}  // namespace xylem
