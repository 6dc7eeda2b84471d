#include "tests/unit/proto/feed_positions.h"

using namespace xylem;

namespace {

constexpr FeedId kOther{17};  // of bucket 5, as kFeed

// The records of kFeed; kOther's stand between them in the bucket.
std::vector<RecordView> of_feed(const RecordMaker& maker) {
  std::vector<RecordView> records;
  for (const RecordView& record : maker.records()) {
    if (record.header().feed == kFeed) records.push_back(record);
  }
  return records;
}

// open, versions 1-3, 4, close notice, 5-6, 7; between them records of the other feed.
RecordMaker sample_feed(const SampleZone& zone) {
  RecordMaker maker(zone);
  maker.open(kOther);
  maker.open(kFeed);
  maker.batch(kFeed, 3);
  maker.batch(kOther, 2);
  maker.batch(kFeed, 1);
  maker.redact(kFeed, {{Version(1), Version(1)}});
  maker.batch(kFeed, 2);
  maker.batch(kOther, 2);
  maker.batch(kFeed, 1);
  return maker;
}

}  // namespace

TEST_CASE("a feed's records are accepted in groups of any size, with the same end") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  for (std::size_t size = 1; size <= records.size(); ++size) {
    FeedChain chain(trust, kFeed);
    for (std::size_t first = 0; first < records.size(); first += size) {
      REQUIRE(chain.accept(std::span(records).subspan(first, std::min(size, records.size() - first))));
    }
    CHECK(chain.position().held);
    CHECK(chain.position().version == Version(7));
    CHECK(chain.position().link == maker.feeds.at(kFeed).link);
    CHECK(chain.position().seq == Seq(9));
    CHECK(chain.position().range_epoch == kSampleEpoch);
  }
}

TEST_CASE("an empty group and a missing manifest change nothing") {
  const SampleZone zone;
  const Trust trust = zone.trust(), nothing(zone.id);
  FeedChain chain(trust, kFeed), blind(nothing, kFeed);
  CHECK(chain.accept({}));
  const RecordMaker maker = sample_feed(zone);
  CHECK(rejection(blind, of_feed(maker)).error.code == ErrorCode::kNoGrant);
}

TEST_CASE("a batch that is left out is noticed, by a batch or by a notice") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  std::vector<RecordView> records = of_feed(maker);  // open, 1-3, 4, redaction, 5-6, 7
  FeedChain chain(trust, kFeed);

  SECTION("before a notice") {
    records.erase(records.begin() + 2);
    const Rejected rejected = rejection(chain, records);
    CHECK(rejected.error.code == ErrorCode::kBrokenLink);
    CHECK(rejected.index == 2);
  }
  SECTION("before a batch") {
    records.erase(records.begin() + 4);
    const Rejected rejected = rejection(chain, records);
    CHECK(rejected.error.code == ErrorCode::kWrongVersion);
    CHECK(rejected.error.detail == "found 7, expected 5");
    CHECK(rejected.index == 4);
  }
  SECTION("before the first that is sent") {
    records.erase(records.begin() + 1);
    CHECK(rejection(chain, records).error.code == ErrorCode::kWrongVersion);
  }
  CHECK(chain.accept(of_feed(maker)));
}

TEST_CASE("a batch of another history of the same key is refused") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  RecordMaker fork(zone);
  fork.now += std::chrono::milliseconds(1);
  fork.batch(kFeed, 3);
  for (int i = 0; i < 3; ++i) fork.batch(kOther);
  fork.batch(kFeed, 1);
  std::vector<RecordView> records = of_feed(maker);
  records.resize(2);
  records.push_back(fork.record(4));
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, records);
  CHECK(rejected.error.code == ErrorCode::kBrokenLink);
  CHECK(rejected.index == 2);
}

TEST_CASE("the same record twice and older records are refused") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  FeedChain chain(trust, kFeed);
  REQUIRE(chain.accept(records));
  CHECK(rejection(chain, std::span(records).last(1)).error.code == ErrorCode::kWrongSeq);
  CHECK(rejection(chain, std::span(records).first(1)).error.code == ErrorCode::kWrongSeq);
}

TEST_CASE("another feed's record is refused") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  FeedChain chain(trust, kFeed);
  CHECK(rejection(chain, maker.records()).error.code == ErrorCode::kWrongBucket);
}

TEST_CASE("a later batch's signature covers the batches before it, but no notice") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  const bool forge_notice = GENERATE(false, true);
  maker.open(kFeed);
  maker.batch(kFeed);
  if (!forge_notice) maker.forge_newest();
  maker.redact(kFeed, {{Version(1), Version(1)}});
  if (forge_notice) maker.forge_newest();
  maker.batch(kFeed);
  FeedChain chain(trust, kFeed);
  if (forge_notice) {
    const Rejected rejected = rejection(chain, maker.records());
    CHECK(rejected.error.code == ErrorCode::kBadSignature);
    CHECK(rejected.index == 2);
  } else {
    CHECK(chain.accept(maker.records()));
  }
}

TEST_CASE("the last batch of a group is checked itself") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.batch(kFeed);
  maker.forge_newest();
  maker.redact(kFeed, {{Version(1), Version(1)}});
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kBadSignature);
  CHECK(rejected.index == 1);
}

TEST_CASE("a group is cut at a grant's end") {
  SampleZone zone;
  const SigningKey next_origin = sample_key(3);
  RecordMaker maker(zone);
  const bool forged = GENERATE(false, true);
  maker.batch(kFeed);
  maker.batch(kFeed);
  if (forged) maker.forge_newest();
  maker.go_on_with(kSampleEpoch, next_origin);
  maker.batch(kFeed);
  zone.manifest.grants = {{zone.origin.public_key(), kAll, kSampleEpoch, Seq(1), Seq(2)},
                          {next_origin.public_key(), kAll, kSampleEpoch, Seq(3), std::nullopt}};
  const Trust trust = zone.trust();
  FeedChain chain(trust, kFeed);
  if (forged) {
    const Rejected rejected = rejection(chain, maker.records());
    CHECK(rejected.error.code == ErrorCode::kBadSignature);
    CHECK(rejected.index == 1);
  } else {
    CHECK(chain.accept(maker.records()));
  }
}

TEST_CASE("records that no grant covers are refused") {
  SampleZone zone;
  zone.manifest.grants[0].until_seq = Seq(2);
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  for (int i = 0; i < 3; ++i) maker.batch(kFeed);
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kNoGrant);
  CHECK(rejected.index == 2);
}

TEST_CASE("a changed body is refused") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.batch(kFeed);
  Bytes body(maker.frames[0].begin() + kEnvelopeBytes, maker.frames[0].end());
  body.back() ^= 1;
  maker.frames[0].clear();
  append_frame(maker.frames[0], FrameType::record, RecordForm::full, body);
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kBadHash);
  CHECK(rejected.index == 0);
}

TEST_CASE("a feed's signed time does not go back") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.now -= std::chrono::milliseconds(11);
  maker.batch(kFeed);
  FeedChain chain(trust, kFeed);
  CHECK(rejection(chain, maker.records()).error.code == ErrorCode::kTimeBackwards);
}

TEST_CASE("from a cursor on, the first batch is the one behind it or the one that holds it") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  const RecordView &holds_1_to_3 = records[1], &holds_4 = records[2], &holds_5_to_6 = records[4], &holds_7 = records[5];
  const auto accepts = [&](std::uint64_t version, const RecordView& batch) {
    FeedChain chain(trust, kFeed, cursor(version));
    const bool accepted = chain.accept(std::span(&batch, 1)).has_value();
    if (accepted) CHECK(chain.position().version == batch.header().last_version());
    return accepted;
  };
  CHECK(accepts(0, holds_1_to_3));
  CHECK(accepts(1, holds_1_to_3));
  CHECK(accepts(3, holds_1_to_3));
  CHECK(accepts(3, holds_4));
  CHECK(accepts(4, holds_5_to_6));
  CHECK(accepts(5, holds_5_to_6));
  CHECK(accepts(6, holds_7));
  CHECK_FALSE(accepts(0, holds_4));
  CHECK_FALSE(accepts(2, holds_4));
  CHECK_FALSE(accepts(3, holds_5_to_6));
  CHECK_FALSE(accepts(4, holds_1_to_3));
  CHECK_FALSE(accepts(5, holds_7));

  FeedChain chain(trust, kFeed, cursor(2));
  CHECK(rejection(chain, std::span(records).subspan(2, 1)).error.code == ErrorCode::kWrongVersion);
}

TEST_CASE("after the first batch from a cursor the chain is held") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  FeedChain chain(trust, kFeed, cursor(2));
  REQUIRE(chain.accept(std::span(records).subspan(1, 1)));
  CHECK(chain.position().held);
  CHECK(rejection(chain, std::span(records).subspan(4)).error.code == ErrorCode::kWrongVersion);
  CHECK(chain.accept(std::span(records).subspan(2)));
}

TEST_CASE("notices may come before the first batch from a cursor") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  FeedChain chain(trust, kFeed, cursor(4));
  const std::vector<RecordView> group = {records[0], records[3], records[4], records[5]};
  CHECK(chain.accept(group));
  CHECK(chain.position().version == Version(7));
}

TEST_CASE("a cursor's hash is that of the batch that holds its version") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = sample_feed(zone);
  const std::vector<RecordView> records = of_feed(maker);
  const RecordView &holds_1_to_3 = records[1], &holds_4 = records[2];
  const auto accepts = [&](std::uint64_t version, std::uint32_t hash, const RecordView& batch) {
    FeedChain chain(trust, kFeed, cursor(version, hash));
    const auto accepted = chain.accept(std::span(&batch, 1));
    if (!accepted) CHECK(accepted.error().error.code == ErrorCode::kForked);
    return accepted.has_value();
  };
  const std::uint32_t hash = cursor_hash(holds_1_to_3);
  CHECK(accepts(3, hash, holds_4));       // the next batch names it
  CHECK(accepts(2, hash, holds_1_to_3));  // the batch itself comes again
  CHECK(accepts(3, hash, holds_1_to_3));
  CHECK_FALSE(accepts(3, hash + 1, holds_4));
  CHECK_FALSE(accepts(2, hash + 1, holds_1_to_3));
  CHECK_FALSE(accepts(3, cursor_hash(holds_4), holds_4));
}

TEST_CASE("from the very start a feed may begin with any feed epoch") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  FeedChain chain(trust, kFeed);
  REQUIRE(chain.accept(maker.records()));
  CHECK(chain.position().epoch == FeedEpoch(kSampleEpoch.value));
}
