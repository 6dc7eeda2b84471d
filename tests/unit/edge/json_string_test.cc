// JSON strings that are right for every input.
#include "relay/edge/json_string.h"

#include <catch2/catch.hpp>

namespace xylem {

TEST_CASE("Texts become JSON strings", "[edge]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"a\nb\tc\x7F", R"("a\u000ab\u0009c\u007f")"},
      {std::string("\0", 1), R"("\u0000")"},
      {"</script>", R"("\u003c/script>")"},
      {"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\""},
      {"\xF0\x9F\x8C\xB2", "\"\xF0\x9F\x8C\xB2\""},
      {"\xFF", R"("\ufffd")"},
      {"\xC3", R"("\ufffd")"},
      {"\xC3(", R"("\ufffd(")"},
      {"\xED\xA0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"\xF0\x9F\x8C", R"("\ufffd\ufffd\ufffd")"},
  };
  for (const auto& [text, json] : cases) {
    std::string out;
    append_json_string(out, text);
    CHECK(out == json);
  }
}

}  // namespace xylem
