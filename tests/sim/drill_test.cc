// What a drill promises of itself: the same seed does the same, and its faults are drawn apart and really happen.
#include <catch2/catch.hpp>

#include "tests/sim/scenarios.h"

namespace xylem {
namespace {

DrillResult drill(std::uint64_t seed, std::vector<FaultRate> faults, std::vector<std::string>* lines = nullptr) {
  DrillOptions options;
  options.seed = seed;
  options.trouble = std::chrono::seconds(20);
  options.faults = std::move(faults);
  if (lines != nullptr) options.log = [lines](std::string_view line) { lines->emplace_back(line); };
  Witness witness;
  return run_drill(options, founding_forest(seed), witness);
}

// When faults of a kind strike: the times of their lines.
std::vector<std::string> times_of(FaultKind kind, const std::vector<FaultRate>& rates) {
  EventQueue queue;
  std::vector<std::string> times;
  const FaultDriver driver(queue, 1, rates, [&](FaultKind struck, RandomStream& random) {
    if (struck == kind)
      times.push_back(std::to_string(queue.now().time_since_epoch().count()) + " " + std::to_string(random.below(50)));
  });
  while (queue.step(MonoTime(std::chrono::hours(1)) + std::chrono::minutes(1))) {
  }
  return times;
}

TEST_CASE("the same seed does the same, and another seed something else") {
  const DrillResult once = drill(3, usual_faults()), again = drill(3, usual_faults()), other = drill(4, usual_faults());
  CHECK_FALSE(once.violation);
  CHECK(once.trace == again.trace);
  CHECK(once.steps == again.steps);
  CHECK(once.trace != other.trace);
}

TEST_CASE("watching changes nothing: the log is no part of the run") {
  std::vector<std::string> lines;
  CHECK(drill(3, usual_faults(), &lines).trace == drill(3, usual_faults()).trace);
  CHECK(lines.size() > 1000);
}

TEST_CASE("a kind of fault strikes at the same times and victims, whatever other kinds there are") {
  for (const FaultRate& rate : usual_faults()) {
    const auto alone = times_of(rate.kind, {rate});
    CHECK_FALSE(alone.empty());
    CHECK(alone == times_of(rate.kind, usual_faults()));
  }
}

TEST_CASE("without faults nothing is lost, nothing is doubted, and all is there within seconds") {
  std::vector<std::string> lines;
  const DrillResult result = drill(1, {}, &lines);
  CHECK_FALSE(result.violation);
  CHECK(result.converged_after < std::chrono::seconds(10));
  CHECK(std::ranges::none_of(lines, [](const std::string& line) {
    return line.find("does not believe") != std::string::npos || line.find("server lied") != std::string::npos;
  }));
}

TEST_CASE("lies are told, and found out by relays and readers") {
  std::vector<std::string> lines;
  const DrillResult result = drill(2, {{FaultKind::lie, std::chrono::milliseconds(500)}}, &lines);
  CHECK_FALSE(result.violation);
  CHECK(result.lies_told > 10);
  const auto said = [&](const char* text) {
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(text) != std::string::npos; });
  };
  CHECK(said("does not believe its upstream"));
  CHECK(said("server lied"));
}

TEST_CASE("each kind of fault alone is survived") {
  for (const FaultKind kind : kAllFaults) {
    CAPTURE(to_string(kind));
    const DrillResult result = drill(5, {{kind, std::chrono::milliseconds(700)}});
    CHECK(result.violation.value_or("none") == "none");
    CHECK(result.faults.at(kind) > 5);
  }
}

}  // namespace
}  // namespace xylem
