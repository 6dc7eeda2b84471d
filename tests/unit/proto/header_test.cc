#include "proto/header.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/unit/proto/allocation_count.h"

using namespace xylem;

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> filled(std::uint8_t byte) {
  std::array<std::uint8_t, N> out;
  out.fill(byte);
  return out;
}

RecordHeader batch_header() {
  return {.type = RecordType::batch,
          .codec = Codec::zstd,
          .epoch = Epoch(0x11),
          .seq = Seq(0x22),
          .feed = FeedId(0x33),
          .feed_epoch = FeedEpoch(0x44),
          .first_version = Version(0x55),
          .event_count = 3,
          .origin_time = from_ms(0x66),
          .key_id = filled<8>(0x77),
          .prev_record = filled<32>(0x88),
          .prev_batch = filled<32>(0x99),
          .wire_bytes = 600,
          .plain_bytes = 900,
          .wire_sha256 = filled<32>(0xAA),
          .payload_root = filled<32>(0xBB)};
}

RecordHeader notice_header() {
  RecordHeader header = batch_header();
  header.type = RecordType::open;
  header.codec = Codec::stored;
  header.first_version = Version();
  header.event_count = 0;
  header.wire_bytes = header.plain_bytes = 40;
  return header;
}

// As it stands in a record's body: header, a signature, extensions, and whatever follows.
Bytes body_of(const RecordHeader& header, ByteView extensions = {}) {
  const auto signed_bytes = encode_signed_header(header, extensions.size());
  Bytes body(signed_bytes.begin(), signed_bytes.end());
  body.resize(kHeaderBytes, 0xCC);
  body.insert(body.end(), extensions.begin(), extensions.end());
  body.push_back(0xDD);
  return body;
}

std::string refusal(ByteView body, ErrorCode expected = ErrorCode::kBadHeader) {
  const auto decoded = decode_header(body);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == expected);
  CHECK_FALSE(decoded.error().detail.empty());
  return decoded.error().detail;
}

void check_refused(RecordHeader header, const std::function<void(RecordHeader&)>& change) {
  REQUIRE(decode_header(body_of(header)));
  change(header);
  refusal(body_of(header));
}

}  // namespace

TEST_CASE("a header stands in 288 bytes as the spec lays it out") {
  const Bytes body = body_of(batch_header());
  const auto at = [&](std::size_t offset, std::size_t count) { return to_hex(ByteView(body).subspan(offset, count)); };
  CHECK(at(0, 8) == "0101010000000003");
  CHECK(at(8, 8) == "0000000000000011");
  CHECK(at(16, 8) == "0000000000000022");
  CHECK(at(24, 8) == "0000000000000033");
  CHECK(at(32, 8) == "0000000000000044");
  CHECK(at(40, 8) == "0000000000000055");
  CHECK(at(48, 8) == "0000000000000066");
  CHECK(at(56, 8) == "0000025800000384");
  CHECK(at(64, 8) == "7777777777777777");
  CHECK(at(72, 32) == to_hex(filled<32>(0x88)));
  CHECK(at(104, 32) == to_hex(filled<32>(0x99)));
  CHECK(at(136, 32) == to_hex(filled<32>(0xAA)));
  CHECK(at(168, 32) == to_hex(filled<32>(0xBB)));
  CHECK(at(200, 24) == std::string(48, '0'));
}

TEST_CASE("a header decodes to what was encoded, with views of its parts") {
  const Bytes extensions = encode_producer_marks({{filled<16>(1), 2, 3, Version(4), 5}});
  for (const RecordHeader& header : {batch_header(), notice_header()}) {
    const Bytes body = body_of(header, extensions);
    const auto decoded = decode_header(body);
    REQUIRE(decoded);
    CHECK(decoded->header == header);
    CHECK(decoded->signature == filled<64>(0xCC));
    CHECK(decoded->signed_bytes.size() == 224);
    CHECK(decoded->signed_bytes.data() == body.data());
    CHECK(Bytes(decoded->extensions.begin(), decoded->extensions.end()) == extensions);
    CHECK(decoded->all.size() == 288 + extensions.size());
    CHECK(link_of(*decoded) == sha256(ByteView(body).first(288 + extensions.size())));
  }
}

TEST_CASE("a link covers the signature and the extensions") {
  const Bytes extensions = encode_producer_marks({{}});
  const Bytes body = body_of(batch_header(), extensions);
  const Hash256 link = link_of(*decode_header(body));
  for (std::size_t offset : {std::size_t{230}, std::size_t{300}}) {
    Bytes other = body;
    other[offset] ^= 1;
    CHECK(link_of(*decode_header(other)) != link);
  }
}

TEST_CASE("a batch of versions 85 to 87 ends at 87") { CHECK(batch_header().last_version() == Version(87)); }

TEST_CASE("every byte that is reserved is zero") {
  for (std::size_t offset = 0; offset < kSignedHeaderBytes; ++offset) {
    if (offset != 3 && offset < 200) continue;
    Bytes body = body_of(batch_header());
    body[offset] = 0x80;
    CHECK(refusal(body) == "reserved bytes are not zero");
  }
}

TEST_CASE("another record version is not guessed at") {
  for (int version : {0, 2, 255}) {
    Bytes body = body_of(batch_header());
    body[0] = static_cast<std::uint8_t>(version);
    refusal(body, ErrorCode::kUnsupportedVersion);
  }
}

TEST_CASE("a header that is cut short is refused at every length") {
  const Bytes body = body_of(batch_header(), encode_producer_marks({{}}));
  for (std::size_t size = 0; size + 1 < body.size(); ++size) CHECK_FALSE(decode_header(ByteView(body).first(size)));
  CHECK(decode_header(ByteView(body).first(body.size() - 1)));
}

TEST_CASE("types and codecs that are not known are refused") {
  for (int type : {0, 8, 255}) {
    Bytes body = body_of(batch_header());
    body[1] = static_cast<std::uint8_t>(type);
    refusal(body);
  }
  for (int codec : {2, 255}) {
    Bytes body = body_of(batch_header());
    body[2] = static_cast<std::uint8_t>(codec);
    refusal(body);
  }
}

TEST_CASE("epochs, seqs and times of 0 or above their maximum are refused") {
  const RecordHeader good = batch_header();
  check_refused(good, [](RecordHeader& h) { h.epoch = Epoch(); });
  check_refused(good, [](RecordHeader& h) { h.epoch = Epoch(kEpochMax + 1); });
  check_refused(good, [](RecordHeader& h) { h.feed_epoch = FeedEpoch(); });
  check_refused(good, [](RecordHeader& h) { h.feed_epoch = FeedEpoch(kEpochMax + 1); });
  check_refused(good, [](RecordHeader& h) { h.seq = Seq(); });
  check_refused(good, [](RecordHeader& h) { h.seq = Seq(kPositionMax + 1); });
  check_refused(good, [](RecordHeader& h) { h.origin_time = from_ms(kTimestampMax + 1); });
  check_refused(good, [](RecordHeader& h) { h.origin_time = from_ms(~std::uint64_t{0}); });

  RecordHeader last = good;
  last.epoch = Epoch(kEpochMax);
  last.feed_epoch = FeedEpoch(kEpochMax);
  last.seq = Seq(kPositionMax);
  last.origin_time = from_ms(kTimestampMax);
  CHECK(decode_header(body_of(last))->header == last);
}

TEST_CASE("a batch has 1 to 1024 events and versions from 1 to the maximum") {
  const RecordHeader good = batch_header();
  check_refused(good, [](RecordHeader& h) { h.event_count = 0; });
  check_refused(good, [](RecordHeader& h) { h.event_count = kBatchEventsMax + 1; });
  check_refused(good, [](RecordHeader& h) { h.first_version = Version(); });
  check_refused(good, [](RecordHeader& h) { h.first_version = Version(kPositionMax - 1); });
  check_refused(good, [](RecordHeader& h) { h.first_version = Version(~std::uint64_t{0}); });

  RecordHeader last = good;
  last.event_count = kBatchEventsMax;
  last.first_version = Version(kPositionMax - kBatchEventsMax + 1);
  CHECK(decode_header(body_of(last))->header.last_version() == Version(kPositionMax));
}

TEST_CASE("a notice has no versions") {
  check_refused(notice_header(), [](RecordHeader& h) { h.first_version = Version(1); });
  check_refused(notice_header(), [](RecordHeader& h) { h.event_count = 1; });
}

TEST_CASE("links are zeros at the start of a chain, and there only") {
  check_refused(batch_header(), [](RecordHeader& h) { h.seq = Seq(1); });
  check_refused(batch_header(), [](RecordHeader& h) { h.first_version = Version(1); });
  check_refused(batch_header(), [](RecordHeader& h) { h.prev_batch = {}; });

  RecordHeader first = batch_header();
  first.seq = Seq(1);
  first.prev_record = {};
  first.first_version = Version(1);
  first.prev_batch = {};
  CHECK(decode_header(body_of(first)));
}

TEST_CASE("sizes are within their limits and agree with the codec") {
  check_refused(batch_header(), [](RecordHeader& h) { h.plain_bytes = kPayloadPlainBytesMax + 1; });
  check_refused(batch_header(), [](RecordHeader& h) { h.wire_bytes = kRecordWireBytesMax; });
  check_refused(batch_header(), [](RecordHeader& h) { h.wire_bytes = 0; });
  check_refused(batch_header(), [](RecordHeader& h) { h.codec = Codec::stored; });
  check_refused(notice_header(), [](RecordHeader& h) { h.plain_bytes = h.wire_bytes = kNoticeBytesMax + 1; });
  check_refused(notice_header(), [](RecordHeader& h) { h.plain_bytes = 41; });

  RecordHeader largest = batch_header();
  largest.plain_bytes = kPayloadPlainBytesMax;
  largest.wire_bytes = kRecordWireBytesMax - kEnvelopeBytes - kHeaderBytes;
  CHECK(decode_header(body_of(largest)));
  refusal(body_of(largest, encode_producer_marks({{}})));  // the extensions take their part of the room
}

TEST_CASE("producer marks are carried in an extension, up to eight") {
  std::vector<ProducerMark> marks;
  for (std::uint8_t i = 1; i <= kProducerMarksMax; ++i) {
    marks.push_back({filled<16>(i), i * 1000u, i * 1'000'000u, Version(i * 7u), i * 9u});
    const Bytes extensions = encode_producer_marks(marks);
    CHECK(extensions.size() <= kHeaderExtensionBytesMax);
    const Bytes body = body_of(batch_header(), extensions);
    const auto decoded = decode_header(body);
    REQUIRE(decoded);
    CHECK(find_producer_marks(decoded->extensions) == marks);
  }
  CHECK(find_producer_marks({})->empty());
}

TEST_CASE("an unknown extension is passed over from 128 on and refused below") {
  const Bytes unknown = from_hex("c80002abcd");
  CHECK(decode_header(body_of(batch_header(), unknown)));
  CHECK(find_producer_marks(unknown)->empty());

  Bytes both = encode_producer_marks({{}});
  both.insert(both.end(), unknown.begin(), unknown.end());
  CHECK(decode_header(body_of(batch_header(), both)));
  CHECK(find_producer_marks(both)->size() == 1);

  refusal(body_of(batch_header(), from_hex("7f0000")));
  refusal(body_of(batch_header(), from_hex("000000")));
}

TEST_CASE("extensions that are cut, out of order or of a wrong size are refused") {
  for (std::string_view hex :
       {"c8", "c800", "c80001", "c8000301", "c80000c80000", "c90000c80000", "800000", "80000100", "c8000000"}) {
    INFO(hex);
    refusal(body_of(batch_header(), from_hex(hex)));
    CHECK_FALSE(find_producer_marks(from_hex(hex)));
  }
  Bytes nine = encode_producer_marks(std::vector<ProducerMark>(8));
  const std::size_t mark_bytes = (nine.size() - 3) / 8;
  nine.resize(3 + 9 * mark_bytes);
  nine[1] = static_cast<std::uint8_t>(9 * mark_bytes >> 8);
  nine[2] = static_cast<std::uint8_t>(9 * mark_bytes);
  refusal(body_of(batch_header(), nine));
}

TEST_CASE("extensions have at most 512 bytes") {
  Bytes extension(kHeaderExtensionBytesMax);
  extension[0] = 0xC8;
  extension[1] = (kHeaderExtensionBytesMax - 3) >> 8;
  extension[2] = (kHeaderExtensionBytesMax - 3) & 0xFF;
  Bytes body = body_of(batch_header(), extension);
  CHECK(decode_header(body));
  body[4] = 0x02;
  body[5] = 0x01;  // 513
  CHECK(refusal(body).find("513") != std::string::npos);
}

TEST_CASE("decoding a header allocates nothing") {
  const Bytes body = body_of(batch_header(), encode_producer_marks({{}}));
  const std::size_t before = allocation_count();
  const bool decoded = decode_header(body).has_value();
  CHECK(allocation_count() == before);
  CHECK(decoded);
}
