#include "client/view/age_text.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = from_ms(1323313344000);

TEST_CASE("ages have the largest unit that is reached") {
  CHECK(age_text(kNow, kNow) == "now");
  CHECK(age_text(kNow - 59s, kNow) == "now");
  CHECK(age_text(kNow - 60s, kNow) == "1m");
  CHECK(age_text(kNow - 59min, kNow) == "59m");
  CHECK(age_text(kNow - 1h, kNow) == "1h");
  CHECK(age_text(kNow - 47h, kNow) == "1d");
  CHECK(age_text(kNow - 24h * 29, kNow) == "29d");
}

TEST_CASE("from thirty days on it is the day") {
  CHECK(age_text(kNow - 24h * 30, kNow) == "8 Nov 2011");
  CHECK(day_text(from_ms(0)) == "1 Jan 1970");
  CHECK(day_text(from_ms(1330473600000)) == "29 Feb 2012");
}

TEST_CASE("a clock that is a little ahead makes no future") {
  CHECK(age_text(kNow + 5min, kNow) == "now");
  CHECK(age_text(kNow + 48h, kNow) == "10 Dec 2011");
}

}  // namespace
}  // namespace xylem
