#include "proto/errors.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "proto/result.h"

using namespace xylem;

TEST_CASE("each error has a number, a name and a text of its own") {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names, texts;
  for (const ErrorInfo& info : all_errors()) {
    CHECK(numbers.insert(info.number).second);
    CHECK(names.insert(info.name).second);
    CHECK(texts.insert(info.text).second);
    CHECK(static_cast<std::uint16_t>(info.code) == info.number);
    CHECK(info.http_status >= 400);
    CHECK(info.http_status < 600);
  }
}

TEST_CASE("names are those of the enumerators") {
  CHECK(error_info(ErrorCode::kBadHeader).name == "E_BAD_HEADER");
  CHECK(error_info(ErrorCode::kNotMe).name == "E_NOT_ME");
  CHECK(error_info(ErrorCode::kIo).name == "E_IO");
  CHECK(error_info(ErrorCode::kFromTheFuture).name == "E_FROM_THE_FUTURE");
}

TEST_CASE("an error is found by its number, and an unknown number is a protocol error") {
  CHECK(error_info_of_number(304).code == ErrorCode::kForked);
  CHECK(error_info_of_number(0).code == ErrorCode::kProtocol);
  CHECK(error_info_of_number(300).code == ErrorCode::kProtocol);
  CHECK(error_info_of_number(65'535).code == ErrorCode::kProtocol);
}

TEST_CASE("what may help to try again has a status that says so") {
  for (const ErrorInfo& info : all_errors()) {
    if (info.retryable) CHECK(std::set{408, 429, 500, 503}.contains(info.http_status));
  }
}

TEST_CASE("a message has name, number, text and detail") {
  CHECK(Error{ErrorCode::kBadHeader, "reserved bytes are not zero"}.message() ==
        "E_BAD_HEADER 104: record header is malformed: reserved bytes are not zero");
  CHECK(Error{ErrorCode::kWithheld, {}}.message() == "E_WITHHELD 306: withheld by this node");
}

TEST_CASE("fail passes an error on as it is") {
  const Result<int> first = fail(ErrorCode::kTooLarge, "9 bytes");
  const Result<std::string> second = fail(first.error());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kTooLarge);
  CHECK(second.error().detail == "9 bytes");
}
