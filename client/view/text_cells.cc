#include "client/view/text_cells.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "client/view/unicode_tables.h"
#include "client/view/utf8.h"

namespace xylem {
namespace {

constexpr int kMarksMax = 4;
constexpr std::string_view kReplacementText = "\uFFFD";
constexpr std::string_view kTab = "    ";

// U+2400 …: ␀ ␁ … ␟, and ␡ at the end.
constexpr std::array<std::string_view, 33> kControlPictures = {"␀", "␁", "␂", "␃", "␄", "␅", "␆", "␇", "␈", "␉", "␊",
                                                               "␋", "␌", "␍", "␎", "␏", "␐", "␑", "␒", "␓", "␔", "␕",
                                                               "␖", "␗", "␘", "␙", "␚", "␛", "␜", "␝", "␞", "␟", "␡"};

bool in(std::span<const CodeRange> ranges, char32_t value) {
  const auto after = std::ranges::upper_bound(ranges, value, {}, &CodeRange::first);
  return after != ranges.begin() && value <= std::prev(after)->last;
}

bool is_mark(char32_t value) { return value >= 0x300 && in(mark_ranges(), value); }

}  // namespace

bool CellScanner::next(Cell& cell) {
  if (rest_.empty()) return false;
  const auto byte = static_cast<std::uint8_t>(rest_[0]);
  if (byte >= 0x80) return next_beyond_ascii(cell);
  if (byte == '\t') {
    take(1);
    cell = {kTab, static_cast<int>(kTab.size()), true};
  } else if (byte < 0x20 || byte == 0x7F) {
    take(1);
    cell = {unicode_ ? kControlPictures[std::min<std::size_t>(byte, 0x20)] : "?", 1, false};
  } else {
    std::size_t bytes = 1;
    marks_left_ = kMarksMax;
    take_marks(bytes);
    cell = {take(bytes), 1, byte == ' ' && bytes == 1};
  }
  return true;
}

bool CellScanner::next_beyond_ascii(Cell& cell) {
  while (!rest_.empty()) {
    const CodePoint point = decode_utf8(rest_);
    if (point.value < 0x80) return next(cell);
    if (!point.valid || point.value <= 0x9F) {
      take(point.bytes);
      cell = {unicode_ ? kReplacementText : "?", 1, false};
      return true;
    }
    if (in(hidden_ranges(), point.value)) {
      take(point.bytes);
      continue;
    }
    if (is_mark(point.value)) {
      const std::string_view mark = take(point.bytes);
      if (!unicode_ || marks_left_ == 0) continue;
      --marks_left_;
      cell = {mark, 0, false};
      return true;
    }
    std::size_t bytes = point.bytes;
    marks_left_ = kMarksMax;
    take_marks(bytes);
    const std::string_view text = take(bytes);
    const bool wide = in(wide_ranges(), point.value) || text.ends_with("\uFE0F");
    cell = unicode_ ? Cell{text, wide ? 2 : 1, false} : Cell{"?", 1, false};
    return true;
  }
  return false;
}

std::string_view CellScanner::take(std::size_t bytes) {
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

// Lengthens a cell of `bytes` by the marks that follow it.
void CellScanner::take_marks(std::size_t& bytes) {
  while (unicode_ && marks_left_ > 0 && bytes < rest_.size() && static_cast<std::uint8_t>(rest_[bytes]) >= 0x80) {
    const CodePoint point = decode_utf8(rest_.substr(bytes));
    if (!is_mark(point.value)) return;
    bytes += point.bytes;
    --marks_left_;
  }
}

std::string safe_line(std::string_view text, int columns_max, bool unicode) {
  const std::string_view ellipsis = unicode ? "…" : "...";
  const int ellipsis_columns = unicode ? 1 : 3;
  std::string line;
  std::size_t cut = 0;  // where the ellipsis would fit
  int columns = 0;
  CellScanner cells(text, unicode);
  for (Cell cell; cells.next(cell);) {
    if (columns + cell.columns > columns_max) {
      line.resize(cut);
      line += ellipsis;
      return line;
    }
    columns += cell.columns;
    line += cell.text;
    if (columns + ellipsis_columns <= columns_max) cut = line.size();
  }
  return line;
}

int columns_of(std::string_view text) {
  int columns = 0;
  CellScanner cells(text);
  for (Cell cell; cells.next(cell);) columns += cell.columns;
  return columns;
}

}  // namespace xylem
