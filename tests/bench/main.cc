// xylem_bench: measures what was asked for, prints the table, writes JSON.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

using Measure = std::vector<Figure> (*)(const BenchSettings&);
const std::vector<std::pair<std::string, Measure>> kMeasures = {{"verify-append", bench_verify_append},
                                                                {"replay", bench_replay},
                                                                {"ingest", bench_ingest},
                                                                {"fanout", bench_fanout}};

int run_bench(int argc, char** argv) {
  BenchSettings settings;
  settings.folder = ".";
  std::string json;
  std::vector<std::string> names;
  OptionTable table("xylem_bench", "Numbers, each beside its bare floor in the same run.");
  table.toggle("quick", &settings.quick, "small sizes, to see that it works; the figures say nothing");
  table.text("dir", &settings.folder, "DIR", "where files are made, on the disk that is to be measured");
  table.text("json", &json, "FILE", "writes the figures there too");
  table.arguments("NAME", &names, "verify-append, replay, ingest, fanout; all without one");
  const auto outcome = table.parse(argc, argv);
  if (!outcome) {
    print_error("xylem_bench", outcome.error());
    return kExitUsage;
  }
  if (*outcome == OptionTable::Outcome::done) return kExitOk;

  for (const std::string& name : names) {
    if (std::ranges::find(kMeasures, name, &std::pair<std::string, Measure>::first) != kMeasures.end()) continue;
    print_error("xylem_bench", {ErrorCode::kUsage, fmt::format("no number is called '{}'", name)});
    return kExitUsage;
  }

  std::vector<Figure> figures;
  for (const auto& [name, measure_it] : kMeasures) {
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    const std::vector<Figure> more = measure_it(settings);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  fmt::print("{}", table_of(figures));
  if (json.empty()) return kExitOk;
  std::ofstream file(json, std::ios::binary);
  file << json_of(figures, settings.quick) << std::flush;
  must_be(file.good(), json);
  return kExitOk;
}

}  // namespace
}  // namespace xylem

int main(int argc, char** argv) {
  using namespace xylem;
  const std::string role = argc > 1 ? argv[1] : "";
  const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  if (role == "fanout-server") return run_fanout_server(words);
  if (role == "fanout-reader") return run_fanout_reader(words);
  return run_bench(argc, argv);
}
