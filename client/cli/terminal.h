// What stdout is: a terminal (how wide, with colours, with UTF-8) or a pipe; and writing to it so that a closed pipe
// ends the program quietly.
#pragma once

#include <string_view>

namespace xylem {

struct Terminal {
  bool is_terminal = false;
  bool colour = false;   // a terminal, NO_COLOR unset (https://no-color.org), TERM not "dumb"
  bool unicode = false;  // the locale says UTF-8, or output goes to a pipe
  int width = 80;
};

Terminal look_at_stdout();

// Writes and flushes. False when nobody reads any more (the pipe is closed).
[[nodiscard]] bool print_out(std::string_view text);
// Notes for the person, on stderr; never part of the data.
void print_note(std::string_view text);
// A line on a terminal that the next one replaces; nothing elsewhere.
void print_passing(std::string_view text);
void clear_passing();

}  // namespace xylem
