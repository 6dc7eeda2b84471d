#include "client/view/message_lines.h"

#include <catch2/catch.hpp>

#include "client/view/text_cells.h"

namespace xylem {
namespace {

using Style = MessageLine::Style;
using Lines = std::vector<std::string>;

Lines texts(std::string_view message, int columns, bool unicode = true) {
  Lines lines;
  for (const MessageLine& line : message_lines(message, columns, unicode)) lines.push_back(line.text);
  return lines;
}

TEST_CASE("prose is wrapped at blanks and keeps the line breaks that were typed") {
  CHECK(texts("one two three four", 9) == Lines{"one two", "three", "four"});
  CHECK(texts("one\ntwo", 20) == Lines{"one", "two"});
  CHECK(texts("one\r\ntwo\rthree", 20) == Lines{"one", "two", "three"});
  CHECK(texts("a  b", 20) == Lines{"a  b"});
}

TEST_CASE("runs of blank lines become one, and none stand at the ends") {
  CHECK(texts("\n\n one \n\n\n\n two\n \n\t\n", 20) == Lines{"one", "", "two"});
  CHECK(texts("\n \n", 20).empty());
  CHECK(texts("", 20).empty());
}

TEST_CASE("a word that is longer than a line is cut") {
  CHECK(texts("xxxxxxxxxxxxxxxxxxx yy", 8) == Lines{"xxxxxxxx", "xxxxxxxx", "xxx yy"});
  CHECK(texts("a xxxxxxxxxx", 8) == Lines{"a", "xxxxxxxx", "xx"});
}

TEST_CASE("wide characters break anywhere, but closing punctuation does not begin a line") {
  CHECK(texts("日本語日本語", 8) == Lines{"日本語日", "本語"});
  CHECK(texts("日本語日。本", 8) == Lines{"日本語", "日。本"});
  CHECK(texts("ab日本cd", 8) == Lines{"ab日本cd"});
  CHECK(texts("abc日本cde", 8) == Lines{"abc日本", "cde"});
}

TEST_CASE("no line is wider than it may be") {
  const std::string message =
      "> 日本語 quoted x\n\n* item 日本語日本語日本語日本語 word\n\n    code 日本語 日本語 日本語 日本語\n\n" +
      std::string(100, 'x') + " 👩\u200d💻👩\u200d💻👩\u200d💻 12. \t\tend";
  for (int columns = 8; columns < 60; ++columns) {
    for (const std::string& line : texts(message, columns)) CHECK(columns_of(line) <= columns);
  }
}

TEST_CASE("quotes have a bar at each of their lines, up to three deep") {
  const auto lines = message_lines("> one two three\n>> deeper\n\nanswer", 11);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].text == "▌ one two");
  CHECK(lines[0].style == Style::kQuote);
  CHECK(lines[1].text == "▌ three");
  CHECK(lines[2].text == "▌ ▌ deeper");
  CHECK(lines[3].text == "");
  CHECK(lines[4].text == "answer");
  CHECK(lines[4].style == Style::kProse);
  CHECK(texts(">>>>> five", 30) == Lines{"▌ ▌ ▌ >> five"});
  CHECK(texts("> q", 30, false) == Lines{"> q"});
  CHECK(texts("> a\n>\n> b", 30) == Lines{"▌ a", "", "▌ b"});
}

TEST_CASE("list items hang under their own text") {
  CHECK(texts("* one two three\n- four\n12. five six seven", 11) ==
        Lines{"• one two", "  three", "- four", "12. five", "    six", "    seven"});
  CHECK(texts("*emphasis* 3.14 -5", 30) == Lines{"*emphasis* 3.14 -5"});
  CHECK(texts("* one", 30, false) == Lines{"* one"});
}

TEST_CASE("four blanks after a blank line begin code, which keeps its blanks") {
  const auto lines = message_lines("Try:\n\n    for i in x:\n        run(i)\n\nDone.", 30);
  REQUIRE(lines.size() == 6);
  CHECK(lines[2].style == Style::kCode);
  CHECK(lines[2].text == "  for i in x:");
  CHECK(lines[3].text == "      run(i)");
  CHECK(lines[5].style == Style::kProse);
  CHECK(message_lines("    code at the start", 30)[0].style == Style::kCode);
  CHECK(message_lines("text\n    goes on", 30)[1].style == Style::kProse);
  CHECK(message_lines("\ttab", 30)[0].style == Style::kCode);
}

TEST_CASE("lines of three backticks fence code; other backticks are text") {
  const auto lines = message_lines("a\n```c\nint x;\n\n> y\n```\nb", 30);
  REQUIRE(lines.size() == 5);
  CHECK(lines[1].text == "  int x;");
  CHECK(lines[1].style == Style::kCode);
  CHECK(lines[3].text == "  > y");
  CHECK(lines[3].style == Style::kCode);
  CHECK(lines[4].text == "b");
  CHECK(texts("```rm -rf```\nafter", 30) == Lines{"```rm -rf```", "after"});
  CHECK(texts("```\nnever closed", 30) == Lines{"  never closed"});
}

TEST_CASE("character references are decoded in prose, and made safe after that") {
  CHECK(texts("&#3232;_&#xCA0; &amp;&lt;b&gt; &quot;&apos;", 40) == Lines{"ಠ_ಠ &<b> \"'"});
  CHECK(texts("&#27;[31m &#x9b; &#x202E;", 40) == Lines{"␛[31m \uFFFD"});
  CHECK(texts("a & b; &unknown; &#; &#x; &#xD800; &#1114112; &#99999999999; &", 80) ==
        Lines{"a & b; &unknown; &#; &#x; &#xD800; &#1114112; &#99999999999; &"});
  CHECK(texts("    &amp;", 40) == Lines{"  &amp;"});
}

TEST_CASE("a narrow width counts as eight columns") { CHECK(texts("one two three", -5) == Lines{"one two", "three"}); }

}  // namespace
}  // namespace xylem
