#include <catch2/catch.hpp>

#include "proto/ids.h"

using namespace xylem;

namespace {

std::uint64_t ms_of(std::string_view text) {
  const auto time = parse_timestamp(text);
  INFO(text);
  REQUIRE(time);
  return to_ms(*time);
}

}  // namespace

TEST_CASE("RFC 3339 is read with any fraction and offset") {
  CHECK(ms_of("2011-12-08T03:02:50Z") == 1323313370000);
  CHECK(ms_of("2011-12-08T03:02:50.7Z") == 1323313370700);
  CHECK(ms_of("2011-12-08T03:02:50.789Z") == 1323313370789);
  CHECK(ms_of("2011-12-08T03:02:50.78999999Z") == 1323313370789);
  CHECK(ms_of("2011-12-08t03:02:50z") == 1323313370000);
  CHECK(ms_of("2011-12-08 03:02:50Z") == 1323313370000);
  CHECK(ms_of("2011-12-08T05:32:50+02:30") == 1323313370000);
  CHECK(ms_of("2011-12-07T19:02:50-08:00") == 1323313370000);
  CHECK(ms_of("2011-12-08T03:02:50-00:00") == 1323313370000);
  CHECK(ms_of("1970-01-01T00:00:00Z") == 0);
  CHECK(ms_of("2012-02-29T00:00:00Z") == 1330473600000);
  CHECK(ms_of("9999-12-31T23:59:59.999Z") == kTimestampMax);
}

TEST_CASE("a leap second is the second after it, and stands only at the end of a UTC day") {
  CHECK(ms_of("2016-12-31T23:59:60Z") == ms_of("2017-01-01T00:00:00Z"));
  CHECK(ms_of("2017-01-01T00:59:60+01:00") == ms_of("2017-01-01T00:00:00Z"));
  CHECK_FALSE(parse_timestamp("2016-12-31T23:58:60Z"));
  CHECK_FALSE(parse_timestamp("2016-12-31T23:59:60+01:00"));
}

TEST_CASE("numbers are unix seconds, or milliseconds from 100 000 000 000 on") {
  CHECK(ms_of("0") == 0);
  CHECK(ms_of("1323313370") == 1323313370000);
  CHECK(ms_of("1323313370789") == 1323313370789);
  CHECK(ms_of("99999999999") == 99999999999000);
  CHECK(ms_of("100000000000") == 100000000000);
  CHECK(ms_of("253402300799999") == kTimestampMax);
}

TEST_CASE("what is no point in time is refused as a bad event") {
  for (std::string_view text : {"",
                                "17:01",
                                "17:01:00Z",
                                "2011-12-08",
                                "2011-12-08T03:02Z",
                                "2011-12-08T03:02:50",
                                "2011-13-08T03:02:50Z",
                                "2011-02-29T03:02:50Z",
                                "2011-12-00T03:02:50Z",
                                "2011-12-08T24:00:00Z",
                                "2011-12-08T03:60:50Z",
                                "2011-12-08T03:02:61Z",
                                "2011-12-08T03:02:50.Z",
                                "2011-12-08T03:02:50+24:00",
                                "2011-12-08T03:02:50+01:60",
                                "2011-12-08T03:02:50+0100",
                                "2011-12-08T03:02:50Zx",
                                "11-12-08T03:02:50Z",
                                "1969-12-31T23:59:59Z",
                                "9999-12-31T23:59:59-00:01",
                                "-5",
                                "1323313370.5",
                                "1e9",
                                "253402300800000",
                                "99999999999999999999999",
                                "2011-12-08T03:02:50.00000000000000000000000000000000000000000000000000Z"}) {
    INFO(text);
    const auto time = parse_timestamp(text);
    REQUIRE_FALSE(time);
    CHECK(time.error().code == ErrorCode::kBadEvent);
  }
}

TEST_CASE("a timestamp is printed in UTC with milliseconds and reads back the same") {
  CHECK(to_rfc3339(from_ms(1323313370000)) == "2011-12-08T03:02:50.000Z");
  CHECK(to_rfc3339(from_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(from_ms(kTimestampMax)) == "9999-12-31T23:59:59.999Z");
  for (std::uint64_t ms = 7; ms < kTimestampMax; ms = ms * 3 + 1) CHECK(ms_of(to_rfc3339(from_ms(ms))) == ms);
}
