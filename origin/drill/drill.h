// A drill: a whole forest in one process, in virtual time, from one seed. First a time in which things go wrong, then a
// quiet one in which everything must converge: every relay's log equal to the origin's, every reader with everything.
//
//   Witness witness;
//   DrillResult result = run_drill({.seed = 7}, founding_forest(7), witness);
//
// The same seed and options do the same, event for event, in every build: result.trace says so.
#pragma once

#include <string>
#include <vector>

#include "origin/drill/faults.h"
#include "origin/drill/forest_plan.h"
#include "origin/drill/witness.h"

namespace xylem {

struct DrillOptions {
  std::uint64_t seed = 1;
  std::chrono::milliseconds trouble = std::chrono::seconds(60);
  std::chrono::milliseconds quiet_max = std::chrono::hours(2);  // until then everything must have converged
  std::vector<FaultRate> faults = usual_faults();
  std::uint64_t slow_one_in = 0;                // so many connections are slow: 4 KiB on their way at a time
  std::function<void(std::string_view)> log{};  // every line, also the many of single bytes
};

struct DrillResult {
  std::optional<std::string> violation;  // nothing: all went well
  std::uint64_t trace = 0;
  std::uint64_t steps = 0;
  std::chrono::milliseconds converged_after{0};  // the faults' end
  std::map<FaultKind, std::uint64_t> faults;
  std::uint64_t lies_told = 0;
  Witness::Counts counts;
  std::vector<std::string> newest_lines;
};

// `observer` stands between the nodes and `witness`, or is the witness itself: tests put one there that is wrong.
DrillResult run_drill(const DrillOptions& options, ForestPlan plan, Witness& witness, DrillObserver& observer);
inline DrillResult run_drill(const DrillOptions& options, ForestPlan plan, Witness& witness) {
  return run_drill(options, std::move(plan), witness, witness);
}

}  // namespace xylem
