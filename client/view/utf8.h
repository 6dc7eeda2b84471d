// Decodes UTF-8 one code point at a time; refuses overlong forms, surrogates and anything above U+10FFFF (RFC 3629).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xylem {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  // taken from the text: 1…4
  bool valid = true;      // false: one bad byte, value is kReplacement
};

// The first code point of a text that is not empty.
CodePoint decode_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t value);

}  // namespace xylem
