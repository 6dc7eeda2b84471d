// The side commands of `xylem-relay`; each takes its words and gives the exit code.
#pragma once

namespace xylem {

int run_id_command(int argc, const char* const* argv);
int run_fsck_command(int argc, const char* const* argv);

}  // namespace xylem
