// Strangers' text for a terminal: cut into cells that are safe to print, each with the columns it takes.
//
// What could steer a terminal or pretend to be something else never comes out: C0 controls become their pictures (␛),
// C1 controls and bytes that are not UTF-8 become U+FFFD, bidi controls, tags and other hidden characters go, marks
// without a letter go, and of many marks on one letter four stay. Does not break lines: message_lines.h.
#pragma once

#include <string>
#include <string_view>

namespace xylem {

struct Cell {
  std::string_view text;  // part of the source or a constant
  int columns = 0;        // 0: a mark parted from its letter by something hidden
  bool space = false;     // a blank or a tab: lines may break here
};

class CellScanner {
 public:
  // Without `unicode` everything beyond ASCII is a question mark.
  explicit CellScanner(std::string_view text, bool unicode = true) : rest_(text), unicode_(unicode) {}

  bool next(Cell& cell);

 private:
  bool next_beyond_ascii(Cell& cell);
  std::string_view take(std::size_t bytes);
  void take_marks(std::size_t& bytes);

  std::string_view rest_;
  bool unicode_;
  int marks_left_ = 0;  // on the letter before
};

// One line of at most `columns_max`; a longer text ends in `…` (`...` without unicode).
std::string safe_line(std::string_view text, int columns_max, bool unicode = true);
int columns_of(std::string_view text);

}  // namespace xylem
