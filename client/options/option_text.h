// Small text work of the option table: wrapping and "did you mean".
#pragma once

#include <string>
#include <string_view>

namespace xylem {

// Levenshtein distance; for short words.
std::size_t edit_distance(std::string_view a, std::string_view b);
// Wraps at spaces to `width`; every line after the first begins with `indent` spaces. Line breaks of the text stay.
std::string wrap_text(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace xylem
