#include "client/view/utf8.h"

#include <catch2/catch.hpp>
#include <vector>

namespace xylem {
namespace {

TEST_CASE("every code point is written and read again") {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value == 0xD800) value = 0xE000;  // surrogates are no characters
    std::string text;
    append_utf8(text, value);
    const CodePoint point = decode_utf8(text);
    if (point.value != value || point.bytes != text.size() || !point.valid) FAIL("code point " << std::uint32_t{value});
  }
}

TEST_CASE("what RFC 3629 forbids is one bad byte") {
  const std::vector<std::string_view> bad = {"\x80",
                                             "\xbf",
                                             "\xc0\xaf",
                                             "\xc1\xbf",
                                             "\xc3",
                                             "\xc3(",
                                             "\xe0\x9f\xbf",
                                             "\xed\xa0\x80",
                                             "\xed\xbf\xbf",
                                             "\xe2\x82",
                                             "\xf0\x8f\xbf\xbf",
                                             "\xf4\x90\x80\x80",
                                             "\xf5\x80\x80\x80",
                                             "\xff",
                                             "\xfe"};
  for (const std::string_view text : bad) {
    CAPTURE(text);
    const CodePoint point = decode_utf8(text);
    CHECK_FALSE(point.valid);
    CHECK(point.bytes == 1);
    CHECK(point.value == kReplacement);
  }
}

}  // namespace
}  // namespace xylem
