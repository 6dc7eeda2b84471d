// xylem-thread: an exported thread in, events out; or an exported thread from a seed. The shell of the two cores beside
// it.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "origin/ingest/thread/thread_export.h"
#include "origin/ingest/thread/thread_generator.h"

namespace xylem {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kChunkBytes = 64 * 1024;

struct ConvertOptions {
  std::string file = "-";
  bool skip_errors = false;
  bool stats = false;
};

void complain(std::string_view what) {
  std::fprintf(stderr, "xylem-thread: %.*s\n", static_cast<int>(what.size()), what.data());
}

// Standard output. A reader who went away has had enough: that is no failure, but nothing more is made.
class Output {
 public:
  std::string& text() { return text_; }
  bool open() const { return error_ == 0; }

  void flush() {
    for (std::string_view rest = text_; !rest.empty() && open();) {
      const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (written >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    text_.clear();
  }

  int exit_code() {
    flush();
    if (open() || error_ == EPIPE) return kExitOk;
    complain(std::string("standard output: ") + std::strerror(error_));
    return kExitFailed;
  }

 private:
  std::string text_;
  int error_ = 0;
};

class Converter {
 public:
  Converter(const ConvertOptions& options, Output& output) : options_(options), output_(output) {}

  int run() {
    const bool standard = options_.file == "-";
    const int input = standard ? STDIN_FILENO : ::open(options_.file.c_str(), O_RDONLY | O_CLOEXEC);
    const bool read_all = input >= 0 && take_all(input);
    if (!read_all && !refused_) complain(options_.file + ": " + std::strerror(errno));
    if (input >= 0 && !standard) ::close(input);
    if (!read_all) return kExitFailed;
    export_.finish(output_.text());
    report();
    return output_.exit_code();
  }

 private:
  // What arrives is converted and written at once, so that a pipe that stays open flows.
  bool take_all(int input) {
    std::array<char, kChunkBytes> chunk;
    while (output_.open()) {
      const ssize_t bytes = ::read(input, chunk.data(), chunk.size());
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) return false;
      if (bytes == 0) return line_.empty() || take_line();
      if (!take({chunk.data(), static_cast<std::size_t>(bytes)})) return false;
      output_.flush();
    }
    return true;
  }

  bool take(std::string_view chunk) {
    while (!chunk.empty()) {
      const std::size_t end = chunk.find('\n');
      const std::string_view part = chunk.substr(0, end);
      // One byte beyond the limit is enough to be refused for it.
      line_ += part.substr(0, ThreadExport::kLineBytesMax + 1 - line_.size());
      if (end == std::string_view::npos) return true;
      chunk.remove_prefix(end + 1);
      if (!take_line()) return false;
    }
    return true;
  }

  bool take_line() {
    const auto done = export_.convert(line_, output_.text());
    line_.clear();
    if (done) return true;
    complain(options_.file + ": " + done.error().detail);
    refused_ = !options_.skip_errors;
    if (refused_) output_.flush();
    return !refused_;
  }

  void report() {
    const ThreadExport::Counts& counts = export_.counts();
    if (counts.out_of_order > 0) {
      complain(options_.file + ": " + std::to_string(counts.out_of_order) +
               " lines are older than one before them; their events stand where they stood");
    }
    if (!options_.stats) return;
    complain(std::to_string(counts.lines) + " lines, " + std::to_string(counts.comments) + " comments, " +
             std::to_string(counts.deletions) + " deletions, " + std::to_string(counts.edits) + " edits, " +
             std::to_string(counts.events) + " events");
  }

  const ConvertOptions& options_;
  Output& output_;
  ThreadExport export_;
  std::string line_;  // what came of the next line; cut off one byte beyond the limit
  bool refused_ = false;
};

int generate(const ThreadGenerator::Options& options, Output& output) {
  ThreadGenerator generator(options);
  while (output.open() && generator.next(output.text())) {
    if (output.text().size() >= kChunkBytes) output.flush();
  }
  return output.exit_code();
}

int run(int argc, char** argv) {
  CLI::App app("Exported threads as events for an origin, and exported threads from a seed.", "xylem-thread");
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  xylem-thread generate --seed 7 > thread.jsonl\n"
      "  xylem-thread convert thread.jsonl > events.ndjson\n\n"
      "Exit status: 0 done; 1 input or output failed, or a line was refused; 2 wrong use.");

  ConvertOptions convert_options;
  CLI::App* convert = app.add_subcommand("convert", "Read an exported thread, print one event a line");
  convert->add_option("FILE", convert_options.file, "exported thread, one JSON object a line; - is standard input")
      ->capture_default_str();
  convert->add_flag("--skip-errors", convert_options.skip_errors, "report lines that cannot be converted and go on");
  convert->add_flag("--stats", convert_options.stats, "print counts to standard error at the end");

  ThreadGenerator::Options generate_options;
  CLI::App* generation = app.add_subcommand("generate", "Print an invented thread in the form that convert reads");
  generation->add_option("--seed", generate_options.seed, "the same seed prints the same lines everywhere")
      ->capture_default_str();
  generation->add_option("--comments", generate_options.comments, "how many comments")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  generation->add_option("--levels", generate_options.levels, "how deep replies go")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  generation->add_option("--start", generate_options.start, "time of the post in unix seconds")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{250'000'000'000}))
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  Output output;
  return convert->parsed() ? Converter(convert_options, output).run() : generate(generate_options, output);
}

}  // namespace
}  // namespace xylem

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is seen as EPIPE
  return xylem::run(argc, argv);
}
