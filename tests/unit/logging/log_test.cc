#include "client/logging/log.h"

#include <catch2/catch.hpp>

namespace xylem {

TEST_CASE("a human line names its fields and quotes what would be ambiguous") {
  CHECK(format_log_line(LogFormat::human, "upstream connected", {{"server", "l1a.example:7411"}, {"bucket", 5}}) ==
        "upstream connected server=l1a.example:7411 bucket=5");
  CHECK(format_log_line(LogFormat::human, "x", {{"text", "two words"}, {"none", ""}, {"odd", "a=b"}}) ==
        R"(x text="two words" none="" odd="a=b")");
}

TEST_CASE("a stranger's text can neither break a line nor the terminal") {
  CHECK(format_log_line(LogFormat::human, "x", {{"peer", "a\n\x1b[31mb\"c"}}) == R"(x peer="a\u000a\u001b[31mb\"c")");
  CHECK(format_log_line(LogFormat::json, "x", {{"peer", "a\n\"b\\"}}) == R"("event":"x","peer":"a\u000a\"b\\")");
}

TEST_CASE("levels are read by name") {
  CHECK(parse_log_level("warning").value() == LogLevel::warning);
  CHECK(parse_log_level("loud").error().code == ErrorCode::kConfig);
}

}  // namespace xylem
