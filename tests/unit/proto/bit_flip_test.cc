// Any one bit of a stored or sent record that changes is seen, in each form: by the parser, or by the chain of whoever
// is handed the record with its neighbours. The checksum is made right again after each flip, or it would hide the
// rest.
#include <catch2/catch.hpp>

#include "proto/crc32c.h"
#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337}, kOther{17};
constexpr Bucket kBucket{5};

Bytes flipped(Bytes frame, std::size_t bit) {
  frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ 1u << bit % 8);
  return frame;
}

// Offsets 8 to 11 hold the CRC of everything else (spec §7).
Bytes with_checksum_of_content(Bytes frame) {
  const std::uint32_t crc = crc32c(ByteView(frame).subspan(kEnvelopeBytes), crc32c(ByteView(frame).first(8)));
  for (std::size_t i = 0; i < 4; ++i) frame[8 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  return frame;
}

// Whether a node takes `frame` in the place of the record at `index`, whose neighbours arrive with it.
class Receiver {
 public:
  explicit Receiver(const std::vector<Bytes>& log) : trust_(zone_.trust()) {
    for (const Bytes& frame : log) records_.push_back(parse_record(ByteView(frame)).value());
  }
  bool takes(std::size_t index, const Bytes& frame) const {
    const auto record = parse_record(ByteView(frame));
    if (!record) return false;
    std::vector<RecordView> group = records_;
    group[index] = *record;
    BucketChain chain(trust_, kBucket,
                      ChainPosition{.held = true, .epoch = {}, .seq = {}, .link = {}, .origin_time = {}});
    return chain.accept(group).has_value();
  }

 private:
  SampleZone zone_;
  Trust trust_;
  std::vector<RecordView> records_;
};

void check_every_bit(const std::vector<Bytes>& log) {
  const Receiver receiver(log);
  for (std::size_t index = 0; index < log.size(); ++index) {
    REQUIRE(receiver.takes(index, log[index]));
    for (std::size_t bit = 0; bit < log[index].size() * 8; ++bit) {
      const Bytes damaged = flipped(log[index], bit);
      if (parse_record(ByteView(damaged)).has_value()) FAIL("checksum: record " << index << ", bit " << bit);
      if (bit / 8 >= 8 && bit / 8 < kEnvelopeBytes) continue;  // the checksum itself
      if (receiver.takes(index, with_checksum_of_content(damaged))) FAIL("record " << index << ", bit " << bit);
    }
  }
}

// Open, batches stored and compressed, of two feeds, with and without producers, a redaction, an erase with no payload.
std::vector<Bytes> small_log() {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.open(kFeed);
  maker.batch(kFeed, 3);
  maker.batch(kOther, 1, 600);
  maker.redact(kFeed, {{Version(2), Version(3)}});
  maker.batch(kFeed, 2);
  maker.notice(kOther, EraseNotice{});
  return {maker.frames.begin(), maker.frames.end()};
}

}  // namespace

TEST_CASE("every bit of a small log is checked: full records") { check_every_bit(small_log()); }

TEST_CASE("every bit of a small log is checked: an elided record") {
  std::vector<Bytes> log = small_log();
  log[1] = elide_record(parse_record(ByteView(log[1])).value(), {false, true, true}, std::vector{Seq(4)}).value();
  check_every_bit(log);
}

TEST_CASE("every bit of a small log is checked: a withheld record") {
  std::vector<Bytes> log = small_log();
  log[2] = withhold_record(parse_record(ByteView(log[2])).value());
  check_every_bit(log);
}
