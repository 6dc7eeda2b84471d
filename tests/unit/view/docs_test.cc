// docs/views.md: its example is applied, and what it says the terminal shows is compared.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "client/view/thread_text.h"
#include "tests/unit/view/thread_events.h"

namespace xylem {
namespace {

std::string block_after(const std::string& text, std::string_view fence) {
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST_CASE("the example of docs/views.md does what it says") {
  std::ifstream file(XYLEM_SOURCE_DIR "/docs/views.md");
  std::ostringstream all;
  all << file.rdbuf();
  REQUIRE(file);

  Comments comments;
  std::uint64_t version = 0;
  JsonObject object;
  std::istringstream events(block_after(all.str(), "```json\n"));
  for (std::string line; std::getline(events, line);) {
    CAPTURE(line);
    REQUIRE(object.parse(as_bytes(line)));
    const std::string kind(object.member("event_kind").text);
    const auto seconds = static_cast<std::uint64_t>(object.member("timestamp").integer);
    const auto change = comments.apply({Version(++version), from_ms(seconds * 1000), kind, as_bytes(line), false});
    CHECK(change.visible());
  }
  REQUIRE(version > 0);
  ThreadTextOptions options;
  options.width = 40;
  options.now = test::seconds_after_start(3600 + 600);
  CHECK(thread_text(comments, options) == block_after(all.str(), "```text\n"));
}

}  // namespace
}  // namespace xylem
