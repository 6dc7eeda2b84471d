// The scenarios of the simulator: forests, and what goes wrong in them.
#pragma once

#include <span>

#include "origin/drill/drill.h"

namespace xylem {

struct Scenario {
  const char* name;
  FoundingForestOptions forest;
  std::vector<FaultRate> faults;
  std::chrono::milliseconds trouble;
  std::uint64_t slow_one_in = 0;
};

std::span<const Scenario> scenarios();
DrillResult run_scenario(const Scenario& scenario, std::uint64_t seed, std::function<void(std::string_view)> log = {});

}  // namespace xylem
