#include "proto/record.h"

#include <catch2/catch.hpp>

#include "tests/unit/proto/allocation_count.h"
#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337};

RecordView view_of(const Bytes& frame) {
  auto record = parse_record(ByteView(frame));
  REQUIRE(record);
  return *record;
}

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

Bytes reframed(const RecordView& record, RecordForm form, ByteView new_body) {
  Bytes body(record.decoded.all.begin(), record.decoded.all.end());
  body.insert(body.end(), new_body.begin(), new_body.end());
  Bytes frame;
  append_frame(frame, FrameType::record, form, body);
  return frame;
}

}  // namespace

TEST_CASE("a sealed batch opens to its events, stored or compressed") {
  const SampleZone zone;
  for (std::size_t details_bytes : {10u, 3000u}) {
    RecordMaker maker(zone);
    maker.batch(kFeed, 2, details_bytes);
    const RecordView record = maker.record(0);
    CHECK(record.header().codec == (details_bytes == 10 ? Codec::stored : Codec::zstd));
    CHECK(record.header().wire_sha256 == sha256(record.body));
    CHECK(link_of(record.decoded) == maker.link);
    CHECK(record.frame.size() == maker.frames[0].size());

    const auto batch = open_batch(record);
    REQUIRE(batch);
    REQUIRE(batch->items.size() == 2);
    for (const BatchItem& item : batch->items) {
      REQUIRE(item);
      CHECK(item->kind == "add_comment");
      CHECK(item->time == from_ms(kSampleEpoch.value));
      CHECK(as_text(item->details) == std::string(details_bytes, 'd'));
    }
    CHECK(code_of(open_notice(record)) == ErrorCode::kBadPayload);
  }
}

TEST_CASE("a sealed notice opens to what was said") {
  const SampleZone zone;
  RecordMaker maker(zone);
  const Notice notice = RedactionNotice{false, {{Version(2), Version(5)}}, RedactionReason::legal};
  maker.notice(kFeed, notice);
  CHECK(open_notice(maker.record(0)) == notice);
  CHECK(maker.record(0).header().type == RecordType::redaction);
  CHECK(code_of(open_batch(maker.record(0))) == ErrorCode::kBadPayload);
}

TEST_CASE("a draft's producers stand in the record and are signed with it") {
  const SampleZone zone;
  RecordDraft draft;
  draft.epoch = kSampleEpoch;
  draft.seq = Seq(1);
  draft.feed_epoch = FeedEpoch(1);
  draft.first_version = Version(1);
  draft.producers = {{{1}, 2, 3, Version(1), 1}, {{4}, 5, 6, Version(1), 1}};
  const Event event{from_ms(1), "kind", {}};
  const SealedRecord sealed = seal_batch(zone.origin, zone.id, draft, Salt{}, std::span(&event, 1));
  const RecordView record = view_of(sealed.frame);
  CHECK(find_producer_marks(record.decoded.extensions) == draft.producers);
  CHECK(verify_signature(zone.origin.public_key(), record.decoded.signature, kDomainRecord, zone.id,
                         {record.decoded.signed_bytes, record.decoded.extensions}));
  CHECK_FALSE(verify_signature(zone.origin.public_key(), record.decoded.signature, kDomainRecord, zone.id,
                               {record.decoded.signed_bytes}));
}

TEST_CASE("the largest event fits into a record, even when it does not shrink") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 1, kEventBytesMax - encoded_event_bytes(11, 0));
  CHECK(open_batch(maker.record(0)));
}

TEST_CASE("an elided record keeps its header and what was not removed") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 3, 2000);
  const RecordView full = maker.record(0);
  const Bytes frame = elide_record(full, {false, true, false}, std::vector{Seq(9)}).value();
  const RecordView elided = view_of(frame);
  CHECK(elided.form == RecordForm::elided);
  CHECK(elided.header() == full.header());
  CHECK(link_of(elided.decoded) == link_of(full.decoded));
  const auto batch = open_batch(elided);
  REQUIRE(batch);
  CHECK(batch->items[0]);
  CHECK_FALSE(batch->items[1]);
  CHECK(as_text(batch->items[2]->details) == std::string(2000, 'd'));

  const Bytes more = elide_record(elided, {true, false, false}, std::vector{Seq(8)}).value();
  const auto fewer = open_batch(view_of(more));
  REQUIRE(fewer);
  CHECK_FALSE(fewer->items[0]);
  CHECK_FALSE(fewer->items[1]);
  CHECK(fewer->items[2]);
}

TEST_CASE("a batch of the most events stays within the limit of the elided form") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, kBatchEventsMax, 5);
  std::vector<bool> remove(kBatchEventsMax);
  for (std::size_t i = 0; i < remove.size(); i += 2) remove[i] = true;
  std::vector<Seq> redactions;
  for (std::uint64_t seq = 2; seq < 2 + kBatchEventsMax; ++seq) redactions.emplace_back(seq);
  const Bytes frame = elide_record(maker.record(0), remove, redactions).value();
  CHECK(frame.size() <= kElidedRecordBytesMax);
  CHECK(open_batch(view_of(frame)));
}

TEST_CASE("a withheld record is its header") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 3);
  const Bytes frame = withhold_record(maker.record(0));
  const RecordView withheld = view_of(frame);
  CHECK(withheld.form == RecordForm::withheld);
  CHECK(withheld.body.empty());
  CHECK(withheld.header() == maker.record(0).header());
  CHECK(code_of(open_batch(withheld)) == ErrorCode::kWithheld);
  CHECK(code_of(elide_record(withheld, {true, true, true}, std::vector{Seq(9)})) == ErrorCode::kBadPayload);
}

TEST_CASE("a notice has no other form") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.open(kFeed);
  const RecordView notice = maker.record(0);
  CHECK(code_of(elide_record(notice, {}, std::vector{Seq(9)})) == ErrorCode::kBadPayload);
  const Bytes withheld = reframed(notice, RecordForm::withheld, {});
  const Bytes elided = reframed(notice, RecordForm::elided, notice.body);
  CHECK(code_of(parse_record(ByteView(withheld))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView(elided))) == ErrorCode::kBadFrame);
}

TEST_CASE("a body of another size than the header says is refused") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 3);
  const RecordView record = maker.record(0);
  const Bytes shorter = reframed(record, RecordForm::full, record.body.first(record.body.size() - 1));
  const Bytes empty = reframed(record, RecordForm::full, {});
  const Bytes withheld_with_body = reframed(record, RecordForm::withheld, record.body.first(1));
  CHECK(code_of(parse_record(ByteView(shorter))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView(empty))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView(withheld_with_body))) == ErrorCode::kBadFrame);
}

TEST_CASE("exactly one record frame is a record") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 3);
  const Bytes& frame = maker.frames[0];
  Bytes longer = frame;
  longer.push_back(0);
  const Bytes ping = make_frame(FrameType::ping, as_bytes("12345678"));
  CHECK(code_of(parse_record(ByteView(longer))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView(frame).first(frame.size() - 1))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView(ping))) == ErrorCode::kBadFrame);
  CHECK(code_of(parse_record(ByteView())) == ErrorCode::kBadFrame);
}

TEST_CASE("events under another root are refused when they are opened") {
  const SampleZone zone;
  RecordMaker maker(zone), other(zone);
  maker.batch(kFeed, 1, 20);
  other.now += std::chrono::milliseconds(1);
  other.batch(kFeed, 1, 20);
  const Bytes swapped = reframed(maker.record(0), RecordForm::full, other.record(0).body);
  CHECK(code_of(open_batch(view_of(swapped))) == ErrorCode::kBadRoot);

  const Bytes elided = elide_record(other.record(0), {true}, std::vector{Seq(9)}).value();
  const Bytes swapped_elided = reframed(maker.record(0), RecordForm::elided, view_of(elided).body);
  CHECK(code_of(open_batch(view_of(swapped_elided))) == ErrorCode::kBadRoot);

  RecordMaker notices(zone), other_notices(zone);
  notices.redact(kFeed, {{Version(1), Version(1)}});
  other_notices.redact(kFeed, {{Version(2), Version(2)}});
  const Bytes swapped_notice = reframed(notices.record(0), RecordForm::full, other_notices.record(0).body);
  CHECK(code_of(open_notice(view_of(swapped_notice))) == ErrorCode::kBadRoot);
}

TEST_CASE("parsing a record allocates nothing") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed, 3);
  const ByteView frame = maker.frames[0];
  const std::size_t before = allocation_count();
  const bool parsed = parse_record(frame).has_value();
  CHECK(allocation_count() == before);
  CHECK(parsed);
}
