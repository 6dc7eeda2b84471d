#include "client/view/json_text.h"

#include <algorithm>

#include "client/view/utf8.h"

namespace xylem {
namespace {

void append_escape(std::string& out, char32_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (value) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[value >> shift & 0xF];
}

bool needs_escape(char32_t value) {
  const bool control = value < 0x20 || (value >= 0x7F && value <= 0x9F);
  return control || value == '"' || value == '\\' || value == 0x2028 || value == 0x2029;
}

bool plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto run = static_cast<std::size_t>(std::ranges::find_if_not(text, plain) - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const CodePoint point = decode_utf8(text);
    if (needs_escape(point.value)) {
      append_escape(out, point.value);
    } else if (point.valid) {
      out += text.substr(0, point.bytes);
    } else {
      append_utf8(out, kReplacement);
    }
    text.remove_prefix(point.bytes);
  }
  out += '"';
}

}  // namespace xylem
