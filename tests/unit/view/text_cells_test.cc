#include "client/view/text_cells.h"

#include <catch2/catch.hpp>
#include <vector>

namespace xylem {
namespace {

std::string printed(std::string_view text, bool unicode = true) {
  std::string out;
  CellScanner cells(text, unicode);
  for (Cell cell; cells.next(cell);) out += cell.text;
  return out;
}

TEST_CASE("ordinary text comes out as it went in") {
  for (const std::string_view text :
       {"plain text", "café", "日本語", "cafe\u0301", "👩\u200d💻", "नमस्ते", "שלום", "▌│└"}) {
    CHECK(printed(text) == text);
  }
}

TEST_CASE("control characters become their pictures") {
  CHECK(printed("\x1b[2J\x1b]0;title\x07") == "␛[2J␛]0;title␇");
  CHECK(printed(std::string_view("\0\n\r\x7f", 4)) == "␀␊␍␡");
  CHECK(printed("\u009b31m\u0085\u0080") == "\uFFFD31m\uFFFD\uFFFD");
  CHECK(printed("\xff\x9b") == "\uFFFD\uFFFD");
}

TEST_CASE("what reorders, hides or pretends goes") {
  CHECK(printed("\u202Eevil\u202C \u2066x\u2069 \u200Bzero\uFEFF \u00ADsoft") == "evil x zero soft");
  CHECK(printed("tag\U000E0041\U000E007F") == "tag");
  CHECK(printed("\u2028\u2029") == "");
  CHECK(printed("non\uFFFEcharacter\U0010FFFF") == "noncharacter");
}

TEST_CASE("marks need a letter, and four are enough") {
  CHECK(printed("\u0301\u0301x") == "x");
  const std::string pile = "a" + [] {
    std::string marks;
    for (int i = 0; i < 60; ++i) marks += "\u0301";
    return marks;
  }();
  CHECK(printed(pile + " end") == "a\u0301\u0301\u0301\u0301 end");
  // Something hidden between them does not make room for more.
  CHECK(printed("a\u0301\u0301\u0301\u200B\u0301\u0301\u0301") == "a\u0301\u0301\u0301\u0301");
}

TEST_CASE("columns are those of a terminal") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("日本") == 4);
  CHECK(columns_of("cafe\u0301") == 4);
  CHECK(columns_of("🎉") == 2);
  CHECK(columns_of("☕\uFE0F") == 2);
  CHECK(columns_of("\u2764\uFE0F") == 2);
  CHECK(columns_of("\u2764") == 1);
  CHECK(columns_of("ﾊﾝｶｸ") == 4);
  CHECK(columns_of("한국") == 4);
  CHECK(columns_of("\x1b") == 1);
  CHECK(columns_of("\t") == 4);
}

TEST_CASE("without unicode everything beyond ASCII is a question mark") {
  CHECK(printed("café 日本 \x1b \u0301\u202E", false) == "caf? ?? ? ");
}

TEST_CASE("a line that is too long ends in an ellipsis") {
  CHECK(safe_line("short", 10) == "short");
  CHECK(safe_line("exactly ten", 11) == "exactly ten");
  CHECK(safe_line("exactly ten", 10) == "exactly t…");
  CHECK(safe_line("日本語", 5) == "日本…");
  CHECK(safe_line("日本語", 4) == "日…");
  CHECK(safe_line("a longer line", 10, false) == "a longe...");
  CHECK(safe_line("\x1b[31m\nline", 20) == "␛[31m␊line");
  CHECK(safe_line("", 5) == "");
}

TEST_CASE("no byte sequence brings a control character or half a character through") {
  // All pairs of bytes behind each kind of lead.
  for (const std::string_view lead : {"", "\xe2", "\xf0\x9f"}) {
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; ++second) {
        std::string text(lead);
        text += static_cast<char>(first);
        text += static_cast<char>(second);
        const std::string safe = printed(text);
        CellScanner again(safe);
        std::string twice;
        for (Cell cell; again.next(cell);) twice += cell.text;
        for (const char c : safe) {
          if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            FAIL("control character from " << first << ' ' << second);
        }
        if (twice != safe) FAIL("not stable: " << first << ' ' << second);
      }
    }
  }
}

}  // namespace
}  // namespace xylem
