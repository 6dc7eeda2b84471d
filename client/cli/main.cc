// xylem: reads the feeds of a zone from its relays and verifies every byte.
#include <csignal>

#include "client/cli/commands.h"
#include "client/options/command_set.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an end, not a death
  return xylem::run_command(
      "xylem", "Reads the feeds of a zone from its relays and verifies every byte.",
      {{"where", "which servers hold a feed, each DNS step, and which of them answer", xylem::run_where_command},
       {"thread", "the comments of a feed as a tree", xylem::run_thread_command},
       {"tail", "the events of a feed, one a line, and what comes", xylem::run_tail_command},
       {"get", "a feed's records as they were signed", xylem::run_get_command}},
      argc, argv);
}
