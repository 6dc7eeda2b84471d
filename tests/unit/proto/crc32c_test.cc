#include "proto/crc32c.h"

#include <catch2/catch.hpp>

using namespace xylem;

namespace {

Bytes counting(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

}  // namespace

TEST_CASE("the vectors of RFC 3720 appendix B.4 hold") {
  Bytes ascending(32), descending(32);
  for (std::uint8_t i = 0; i < 32; ++i) {
    ascending[i] = i;
    descending[i] = static_cast<std::uint8_t>(31 - i);
  }
  const Bytes read_command =
      from_hex("01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000000000");
  for (auto function : {crc32c, crc32c_by_table}) {
    CHECK(function(Bytes(32, 0x00), 0) == 0x8A9136AA);
    CHECK(function(Bytes(32, 0xFF), 0) == 0x62A8AB43);
    CHECK(function(ascending, 0) == 0x46DD794E);
    CHECK(function(descending, 0) == 0x113FDB5C);
    CHECK(function(ByteView(read_command).first(48), 0) == 0xD9963A56);
    CHECK(function(as_bytes("123456789"), 0) == 0xE3069283);
    CHECK(function({}, 0) == 0);
  }
}

TEST_CASE("the instruction and the table agree at every length and alignment") {
  const Bytes bytes = counting(300);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t size = 0; size + start <= bytes.size(); ++size) {
      const ByteView part = ByteView(bytes).subspan(start, size);
      if (crc32c(part, 0xDEADBEEF) != crc32c_by_table(part, 0xDEADBEEF)) FAIL(start << " " << size);
    }
  }
}

TEST_CASE("the CRC of a whole follows from the CRC of its start") {
  const Bytes bytes = counting(100);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const ByteView view(bytes);
    CHECK(crc32c(view.subspan(cut), crc32c(view.first(cut))) == crc32c(view));
  }
}
