// The program sim_forest: drills in the founding forest, one for each seed. A failure is told with the command that
// repeats it and the newest lines of its log.
#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "client/options/option_table.h"
#include "tests/sim/scenarios.h"

namespace xylem {
namespace {

struct Wanted {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  std::string scenario = "all";
  std::string log;
  bool traces = false;
};

void print_summary(const std::string& name, const DrillResult& result) {
  std::string faults;
  for (const auto& [kind, count] : result.faults) faults += fmt::format(", {} {}", count, to_string(kind));
  fmt::print(
      "ok {}: {} events posted, {} read, {} records relayed{}, {} lies; whole after {} s; {} steps, trace {:016x}\n",
      name, result.counts.events_posted, result.counts.events_read, result.counts.records_relayed, faults,
      result.lies_told, result.converged_after.count() / 1000, result.steps, result.trace);
}

void print_failure(const std::string& name, const Scenario& scenario, std::uint64_t seed, const DrillResult& result,
                   const char* program) {
  fmt::print("not ok {}: {}\n", name, *result.violation);
  constexpr std::size_t kLinesShown = 60;
  const std::size_t count = result.newest_lines.size();
  for (std::size_t i = count - std::min(count, kLinesShown); i < count; ++i) {
    fmt::print("    {}\n", result.newest_lines[i]);
  }
  fmt::print("    again, with every line: {} --scenario {} --seed {} --log FILE\n", program, scenario.name, seed);
}

bool run_one(const Scenario& scenario, std::uint64_t seed, const Wanted& wanted, const char* program) {
  std::ofstream file;
  std::function<void(std::string_view)> log;
  if (wanted.log == "-") {
    log = [](std::string_view line) { std::cout << line << '\n'; };
  } else if (!wanted.log.empty()) {
    file.open(wanted.log);
    log = [&file](std::string_view line) { file << line << '\n'; };
  }
  const DrillResult result = run_scenario(scenario, seed, log);
  const std::string name = fmt::format("{} seed {}", scenario.name, seed);
  if (wanted.traces) {
    fmt::print("{} {:016x}\n", name, result.trace);
  } else if (result.violation) {
    print_failure(name, scenario, seed, result, program);
  } else {
    print_summary(name, result);
  }
  std::fflush(stdout);
  return !result.violation;
}

int run(int argc, const char* const* argv) {
  Wanted wanted;
  std::vector<std::string> names = {"all"};
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  OptionTable table("sim_forest",
                    "Runs whole forests in virtual time, in which things go wrong, and checks what is read.");
  table.number("seed", &wanted.seed, "N", "the first seed", 0, UINT64_MAX);
  table.number("seeds", &wanted.seeds, "N", "so many seeds, from the first on", 1, UINT64_MAX);
  table.choice("scenario", &wanted.scenario, names, "which one");
  table.text("log", &wanted.log, "FILE", "write every line of the log there; - is the terminal");
  table.toggle("traces", &wanted.traces, "print nothing but each run's trace, for comparison with another build");
  const auto parsed = table.parse(argc, argv);
  if (!parsed) {
    fmt::print(stderr, "sim_forest: {}\n", parsed.error().message());
    return 2;
  }
  if (*parsed == OptionTable::Outcome::done) return 0;

  bool all_well = true;
  for (std::uint64_t i = 0; i < wanted.seeds; ++i) {
    for (const Scenario& scenario : scenarios()) {
      if (wanted.scenario != "all" && wanted.scenario != scenario.name) continue;
      all_well = run_one(scenario, wanted.seed + i, wanted, argv[0]) && all_well;
    }
  }
  return all_well ? 0 : 1;
}

}  // namespace
}  // namespace xylem

int main(int argc, char** argv) { return xylem::run(argc, argv); }
