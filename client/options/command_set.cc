#include "client/options/command_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "client/options/option_table.h"
#include "client/options/option_text.h"

namespace xylem {
namespace {

std::string overview(const std::string& program, const std::string& purpose, const std::vector<Command>& commands) {
  std::size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.name.size());
  std::string out = fmt::format("{}\n\nUsage: {} COMMAND …\n\nCommands:\n", wrap_text(purpose, 0, 100), program);
  for (const Command& command : commands) {
    out += fmt::format("  {:<{}}  {}\n", command.name, width, wrap_text(command.purpose, width + 4, 100));
  }
  out += fmt::format(
      "\n{} COMMAND --help tells more about one.\n"
      "Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong use, 130 interrupted.\n",
      program);
  return out;
}

// How many words of argv (from 1 on) name the command; 0 = another one.
int words_matched(const Command& command, int argc, const char* const* argv) {
  std::string said;
  const int words = static_cast<int>(std::count(command.name.begin(), command.name.end(), ' ')) + 1;
  if (argc <= words) return 0;
  for (int i = 1; i <= words; ++i) said += (i == 1 ? "" : " ") + std::string(argv[i]);
  return said == command.name ? words : 0;
}

}  // namespace

int run_command(const std::string& program, const std::string& purpose, const std::vector<Command>& commands, int argc,
                const char* const* argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--help" || first == "-h" || first == "help") {
    fmt::print("{}", overview(program, purpose, commands));
    return kExitOk;
  }
  if (first == "--version") {
    fmt::print("{} {}\n", program, kVersionText);
    return kExitOk;
  }
  for (const Command& command : commands) {
    if (const int words = words_matched(command, argc, argv); words > 0) return command.run(argc - words, argv + words);
  }
  if (first.empty()) {
    fmt::print(stderr, "{}", overview(program, purpose, commands));
    return kExitUsage;
  }
  std::string near;
  for (const Command& command : commands) {
    if (edit_distance(command.name, first) <= 2) near = fmt::format("; did you mean '{}'?", command.name);
  }
  print_error(program,
              {ErrorCode::kUsage, fmt::format("'{}' is not a command{} (see {} --help)", first, near, program)});
  return kExitUsage;
}

}  // namespace xylem
