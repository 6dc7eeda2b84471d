// xylem-thread: exported threads as events, and invented threads in the same form.
#include <csignal>

#include "client/options/command_set.h"
#include "origin/ingest/thread/commands.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return xylem::run_command("xylem-thread", "Threads as input: exported ones become events, and one can be invented.",
                            {{"convert", "turn an exported thread into events", xylem::run_convert_command},
                             {"generate", "print an invented thread", xylem::run_generate_command}},
                            argc, argv);
}
