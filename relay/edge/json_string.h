// Writes JSON strings (RFC 8259 §7) that also stand safely in a page and on a terminal: control characters are escaped,
// `<` too, and bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace xylem {

void append_json_string(std::string& out, std::string_view text);  // with its quotes

}  // namespace xylem
