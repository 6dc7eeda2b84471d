// A program with subcommands (`xylem where …`): prints their list, finds the one that is meant, hands its words on.
#pragma once

#include <string>
#include <vector>

namespace xylem {

struct Command {
  std::string name;                                         // "where", or "manifest sign" for a command of two words
  std::string purpose;                                      // a line
  int (*run)(int argc, const char* const* argv) = nullptr;  // argv[0] is the command's last word; gives the exit code
};

// Exit codes of every program, printed in --help.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInterrupted = 130;  // Ctrl-C

int run_command(const std::string& program, const std::string& purpose, const std::vector<Command>& commands, int argc,
                const char* const* argv);

}  // namespace xylem
