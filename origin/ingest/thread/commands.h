// The commands of `xylem-thread`; each takes its words and gives the exit code.
#pragma once

namespace xylem {

int run_convert_command(int argc, const char* const* argv);
int run_generate_command(int argc, const char* const* argv);

}  // namespace xylem
