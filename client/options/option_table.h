// A program's options, each declared once: that declaration parses the command line and the TOML file, and prints
// --help, the sample config and the man page. Words on the command line win over the file; a file's error names file
// and line.
//
//   OptionTable table("xylem-relay", "Serves buckets of a zone to readers and other relays.");
//   table.text("zone", &options.zone, "ZONE", "DNS name of the zone").required();
//   table.bytes("disk", &options.disk_bytes_max, "SIZE", "never use more disk than this");
//   switch (auto run = table.parse(argc, argv)) …
//
// Targets must outlive the table; what they hold when declared is the default that help prints. Main files only, one
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"

namespace xylem {

struct OptionSpec {
  std::string name{};         // "disk": --disk on the command line, disk = "20GB" in the file
  std::string placeholder{};  // "SIZE"; empty for a switch
  std::string help{};         // one sentence, no full stop
  std::string default_text{};
  std::string environment{};  // variable that is read when neither word nor file has it
  bool positional = false;
  bool required = false;
  bool repeatable = false;
  bool command_line_only = false;
  std::function<Result<void>(std::string_view)> set{};  // parses one value; error: what would be right
  bool given = false;
};

class OptionTable {
 public:
  OptionTable(std::string program, std::string purpose);

  // Returned by each declaration, for the rare extras.
  class Extras {
   public:
    Extras(OptionTable& table, std::size_t index) : table_(table), index_(index) {}
    Extras& required();
    Extras& environment(std::string variable);
    Extras& command_line_only();

   private:
    OptionTable& table_;
    std::size_t index_;
  };

  // Headline over the options that follow, in help, sample config and man page.
  void group(std::string title);
  Extras toggle(std::string name, bool* target, std::string help);
  Extras text(std::string name, std::string* target, std::string placeholder, std::string help);
  Extras texts(std::string name, std::vector<std::string>* target, std::string placeholder, std::string help);
  Extras number(std::string name, std::uint64_t* target, std::string placeholder, std::string help, std::uint64_t min,
                std::uint64_t max);
  Extras bytes(std::string name, std::uint64_t* target, std::string help);
  Extras rate(std::string name, std::uint64_t* bits_per_second, std::string help);
  Extras duration(std::string name, std::chrono::milliseconds* target, std::string help);
  // One of the words given.
  Extras choice(std::string name, std::string* target, std::vector<std::string> words, std::string help);
  // Anything else: `set` parses one value.
  Extras custom(std::string name, std::string placeholder, std::string default_text, std::string help,
                std::function<Result<void>(std::string_view)> set);
  Extras argument(std::string placeholder, std::string* target, std::string help);                // by position
  Extras arguments(std::string placeholder, std::vector<std::string>* target, std::string help);  // the rest
  // Text under the options in --help and the man page: examples, exit codes.
  void epilogue(std::string text);

  enum class Outcome { run, done };
  // argv[0] is passed over. Handles --help, --version, --config FILE and --print-config (done: text is on stdout).
  // kUsage with a sentence naming the word and the cure; kConfig with "FILE:LINE: …".
  Result<Outcome> parse(int argc, const char* const* argv);
  // Of a file only; for reloads, into a table over fresh targets.
  Result<void> load_file(const std::string& path);

  std::string help(bool colour, std::size_t width = 100) const;
  std::string sample_config() const;
  std::string man_page() const;
  const std::vector<OptionSpec>& options() const { return options_; }

 private:
  struct Group {
    std::size_t first_option;
    std::string title;
  };
  Extras add(OptionSpec spec);
  OptionSpec* find(std::string_view name);
  Result<void> set(OptionSpec& spec, std::string_view value);
  Result<void> take_words(const std::vector<std::string>& words, std::string& config_file,
                          std::optional<std::string>& print);
  Result<void> read_environment();
  std::string title_of(std::size_t option) const;
  std::string synopsis() const;
  std::string closest(std::string_view name) const;

  std::string program_;
  std::string purpose_;
  std::vector<OptionSpec> options_;
  std::vector<Group> groups_;
  std::string epilogue_;
};

// What every program prints on stderr for an error: "xylem-relay: E_USAGE: …".
void print_error(std::string_view program, const Error& error);

inline constexpr std::string_view kVersionText = XYLEM_VERSION;

}  // namespace xylem
