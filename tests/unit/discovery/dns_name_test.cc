#include "client/discovery/dns_name.h"

#include <catch2/catch.hpp>

using namespace xylem;

namespace {

struct ReadName {
  std::optional<std::string> name;
  std::size_t end = 0;
};

ReadName read(const Bytes& message, std::size_t offset = 0) {
  ReadName out{{}, offset};
  out.name = read_dns_name(message, out.end);
  return out;
}

}  // namespace

TEST_CASE("a name is its labels in lower case") {
  const ReadName result = read({2, 'B', '5', 7, 'e', 'X', 'a', 'm', 'p', 'l', 'e', 0, 99});
  CHECK(result.name == "b5.example");
  CHECK(result.end == 12);
  CHECK(read({0}).name == "");
}

TEST_CASE("a pointer leads to an earlier name, and reading goes on behind the pointer") {
  //             0  1    2  3    4  5    6  7     8
  const Bytes m{1, 'a', 0, 1, 'b', 0xC0, 0, 9};
  CHECK(read(m, 3).name == "b.a");
  CHECK(read(m, 3).end == 7);
}

TEST_CASE("bytes that are no letters, digits, - or _ are escaped, a dot too") {
  CHECK(read({3, 'a', '.', 'b', 0}).name == "a\\046b");
  CHECK(read({2, 0, 255, 0}).name == "\\000\\255");
  CHECK(read({4, '_', 't', 'c', 'p', 0}).name == "_tcp");
}

TEST_CASE("names that lead nowhere are nothing") {
  const Bytes bad[] = {
      {},                 // nothing at all
      {3, 'a', 'b'},      // a label runs past the end
      {1, 'a'},           // no end
      {0xC0},             // half a pointer
      {0xC0, 0},          // to itself
      {0xC0, 2, 0},       // forward
      {1, 'a', 0xC0, 0},  // into its own beginning: a loop
      {0x40, 0},          // label types nobody uses
      {0x80, 0},
  };
  for (const Bytes& message : bad) {
    INFO(to_hex(message));
    CHECK_FALSE(read(message).name.has_value());
  }
  CHECK_FALSE(read({0}, 1).name.has_value());
}

TEST_CASE("pointers that go back and forth end") {
  //             0     1  2     3
  const Bytes m{0xC0, 2, 0xC0, 0};
  CHECK_FALSE(read(m, 2).name.has_value());
}

TEST_CASE("a name of 255 bytes is a name, one of 256 is not") {
  Bytes message;
  for (int i = 0; i < 3; ++i) {
    message.push_back(63);
    message.insert(message.end(), 63, 'a');
  }
  Bytes longer = message;
  message.push_back(61);
  message.insert(message.end(), 61, 'a');
  message.push_back(0);
  REQUIRE(message.size() == 255);
  CHECK(read(message).name.has_value());
  longer.push_back(62);
  longer.insert(longer.end(), 62, 'a');
  longer.push_back(0);
  CHECK_FALSE(read(longer).name.has_value());
}

TEST_CASE("a name lies below a zone by whole labels") {
  CHECK(is_at_or_below("b5.zone.example", "zone.example"));
  CHECK(is_at_or_below("zone.example", "zone.example"));
  CHECK(is_at_or_below("anything", ""));
  CHECK_FALSE(is_at_or_below("ozone.example", "zone.example"));
  CHECK_FALSE(is_at_or_below("example", "zone.example"));
}
