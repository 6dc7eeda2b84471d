#include "client/view/line_wrap.h"

#include <utility>

namespace xylem {
namespace {

// Wide punctuation that must not begin a line (the common ones of JIS X 4051 and GB/T 15834).
bool closes(const Cell& cell) {
  static constexpr std::string_view kClosing = "、。，．：；！？）］｝」』】〉》〕〗ー～";
  return cell.columns == 2 && kClosing.find(cell.text) != std::string_view::npos;
}

}  // namespace

LineWrap::LineWrap(int columns, int indent, std::string lead, bool unicode)
    : columns_(columns), indent_(indent), unicode_(unicode), line_(std::move(lead)), used_(indent) {}

std::vector<std::string> LineWrap::wrap(std::string_view text) {
  CellScanner cells(text, unicode_);
  for (Cell cell; cells.next(cell);) {
    if (cell.space) {
      put_word();
      if (!empty_) blanks_ += cell.text;
      continue;
    }
    const bool after_wide = !word_.empty() && word_.back().columns == 2;
    if ((after_wide || cell.columns == 2) && !closes(cell)) put_word();
    word_.push_back(cell);
    word_columns_ += cell.columns;
  }
  put_word();
  end_line();
  return std::move(lines_);
}

std::vector<std::string> LineWrap::chop(std::string_view text) {
  CellScanner cells(text, unicode_);
  for (Cell cell; cells.next(cell);) put_cell(cell);
  end_line();
  return std::move(lines_);
}

void LineWrap::put_word() {
  if (word_.empty()) return;
  const int blank_columns = static_cast<int>(blanks_.size());
  if (!empty_ && used_ + blank_columns + word_columns_ > columns_) {
    end_line();
  } else {
    line_ += blanks_;
    used_ += blank_columns;
  }
  for (const Cell& cell : word_) put_cell(cell);
  blanks_.clear();
  word_.clear();
  word_columns_ = 0;
}

void LineWrap::put_cell(const Cell& cell) {
  if (!empty_ && used_ + cell.columns > columns_) end_line();
  line_ += cell.text;
  used_ += cell.columns;
  empty_ = false;
}

void LineWrap::end_line() {
  lines_.push_back(std::move(line_));
  line_.assign(static_cast<std::size_t>(indent_), ' ');
  used_ = indent_;
  empty_ = true;
}

}  // namespace xylem
