// The commands of `xylem-origin`; each takes its words and gives the exit code.
#pragma once

namespace xylem {

int run_keygen_command(int argc, const char* const* argv);
int run_manifest_sign_command(int argc, const char* const* argv);
int run_manifest_show_command(int argc, const char* const* argv);
int run_serve_command(int argc, const char* const* argv);
int run_append_command(int argc, const char* const* argv);
int run_dev_command(int argc, const char* const* argv);

}  // namespace xylem
