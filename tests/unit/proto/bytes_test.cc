#include "proto/bytes.h"

#include <catch2/catch.hpp>

using namespace xylem;

TEST_CASE("integers are written and read big endian") {
  Bytes out;
  ByteWriter write(out);
  write.u8(0x01);
  write.u16(0x0203);
  write.u32(0x04050607);
  write.u64(0x08090A0B0C0D0E0F);
  write.zeros(2);
  write.bytes(as_bytes("xy"));
  CHECK(to_hex(out) == "0102030405060708090a0b0c0d0e0f00007879");

  ByteReader read(out);
  CHECK(read.u8() == 0x01);
  CHECK(read.u16() == 0x0203);
  CHECK(read.u32() == 0x04050607);
  CHECK(read.u64() == 0x08090A0B0C0D0E0F);
  CHECK(read.array<2>() == std::array<std::uint8_t, 2>{});
  CHECK_FALSE(read.done());
  CHECK(as_text(read.bytes(2)) == "xy");
  CHECK(read.done());
}

TEST_CASE("a reader gives zeros from the first short read on and stays bad") {
  const Bytes bytes = from_hex("010203");
  ByteReader read(bytes);
  CHECK(read.u16() == 0x0102);
  CHECK(read.u32() == 0);
  CHECK(read.bad());
  CHECK(read.u8() == 0);  // the third byte was there, but the reader is past it
  CHECK(read.bytes(1).empty());
  CHECK(read.array<4>() == std::array<std::uint8_t, 4>{});
  CHECK(read.rest().empty());
  CHECK_FALSE(read.done());
}

TEST_CASE("an empty reader is done, and reading nothing from it is not bad") {
  ByteReader read({});
  CHECK(read.bytes(0).empty());
  CHECK(read.done());
  CHECK(read.bytes(std::size_t(-1)).empty());
  CHECK(read.bad());
}

TEST_CASE("hex is lower case out and either case in") {
  CHECK(to_hex(Bytes{0x00, 0x9F, 0xFF}) == "009fff");
  CHECK(from_hex("009fff") == Bytes{0x00, 0x9F, 0xFF});
  CHECK(from_hex("009FfF") == Bytes{0x00, 0x9F, 0xFF});
  CHECK(from_hex("").empty());
  CHECK(from_hex("0").empty());
  CHECK(from_hex("0g").empty());
  CHECK(from_hex("g0").empty());
  CHECK(from_hex("0 ").empty());
}
