// xylem-thread convert: an exported thread in, one event a line out.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "origin/ingest/thread/commands.h"
#include "origin/ingest/thread/standard_output.h"
#include "origin/ingest/thread/thread_export.h"

namespace xylem {
namespace {

constexpr const char* kCommand = "xylem-thread convert";
constexpr std::size_t kChunkBytes = 64 * 1024;

struct ConvertSettings {
  std::string input = "-";
  bool skip_errors = false;
  bool stats = false;
};

class Conversion {
 public:
  explicit Conversion(const ConvertSettings& settings) : settings_(settings) {}

  Result<void> run() {
    const bool standard = settings_.input == "-";
    const int input = standard ? STDIN_FILENO : ::open(settings_.input.c_str(), O_RDONLY | O_CLOEXEC);
    auto done = input < 0 ? unreadable() : take_all(input);
    if (input >= 0 && !standard) ::close(input);
    if (done) thread_.finish(output_.text());
    auto written = output_.finish();
    if (!done) return done;
    tell_counts();
    return written;
  }

 private:
  Result<void> unreadable() const { return fail(ErrorCode::kIo, settings_.input + ": " + std::strerror(errno)); }

  // What arrives is converted and written at once, so that a pipe that stays open flows.
  Result<void> take_all(int input) {
    std::array<char, kChunkBytes> chunk;
    while (output_.open()) {
      const ssize_t bytes = ::read(input, chunk.data(), chunk.size());
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) return unreadable();
      if (bytes == 0) return line_.empty() ? Result<void>() : take_line();
      if (auto done = take({chunk.data(), static_cast<std::size_t>(bytes)}); !done) return done;
      output_.flush();
    }
    return {};
  }

  Result<void> take(std::string_view chunk) {
    while (true) {
      const std::size_t end = chunk.find('\n');
      // One byte beyond the limit is enough to be refused for it.
      line_ += chunk.substr(0, end).substr(0, ThreadExport::kLineBytesMax + 1 - line_.size());
      if (end == std::string_view::npos) return {};
      chunk.remove_prefix(end + 1);
      if (auto done = take_line(); !done) return done;
    }
  }

  Result<void> take_line() {
    auto done = thread_.convert(line_, output_.text());
    line_.clear();
    if (done) return done;
    Error error{done.error().code, settings_.input + ": " + done.error().detail};
    if (!settings_.skip_errors) return fail(std::move(error));
    print_error(kCommand, error);
    return {};
  }

  void tell_counts() const {
    const ThreadExport::Counts& counts = thread_.counts();
    if (counts.out_of_order > 0) {
      fmt::print(stderr, "{}: {}: {} lines are older than one before them; their events stand where they stood\n",
                 kCommand, settings_.input, counts.out_of_order);
    }
    if (!settings_.stats) return;
    fmt::print(stderr, "lines={} comments={} deletions={} edits={} events={}\n", counts.lines, counts.comments,
               counts.deletions, counts.edits, counts.events);
  }

  const ConvertSettings& settings_;
  StandardOutput output_;
  ThreadExport thread_;
  std::string line_;  // what came of the next line; cut off one byte beyond the limit
};

}  // namespace

int run_convert_command(int argc, const char* const* argv) {
  ConvertSettings settings;
  OptionTable table(kCommand, "Turns an exported thread into the events of a feed: one JSON object a line in and out.");
  table.argument("FILE", &settings.input, "the exported thread; - is standard input");
  table.toggle("skip-errors", &settings.skip_errors, "report lines that cannot be converted and go on");
  table.toggle("stats", &settings.stats, "print counts to standard error at the end");
  table.epilogue("Example: xylem-thread convert thread.jsonl > events.ndjson");
  const auto outcome = table.parse(argc, argv);
  if (!outcome) {
    print_error(kCommand, outcome.error());
    return kExitUsage;
  }
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  if (const auto done = Conversion(settings).run(); !done) {
    print_error(kCommand, done.error());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace xylem
