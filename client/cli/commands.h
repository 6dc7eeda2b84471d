// The commands of `xylem`; each takes its words and gives the exit code.
#pragma once

namespace xylem {

int run_where_command(int argc, const char* const* argv);
int run_tail_command(int argc, const char* const* argv);
int run_thread_command(int argc, const char* const* argv);
int run_get_command(int argc, const char* const* argv);

}  // namespace xylem
