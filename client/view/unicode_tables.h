// Which code points from U+0080 up take two columns, none, or are hidden; sorted, without overlap. Asked through
// text_cells.h.
#pragma once

#include <span>

namespace xylem {

struct CodeRange {
  char32_t first;
  char32_t last;
};

std::span<const CodeRange> wide_ranges();    // East Asian wide and full width, emoji
std::span<const CodeRange> mark_ranges();    // combining: drawn onto the character before; joiners
std::span<const CodeRange> hidden_ranges();  // reorder, hide or pretend (bidi controls, tags, …) and noncharacters

}  // namespace xylem
