// xylem-thread generate: an invented thread out, in the form that convert reads.
#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "origin/ingest/thread/commands.h"
#include "origin/ingest/thread/standard_output.h"
#include "origin/ingest/thread/thread_generator.h"

namespace xylem {
namespace {

constexpr const char* kCommand = "xylem-thread generate";
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::uint64_t kCommentsMax = 1'000'000'000;
constexpr std::uint64_t kLevelsMax = 100'000;
constexpr std::uint64_t kStartMax = 250'000'000'000;  // leaves room before the year 9999 ends

Result<void> generate(const ThreadGenerator::Options& options) {
  ThreadGenerator generator(options);
  StandardOutput output;
  while (output.open() && generator.next(output.text())) {
    if (output.text().size() >= kChunkBytes) output.flush();
  }
  return output.finish();
}

}  // namespace

int run_generate_command(int argc, const char* const* argv) {
  ThreadGenerator::Options options;
  std::uint64_t levels = options.levels;
  auto start = static_cast<std::uint64_t>(options.start);
  OptionTable table(kCommand, "Prints an invented thread, shaped like a real one, in the form that convert reads.");
  table.number("seed", &options.seed, "N", "the same seed prints the same lines everywhere", 0, UINT64_MAX);
  table.number("comments", &options.comments, "N", "how many comments", 0, kCommentsMax);
  table.number("levels", &levels, "N", "how deep replies go", 1, kLevelsMax);
  table.number("start", &start, "TIME", "time of the post in unix seconds", 0, kStartMax);
  table.epilogue("Example: xylem-thread generate --seed 7 | xylem-thread convert > events.ndjson");
  const auto outcome = table.parse(argc, argv);
  if (!outcome) {
    print_error(kCommand, outcome.error());
    return kExitUsage;
  }
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  options.levels = static_cast<std::uint32_t>(levels);
  options.start = static_cast<std::int64_t>(start);
  if (const auto done = generate(options); !done) {
    print_error(kCommand, done.error());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace xylem
