// The numbers there are; each is a file of its name.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/figure.h"

namespace xylem {

struct BenchSettings {
  bool quick = false;  // small sizes, to see that it works; its figures say nothing
  std::string folder;  // for files; on the disk that is to be measured
};

std::vector<Figure> bench_verify_append(const BenchSettings& settings);
std::vector<Figure> bench_replay(const BenchSettings& settings);
std::vector<Figure> bench_ingest(const BenchSettings& settings);
std::vector<Figure> bench_fanout(const BenchSettings& settings);

// Processes of the fan-out: the words after `fanout-server` and `fanout-reader`; they give the exit code.
int run_fanout_server(const std::vector<std::string>& words);
int run_fanout_reader(const std::vector<std::string>& words);

}  // namespace xylem
