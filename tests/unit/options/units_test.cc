#include "client/options/units.h"

#include <catch2/catch.hpp>

namespace xylem {

TEST_CASE("sizes are read in decimal and binary units") {
  CHECK(parse_bytes("20GB").value() == 20'000'000'000);
  CHECK(parse_bytes("1.5 MB").value() == 1'500'000);
  CHECK(parse_bytes("64MiB").value() == 64ULL * 1024 * 1024);
  CHECK(parse_bytes("512").value() == 512);
}

TEST_CASE("what is no amount is refused with an example") {
  for (const char* wrong : {"", "GB", "-1GB", "20XB", "20 G B", "nan", "inf", "1e99", "9999999999999TB"}) {
    INFO(wrong);
    auto bytes = parse_bytes(wrong);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().detail.find("20GB") != std::string::npos);
  }
}

TEST_CASE("rates and durations are read") {
  CHECK(parse_bits_per_second("20Mbit").value() == 20'000'000);
  CHECK(parse_bits_per_second("1Gbit/s").value() == 1'000'000'000);
  CHECK(parse_duration("250ms").value() == std::chrono::milliseconds(250));
  CHECK(parse_duration("1.5s").value() == std::chrono::milliseconds(1500));
  CHECK(parse_duration("2h").value() == std::chrono::hours(2));
  CHECK_FALSE(parse_duration("soon"));
}

TEST_CASE("amounts print as people read them") {
  CHECK(format_bytes(999) == "999 B");
  CHECK(format_bytes(20'000'000'000) == "20.0 GB");
  CHECK(format_bytes(999'999) == "1.0 MB");
  CHECK(format_duration(std::chrono::milliseconds(1500)) == "1.5 s");
  CHECK(format_duration(std::chrono::seconds(125)) == "2 min 5 s");
  CHECK(format_duration(std::chrono::hours(49)) == "2 d 1 h");
}

}  // namespace xylem
