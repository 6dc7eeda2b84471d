#include "tests/sim/scenarios.h"

namespace xylem {

namespace {

std::vector<FaultRate> faster(std::vector<FaultRate> rates, int times) {
  for (FaultRate& rate : rates) rate.mean_pause /= times;
  return rates;
}

}  // namespace

std::span<const Scenario> scenarios() {
  using namespace std::chrono_literals;
  static const std::vector<Scenario> all = {
      // Everything at once.
      {"founding", {}, usual_faults(), 60s},
      // Leaves keep little: who begins late or was away for long must be helped from above.
      {"small-disks", {.leaf_disk_bytes = 96 * kKiB}, usual_faults(), 60s},
      // Hardly a second without something.
      {"storm", {}, faster(usual_faults(), 6), 40s},
      // Many lines take less than what is to be sent: who falls behind catches up, and is not taken for dead.
      {"slow-lines", {}, usual_faults(), 60s, 3},
      // All of it.
      {"all-at-once", {.leaf_disk_bytes = 96 * kKiB}, faster(usual_faults(), 3), 90s, 4},
  };
  return all;
}

DrillResult run_scenario(const Scenario& scenario, std::uint64_t seed, std::function<void(std::string_view)> log) {
  DrillOptions options;
  options.seed = seed;
  options.trouble = scenario.trouble;
  options.faults = scenario.faults;
  options.slow_one_in = scenario.slow_one_in;
  options.log = std::move(log);
  Witness witness;
  return run_drill(options, founding_forest(seed, scenario.forest), witness);
}

}  // namespace xylem
