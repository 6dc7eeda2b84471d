#include "origin/ingest/post/json_items.h"

#include <catch2/catch.hpp>

namespace xylem {

using Items = std::vector<std::string_view>;

TEST_CASE("items of an array are cut byte for byte") {
  CHECK(json_items("[]") == Items{});
  CHECK(json_items(" [ ] ") == Items{});
  CHECK(json_items("[1]") == Items{"1"});
  CHECK(json_items("[ 1 ,\n\"a\" ,{\"b\": [1, 2]}, null ]") == Items{"1", "\"a\"", "{\"b\": [1, 2]}", "null"});
  CHECK(json_items("[[1,2],[3]]") == Items{"[1,2]", "[3]"});
}

TEST_CASE("brackets, commas and quotes inside texts do not count") {
  CHECK(json_items(R"(["a,]}", "q\"[,", "back\\", {"k\"]": "]"}])") ==
        Items{R"("a,]}")", R"("q\"[,")", R"("back\\")", R"({"k\"]": "]"})"});
}

}  // namespace xylem
