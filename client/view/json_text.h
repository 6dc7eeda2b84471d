// Writes JSON strings that are safe everywhere, a terminal included: control characters (C0, DEL, C1) and the line and
// paragraph separators are escaped, bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace xylem {

void append_json_text(std::string& out, std::string_view text);  // with its quotes

}  // namespace xylem
