#include <zstd.h>

#include <catch2/catch.hpp>
#include <random>

#include "proto/payload.h"

using namespace xylem;

namespace {

Bytes text_of(std::size_t size) {
  Bytes bytes;
  while (bytes.size() < size)
    bytes.insert(bytes.end(), {'h', 'e', 'l', 'l', 'o', static_cast<std::uint8_t>(bytes.size())});
  bytes.resize(size);
  return bytes;
}

Bytes noise_of(std::size_t size) {
  std::mt19937 random(7);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

Bytes zstd_frame(const Bytes& plain, ZSTD_cParameter parameter, int value) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 17);
  ZSTD_CCtx_setParameter(context, parameter, value);
  Bytes wire(ZSTD_compressBound(plain.size()));
  wire.resize(ZSTD_compress2(context, wire.data(), wire.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  return wire;
}

// Magic, a descriptor with an 8-byte size and a window descriptor, one raw block of all content (RFC 8878).
Bytes raw_frame(std::uint8_t descriptor, std::uint8_t window, const Bytes& plain) {
  Bytes frame = from_hex("28b52ffd");
  frame.push_back(descriptor);
  frame.push_back(window);
  for (std::size_t i = 0; i < 8; ++i) frame.push_back(static_cast<std::uint8_t>(std::uint64_t{plain.size()} >> 8 * i));
  const std::size_t block = plain.size() << 3 | 1;
  for (std::size_t i = 0; i < 3; ++i) frame.push_back(static_cast<std::uint8_t>(block >> 8 * i));
  frame.insert(frame.end(), plain.begin(), plain.end());
  return frame;
}

std::string refusal(ByteView wire, std::size_t plain_bytes, Codec codec = Codec::zstd) {
  const auto plain = unpack_payload(codec, wire, plain_bytes);
  REQUIRE_FALSE(plain);
  CHECK(plain.error().code == ErrorCode::kBadPayload);
  return plain.error().detail;
}

}  // namespace

TEST_CASE("a payload is unpacked to what was packed") {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kCompressBytesMin - 1, kCompressBytesMin,
                           kBatchPlainBytesMax, kPayloadPlainBytesMax}) {
    for (const Bytes& plain : {text_of(size), noise_of(size)}) {
      const Packed packed = pack_payload(plain);
      CHECK(unpack_payload(packed.codec, packed.wire, plain.size()) == plain);
    }
  }
}

TEST_CASE("what is short or does not shrink is stored") {
  CHECK(pack_payload(text_of(kCompressBytesMin - 1)).codec == Codec::stored);
  CHECK(pack_payload(text_of(kCompressBytesMin)).codec == Codec::zstd);
  CHECK(pack_payload(noise_of(10'000)).codec == Codec::stored);
}

TEST_CASE("the same payload at the same level packs to the same bytes, whatever was packed before") {
  const Bytes plain = text_of(20'000);
  const Packed first = pack_payload(plain, 3);
  pack_payload(noise_of(50'000), 19);
  CHECK(pack_payload(plain, 3).wire == first.wire);
  for (int level : {-5, 1, 3, 19}) CHECK(unpack_payload(Codec::zstd, pack_payload(plain, level).wire, 20'000) == plain);
}

TEST_CASE("a payload of another size than stated is refused") {
  const Bytes plain = text_of(2000);
  const Bytes wire = pack_payload(plain).wire;
  refusal(wire, 1999);
  refusal(wire, 2001);
  refusal(wire, 0);
  refusal(plain, 1999, Codec::stored);
  refusal(plain, 2001, Codec::stored);
}

TEST_CASE("nothing is decompressed beyond the limit") {
  const Bytes bomb = text_of(kPayloadPlainBytesMax + 1);
  refusal(pack_payload(bomb).wire, bomb.size());
  refusal(bomb, bomb.size(), Codec::stored);
  refusal(zstd_frame(Bytes(10'000'000), ZSTD_c_checksumFlag, 0), 2000);
}

TEST_CASE("a frame must state its size") {
  const Bytes plain = text_of(2000);
  CHECK(unpack_payload(Codec::zstd, zstd_frame(plain, ZSTD_c_contentSizeFlag, 1), 2000) == plain);
  CHECK(refusal(zstd_frame(plain, ZSTD_c_contentSizeFlag, 0), 2000).find("state") != std::string::npos);
}

TEST_CASE("a window above 1 MiB is refused, one of 1 MiB is not") {
  const Bytes plain = text_of(700);
  // Descriptor: 8-byte size. Window: exponent in the upper 5 bits, mantissa in the lower 3.
  CHECK(unpack_payload(Codec::zstd, raw_frame(0xC0, 10 << 3, plain), plain.size()) == plain);
  CHECK(refusal(raw_frame(0xC0, 10 << 3 | 1, plain), plain.size()).find("window") != std::string::npos);
  CHECK(refusal(raw_frame(0xC0, 31 << 3 | 7, plain), plain.size()).find("window") != std::string::npos);
}

TEST_CASE("a frame that wants a dictionary or has its reserved bit set is refused") {
  const Bytes plain = text_of(700);
  for (int dictionary : {1, 2, 3}) {
    CHECK(refusal(raw_frame(static_cast<std::uint8_t>(0xC0 | dictionary), 0x50, plain), plain.size())
              .find("dictionary") != std::string::npos);
  }
  CHECK(refusal(raw_frame(0xC8, 0x50, plain), plain.size()).find("reserved") != std::string::npos);
}

TEST_CASE("exactly one frame is taken, and no skippable one") {
  const Bytes plain = text_of(2000);
  const Bytes frame = pack_payload(plain).wire;
  const Bytes skippable = from_hex(
      "502a4d18"
      "00000000");
  const auto joined = [](const Bytes& a, const Bytes& b) {
    Bytes both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
  };
  refusal(joined(frame, frame), 2000);
  refusal(joined(frame, frame), 4000);
  refusal(joined(frame, skippable), 2000);
  refusal(joined(skippable, frame), 2000);
  refusal(joined(frame, {0}), 2000);
  refusal(skippable, 0);
}

TEST_CASE("a frame that is cut or damaged is refused") {
  const Bytes plain = text_of(2000);
  const Bytes frame = zstd_frame(plain, ZSTD_c_checksumFlag, 1);
  CHECK(unpack_payload(Codec::zstd, frame, 2000) == plain);
  for (std::size_t size = 0; size < frame.size(); ++size) refusal(ByteView(frame).first(size), 2000);
  Bytes damaged = frame;
  damaged.back() ^= 1;  // of the frame's own checksum
  refusal(damaged, 2000);
}
