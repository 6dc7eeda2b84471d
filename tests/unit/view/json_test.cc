#include <catch2/catch.hpp>

#include "client/view/json_object.h"
#include "client/view/json_text.h"

namespace xylem {
namespace {

using Type = JsonValue::Type;

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

TEST_CASE("members have their type and value") {
  JsonObject object;
  REQUIRE(
      object.parse(as_bytes(R"({"n":null,"f":false,"t":true,"i":-9223372036854775808,"b":9223372036854775808,"r":1.5,)"
                            R"("s":"a\u00e9\n","a":[1],"o":{}})")));
  CHECK(object.member("n").is(Type::kNull));
  CHECK(object.member("f").is(Type::kFalse));
  CHECK(object.member("t").is(Type::kTrue));
  CHECK(object.member("i").is(Type::kInteger));
  CHECK(object.member("i").integer == std::numeric_limits<std::int64_t>::min());
  CHECK(object.member("b").is(Type::kBigInteger));
  CHECK(object.member("b").big == 9223372036854775808U);
  CHECK(object.member("r").real == 1.5);
  CHECK(object.member("s").text == "a\u00e9\n");
  CHECK(object.member("a").is(Type::kNested));
  CHECK(object.member("o").is(Type::kNested));
  CHECK(object.member("x").is(Type::kAbsent));
  CHECK(object.member("x").absent_or_null());
}

TEST_CASE("after bytes that are no object no member is there") {
  JsonObject object;
  CHECK(object.member("a").is(Type::kAbsent));
  REQUIRE(object.parse(as_bytes(R"({"a":1})")));
  CHECK_FALSE(object.parse(as_bytes("[1]")));
  CHECK(object.member("a").is(Type::kAbsent));
  REQUIRE(object.parse(as_bytes(R"({"a":1})")));
  CHECK_FALSE(object.parse(as_bytes("")));
  CHECK(object.member("a").is(Type::kAbsent));
}

TEST_CASE("written text is read again as it was") {
  const std::string all = "plain \"quoted\" back\\slash \n\r\t \x01\x1f\x7f caf\u00e9 日本 🎉 \u0085 \u2028";
  JsonObject object;
  REQUIRE(object.parse(as_bytes("{\"s\":" + json_text(all) + "}")));
  CHECK(object.member("s").text == all);
}

TEST_CASE("what could steer a terminal is escaped") {
  CHECK(json_text("\x1b[31m") == "\"\\u001b[31m\"");
  CHECK(json_text("\x7f") == "\"\\u007f\"");
  CHECK(json_text("\u009b") == "\"\\u009b\"");
  CHECK(json_text("\u2029") == "\"\\u2029\"");
  CHECK(json_text(std::string(1, '\0')) == "\"\\u0000\"");
}

TEST_CASE("bytes that are no UTF-8 become replacement characters") {
  CHECK(json_text("a\xff"
                  "b") ==
        "\"a\uFFFD"
        "b\"");
  CHECK(json_text("\xe2\x82") == "\"\uFFFD\uFFFD\"");
  CHECK(json_text("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
  CHECK(json_text("\xc0\x80") == "\"\uFFFD\uFFFD\"");            // overlong
}

}  // namespace
}  // namespace xylem
