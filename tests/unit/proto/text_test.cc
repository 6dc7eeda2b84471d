#include "proto/text.h"

#include <catch2/catch.hpp>

using namespace xylem;
using namespace std::string_view_literals;

TEST_CASE("UTF-8 is taken in its shortest form only, without surrogates and within Unicode") {
  CHECK(valid_utf8(""));
  CHECK(valid_utf8("plain"));
  CHECK(valid_utf8("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"));

  for (const auto text : {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv, "\xED\xA0\x80"sv,
                          "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv}) {
    CHECK_FALSE(valid_utf8(text));
  }
  SECTION("a character that is cut short or continues wrongly is refused") {
    for (const auto text : {"\xC2"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "\xC2 "sv, "\xE2\x82 "sv, "\xF0\x9F\x98 "sv}) {
      CHECK_FALSE(valid_utf8(text));
    }
  }
}

TEST_CASE("a text has no control characters and ends within its limit") {
  CHECK(valid_text("caf\xC3\xA9 \xE2\x82\xAC", 9));
  CHECK_FALSE(valid_text("caf\xC3\xA9 \xE2\x82\xAC", 8));
  for (const auto text : {"a\nb"sv, "a\0b"sv, "\x1B[31m"sv, "\x7F"sv, "\xC2\x9B"sv}) CHECK_FALSE(valid_text(text, 100));
  CHECK(valid_text("\xC2\xA0", 100));
}

TEST_CASE("a token is printable ASCII without blanks") {
  CHECK(valid_token("comments/1", 10));
  CHECK_FALSE(valid_token("comments/1", 9));
  CHECK_FALSE(valid_token("", 10));
  CHECK_FALSE(valid_token("a b", 10));
  CHECK_FALSE(valid_token("\xC3\xA9", 10));
}

TEST_CASE("a text is cleaned without losing what is sound") {
  CHECK(clean_text("sound", 10) == "sound");
  CHECK(clean_text("a\nb\xFF\xC2\x9B;", 10) == "a?b??;");
  SECTION("and cut at the end of a character") {
    CHECK(clean_text("\xE2\x82\xAC\xE2\x82\xAC", 5) == "\xE2\x82\xAC");
    CHECK(clean_text("\xE2\x82\xAC", 2).empty());
  }
  SECTION("and what comes out is a text") {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string dirty = {'a', static_cast<char>(byte), 'b', static_cast<char>(byte)};
      CHECK(valid_text(clean_text(dirty, 4), 4));
    }
  }
}
