// Breaks one line of text into lines of at most so many columns: at blanks, around wide characters (which need none),
// and anywhere in a word that is longer than a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/view/text_cells.h"

namespace xylem {

class LineWrap {
 public:
  // Each line begins with `indent` blanks, which count as columns; the first with `lead` instead, of the same width.
  LineWrap(int columns, int indent, std::string lead, bool unicode);

  std::vector<std::string> wrap(std::string_view text);
  // Blanks are kept, words are not.
  std::vector<std::string> chop(std::string_view text);

 private:
  void put_word();
  void put_cell(const Cell& cell);
  void end_line();

  int columns_;
  int indent_;
  bool unicode_;
  std::vector<std::string> lines_;
  std::string line_;
  int used_;
  bool empty_ = true;  // no word on this line yet
  std::string blanks_;
  std::vector<Cell> word_;
  int word_columns_ = 0;
};

}  // namespace xylem
