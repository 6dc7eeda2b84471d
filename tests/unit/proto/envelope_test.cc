#include "proto/envelope.h"

#include <catch2/catch.hpp>

#include "proto/crc32c.h"
#include "tests/unit/proto/allocation_count.h"

using namespace xylem;

namespace {

ErrorCode refusal(ByteView bytes) {
  const auto parsed = parse_envelope(bytes);
  REQUIRE_FALSE(parsed);
  return parsed.error().code;
}

// 12 bytes of an envelope around an empty body, with a valid checksum.
Bytes envelope_of(std::uint32_t length, std::uint8_t type, std::uint8_t version, std::uint8_t form,
                  std::uint8_t flags) {
  Bytes bytes;
  ByteWriter write(bytes);
  write.u32(length);
  write.u8(type);
  write.u8(version);
  write.u8(form);
  write.u8(flags);
  write.u32(crc32c(bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a frame is its envelope and its body") {
  const Bytes frame = make_frame(FrameType::ping, as_bytes("12345678"));
  CHECK(to_hex(ByteView(frame).first(8)) == "0000000819010000");
  CHECK(frame.size() == 20);

  const auto parsed = parse_envelope(frame);
  REQUIRE(parsed);
  REQUIRE(*parsed);
  CHECK((*parsed)->type == FrameType::ping);
  CHECK((*parsed)->form == RecordForm::full);
  CHECK(as_text((*parsed)->body) == "12345678");
  CHECK((*parsed)->frame.size() == frame.size());
}

TEST_CASE("the first of several frames is parsed, and a part of one is not yet anything") {
  Bytes bytes = make_frame(FrameType::ping, as_bytes("first"));
  const std::size_t first = bytes.size();
  append_frame(bytes, FrameType::pong, RecordForm::full, as_bytes("second"));
  for (std::size_t size = 0; size < first; ++size) {
    const auto parsed = parse_envelope(ByteView(bytes).first(size));
    REQUIRE(parsed);
    CHECK_FALSE(*parsed);
  }
  for (std::size_t size = first; size <= bytes.size(); ++size) {
    CHECK(as_text(parse_envelope(ByteView(bytes).first(size))->value().body) == "first");
  }
  CHECK(as_text(parse_envelope(ByteView(bytes).subspan(first))->value().body) == "second");
}

TEST_CASE("every single bit of a frame is checked") {
  const Bytes frame = make_frame(FrameType::hello, as_bytes("some body"));
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    Bytes flipped = frame;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1u << bit % 8);
    const auto parsed = parse_envelope(flipped);
    CHECK_FALSE((parsed && *parsed));
  }
}

TEST_CASE("a checksum that does not match names both") {
  Bytes frame = make_frame(FrameType::ping, as_bytes("12345678"));
  frame.back() ^= 1;
  const auto parsed = parse_envelope(frame);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == ErrorCode::kBadChecksum);
  CHECK(parsed.error().detail.find("expected") != std::string::npos);
}

TEST_CASE("what a frame may not say is refused from its first 8 bytes") {
  const auto ping = static_cast<std::uint8_t>(FrameType::ping);
  const auto record = static_cast<std::uint8_t>(FrameType::record);
  CHECK(parse_envelope(envelope_of(0, ping, 1, 0, 0)));
  CHECK(refusal(ByteView(envelope_of(0, 0, 1, 0, 0)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, 3, 1, 0, 0)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, 33, 1, 0, 0)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, ping, 0, 0, 0)).first(8)) == ErrorCode::kUnsupportedVersion);
  CHECK(refusal(ByteView(envelope_of(0, ping, 2, 0, 0)).first(8)) == ErrorCode::kUnsupportedVersion);
  CHECK(refusal(ByteView(envelope_of(0, ping, 1, 1, 0)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, record, 1, 3, 0)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, ping, 1, 0, 1)).first(8)) == ErrorCode::kBadFrame);
  CHECK(refusal(ByteView(envelope_of(0, ping, 1, 0, 0x80)).first(8)) == ErrorCode::kBadFrame);
}

TEST_CASE("every type and form has its largest body, and one byte more is refused before it is there") {
  const auto check = [](FrameType type, RecordForm form) {
    const auto largest = static_cast<std::uint32_t>(body_bytes_max(type, form));
    const auto as_u8 = [](auto value) { return static_cast<std::uint8_t>(value); };
    CHECK(parse_envelope(envelope_of(largest, as_u8(type), 1, as_u8(form), 0)));
    CHECK(refusal(ByteView(envelope_of(largest + 1, as_u8(type), 1, as_u8(form), 0)).first(8)) == ErrorCode::kTooLarge);
    CHECK(refusal(ByteView(envelope_of(0xFFFFFFFF, as_u8(type), 1, as_u8(form), 0)).first(8)) == ErrorCode::kTooLarge);
  };
  for (RecordForm form : {RecordForm::full, RecordForm::elided, RecordForm::withheld}) check(FrameType::record, form);
  for (FrameType type : {FrameType::beacon, FrameType::hello, FrameType::have, FrameType::blob, FrameType::error}) {
    check(type, RecordForm::full);
  }
  CHECK(body_bytes_max(FrameType::record, RecordForm::full) + kEnvelopeBytes == 64 * kKiB);
  CHECK(body_bytes_max(FrameType::record, RecordForm::elided) + kEnvelopeBytes == 256 * kKiB);
}

TEST_CASE("parsing an envelope allocates nothing") {
  const Bytes frame = make_frame(FrameType::ping, as_bytes("12345678"));
  const std::size_t before = allocation_count();
  const bool parsed = parse_envelope(frame).has_value();
  CHECK(allocation_count() == before);
  CHECK(parsed);
}

namespace {

// Feeds `stream` in pieces of `step` bytes and gives the bodies that came out, or the error.
Result<std::vector<std::string>> bodies(ByteView stream, std::size_t step) {
  FrameSplitter splitter;
  std::vector<std::string> found;
  while (!stream.empty()) {
    const Bytes piece(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(std::min(step, stream.size())));
    stream = stream.subspan(piece.size());
    splitter.feed(piece);
    while (true) {
      const auto next = splitter.next();
      if (!next) return fail(next.error());
      if (!*next) break;
      found.emplace_back(as_text((*next)->body));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a splitter yields the same frames however the bytes are cut") {
  Bytes stream;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 20; ++i) {
    expected.push_back(std::string(i * 7 % 40, static_cast<char>('a' + i)));
    append_frame(stream, FrameType::ping, RecordForm::full, as_bytes(expected.back()));
  }
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    const auto found = bodies(stream, step);
    REQUIRE(found);
    CHECK(*found == expected);
  }
}

TEST_CASE("a splitter's views live until the next bytes are fed") {
  Bytes stream;
  for (std::string_view body : {"first", "second", "third", "fourth"}) {
    append_frame(stream, FrameType::ping, RecordForm::full, as_bytes(body));
  }
  FrameSplitter splitter;
  splitter.feed(ByteView(stream).first(5));  // a part of the first
  CHECK_FALSE(*splitter.next());
  const ByteView rest = ByteView(stream).subspan(5, stream.size() - 10);  // to a part of the fourth
  splitter.feed(rest);
  const auto first = *splitter.next();
  const auto second = *splitter.next();
  const auto third = *splitter.next();
  CHECK_FALSE(*splitter.next());
  CHECK(as_text(first->body) == "first");
  CHECK(as_text(second->body) == "second");
  CHECK(as_text(third->body) == "third");
}

TEST_CASE("whole frames are handed out where they lie, without a copy") {
  const Bytes frame = make_frame(FrameType::ping, as_bytes("12345678"));
  FrameSplitter splitter;
  splitter.feed(frame);
  CHECK((*splitter.next())->frame.data() == frame.data());
  CHECK_FALSE(*splitter.next());
  CHECK(splitter.buffered_bytes() == 0);
}

TEST_CASE("a splitter holds at most one incomplete frame") {
  const Bytes frame = make_frame(FrameType::blob, Bytes(kBlobDataBytesMax, 1));
  FrameSplitter splitter;
  for (int round = 0; round < 3; ++round) {
    std::size_t fed = 0;
    for (std::size_t size : {std::size_t{7}, std::size_t{5000}, frame.size() - 5007}) {
      splitter.feed(ByteView(frame).subspan(fed, size));
      fed += size;
      const auto next = splitter.next();
      REQUIRE(next);
      CHECK(next->has_value() == (fed == frame.size()));
      CHECK(splitter.buffered_bytes() == (fed == frame.size() ? 0 : fed));
      if (*next) CHECK_FALSE(*splitter.next());
    }
  }
}

TEST_CASE("after an error a splitter gives the same error for good") {
  Bytes stream = make_frame(FrameType::ping, as_bytes("good"));
  append_frame(stream, FrameType::ping, RecordForm::full, as_bytes("bad"));
  stream.back() ^= 1;
  append_frame(stream, FrameType::ping, RecordForm::full, as_bytes("good"));
  for (std::size_t step : {std::size_t{1}, std::size_t{9}, stream.size()}) {
    const auto found = bodies(stream, step);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kBadChecksum);
  }

  FrameSplitter splitter;
  const Bytes bad(12, 0xFF);
  splitter.feed(bad);
  REQUIRE_FALSE(splitter.next());
  const Bytes good = make_frame(FrameType::ping, {});
  splitter.feed(good);
  REQUIRE_FALSE(splitter.next());
  CHECK(splitter.next().error().code == ErrorCode::kUnsupportedVersion);
}
