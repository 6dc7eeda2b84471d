// Cuts the text of a JSON array into the texts of its items, byte for byte. The text must be valid JSON (a parser has
// accepted it): only strings, brackets and commas are looked at.
#pragma once

#include <string_view>
#include <vector>

namespace xylem {

// Without the blanks of JSON at both ends.
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> json_items(std::string_view array);

}  // namespace xylem
