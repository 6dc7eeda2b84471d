// A message as lines for a terminal: wrapped by columns, safe to print (text_cells.h), with the little of Markdown that
// people type by hand: paragraphs, `> ` quotes, lists, code (four blanks, or between ``` lines), and character
// references (`&#3232;`, `&amp;`). Everything else is shown as typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xylem {

struct MessageLine {
  enum class Style { kProse, kQuote, kCode };
  Style style;
  std::string text;
};

// Runs of blank lines become one; blank lines at both ends go. `columns` below 8 counts as 8.
std::vector<MessageLine> message_lines(std::string_view message, int columns, bool unicode = true);

// A text of one paragraph.
std::vector<std::string> wrapped_lines(std::string_view text, int columns, bool unicode = true);

}  // namespace xylem
