// Forms in which a node may hold a record that is not the origin's bytes any more: what verification demands of them.
#include <catch2/catch.hpp>

#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337}, kOther{17};
constexpr Bucket kBucket{5};

// Seq 1: five events; seq 2: another batch; seq 3: a redaction of versions 2 and 4; seq 4: one of another feed.
struct RedactedLog {
  SampleZone zone;
  Trust trust = zone.trust();
  RecordMaker maker{zone};
  Bytes elided;

  RedactedLog() {
    maker.batch(kFeed, 5);
    maker.batch(kFeed, 1);
    maker.redact(kFeed, {{Version(2), Version(2)}, {Version(4), Version(4)}});
    maker.redact(kOther, {});
    elide({false, true, false, true, false}, {Seq(3)});
  }
  void elide(const std::vector<bool>& remove, const std::vector<Seq>& redactions) {
    elided = elide_record(maker.record(0), remove, redactions).value();
  }
  RecordView first() const { return parse_record(ByteView(elided)).value(); }
  // Seqs 1 to `count`, the first of them elided.
  std::vector<RecordView> group(std::size_t count) const {
    std::vector<RecordView> records = maker.records(0, count);
    records[0] = first();
    return records;
  }
  // A node that has verified seqs 3 and 4 before.
  RedactionKnown known() const {
    return [this](FeedId feed, Seq seq) -> std::optional<RedactionNotice> {
      if (seq != Seq(3) && seq != Seq(4)) return std::nullopt;
      const RecordView record = maker.record(seq.value - 1);
      if (record.header().feed != feed) return std::nullopt;
      return std::get<RedactionNotice>(open_notice(record).value());
    };
  }
};

Rejected rejection(const RedactedLog& log, std::span<const RecordView> group, const RedactionKnown& known = {}) {
  BucketChain bucket(log.trust, kBucket);
  FeedChain feed(log.trust, kFeed);
  auto by_bucket = bucket.accept(group, known);
  REQUIRE_FALSE(by_bucket);
  CHECK(bucket.position() == ChainPosition{});
  // A feed's chain sees the records of the feed alone and comes to the same end.
  std::vector<RecordView> of_feed;
  for (const RecordView& record : group) {
    if (record.header().feed == kFeed) of_feed.push_back(record);
  }
  auto by_feed = feed.accept(of_feed, known);
  REQUIRE_FALSE(by_feed);
  CHECK(by_feed.error().error.code == by_bucket.error().error.code);
  return by_bucket.error();
}

}  // namespace

TEST_CASE("an elided record is accepted when its redaction is known") {
  const RedactedLog log;
  BucketChain chain(log.trust, kBucket);
  CHECK(chain.accept(log.group(2), log.known()));
  CHECK(chain.position().seq == Seq(2));
  FeedChain feed(log.trust, kFeed);
  CHECK(feed.accept(log.group(2), log.known()));
}

TEST_CASE("a redaction in the same group is as good as one that is known") {
  const RedactedLog log;
  BucketChain chain(log.trust, kBucket);
  CHECK(chain.accept(log.group(4)));
  FeedChain feed(log.trust, kFeed);
  CHECK(feed.accept(log.group(3)));
}

TEST_CASE("an elided record whose redaction is not known waits for it, by its seq") {
  RedactedLog log;
  const Rejected rejected = rejection(log, log.group(2));
  CHECK(rejected.error.code == ErrorCode::kNotHeld);
  CHECK(rejected.index == 0);
  CHECK(rejected.missing_redactions == std::vector{Seq(3)});

  // All that the group lacks is named at once, each seq once.
  log.elide({false, true, false, true, false}, {Seq(3), Seq(90), Seq(91)});
  const Bytes second = elide_record(log.maker.record(1), {true}, std::vector{Seq(91), Seq(92)}).value();
  std::vector<RecordView> group = log.group(2);
  group[1] = parse_record(ByteView(second)).value();
  CHECK(rejection(log, group, log.known()).missing_redactions == std::vector{Seq(90), Seq(91), Seq(92)});
}

TEST_CASE("the list of missing redactions is bounded") {
  RedactedLog log;
  std::vector<Seq> many;
  for (std::uint64_t seq = 100; seq < 100 + kBatchEventsMax; ++seq) many.emplace_back(seq);
  log.elide({false, true, false, true, false}, many);
  CHECK(rejection(log, log.group(2)).missing_redactions.size() == kMissingRedactionsMax);
}

TEST_CASE("an event that no redaction names may not be missing") {
  RedactedLog log;
  log.elide({false, true, true, true, false}, {Seq(3)});
  const Rejected known = rejection(log, log.group(2), log.known());
  CHECK(known.error.code == ErrorCode::kBadPayload);
  CHECK(known.error.detail == "seq 1: no redaction covers version 3");
  CHECK(rejection(log, log.group(3)).error.code == ErrorCode::kBadPayload);
}

TEST_CASE("another feed's redaction covers nothing") {
  RedactedLog log;
  log.elide({true, true, true, true, true}, {Seq(4)});
  CHECK(rejection(log, log.group(4)).error.code == ErrorCode::kNotHeld);
  CHECK(rejection(log, log.group(2), log.known()).error.code == ErrorCode::kNotHeld);
}

TEST_CASE("a redaction of the whole feed covers every event before it") {
  RedactedLog log;
  log.maker.redact(kFeed, {});  // seq 5
  log.elide({true, true, true, true, true}, {Seq(5)});
  BucketChain chain(log.trust, kBucket);
  CHECK(chain.accept(log.group(5)));
}

TEST_CASE("a redaction does not reach what stands after it") {
  RedactedLog log;
  log.maker.redact(kFeed, {});  // seq 5: the whole feed as it is then
  log.maker.batch(kFeed, 1);    // seq 6
  const Bytes later = elide_record(log.maker.record(5), {true}, std::vector{Seq(5)}).value();
  std::vector<RecordView> group = log.maker.records();
  group[5] = parse_record(ByteView(later)).value();
  const Rejected rejected = rejection(log, group);
  CHECK(rejected.error.code == ErrorCode::kBadPayload);
  CHECK(rejected.index == 5);
}

TEST_CASE("an ordinary record is no redaction") {
  RedactedLog log;
  log.elide({false, true, false, true, false}, {Seq(2)});
  CHECK(rejection(log, log.group(4)).missing_redactions == std::vector{Seq(2)});
}

TEST_CASE("what is left of an elided record must be what was signed") {
  RedactedLog log;
  // The last byte belongs to the last event, which is kept.
  Bytes body(log.elided.begin() + kEnvelopeBytes, log.elided.end());
  body.back() ^= 1;
  log.elided.clear();
  append_frame(log.elided, FrameType::record, RecordForm::elided, body);
  CHECK(rejection(log, log.group(4)).error.code == ErrorCode::kBadRoot);

  body.pop_back();
  log.elided.clear();
  append_frame(log.elided, FrameType::record, RecordForm::elided, body);
  CHECK(rejection(log, log.group(4)).error.code == ErrorCode::kBadPayload);
}

TEST_CASE("a withheld record is missing, not lying: its header counts") {
  RedactedLog log;
  log.elided = withhold_record(log.maker.record(0));
  BucketChain chain(log.trust, kBucket);
  CHECK(chain.accept(log.group(4)));
  CHECK(chain.position() == log.maker.position());
  FeedChain feed(log.trust, kFeed);
  CHECK(feed.accept(log.group(3)));
  CHECK(feed.position().version == Version(6));
}

TEST_CASE("a withheld record's header is checked as any other") {
  RedactedLog log;
  log.maker.batch(kFeed);
  log.maker.forge_newest();
  const Bytes withheld = withhold_record(log.maker.record(4));
  std::vector<RecordView> group = log.maker.records();
  group[4] = parse_record(ByteView(withheld)).value();
  CHECK(rejection(log, group).error.code == ErrorCode::kBadSignature);
}
