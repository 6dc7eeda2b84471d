#include <catch2/catch.hpp>

#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337}, kOther{17};  // both of bucket 5
constexpr Bucket kBucket{5};
const BucketRange kAll{Bucket(1), Bucket(kSampleBuckets)};
const ChainPosition kStart{.held = true, .epoch = {}, .seq = {}, .link = {}, .origin_time = {}};

Rejected rejection(BucketChain& chain, std::span<const RecordView> group) {
  const ChainPosition before = chain.position();
  auto accepted = chain.accept(group);
  REQUIRE_FALSE(accepted);
  CHECK(chain.position() == before);
  CHECK_FALSE(accepted.error().error.detail.empty());
  return accepted.error();
}

// Two feeds, batches and notices, twelve records.
RecordMaker busy_bucket(const SampleZone& zone) {
  RecordMaker maker(zone);
  maker.open(kFeed);
  maker.batch(kFeed, 3);
  maker.open(kOther);
  for (int i = 0; i < 3; ++i) {
    maker.batch(kOther, 2, 2000);
    maker.batch(kFeed, 1);
  }
  maker.redact(kFeed, {{Version(1), Version(1)}});
  maker.notice(kOther, CloseNotice{Version(6)});
  maker.notice(kFeed, EraseNotice{});
  return maker;
}

// The same record with a body byte changed; its header stays.
Bytes with_damaged_body(const RecordView& record) {
  Bytes body(record.frame.begin() + kEnvelopeBytes, record.frame.end());
  body.back() ^= 1;
  Bytes frame;
  append_frame(frame, FrameType::record, record.form, body);
  return frame;
}

}  // namespace

TEST_CASE("a bucket's log is accepted in groups of any size, with the same end") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = busy_bucket(zone);
  for (std::size_t size = 1; size <= maker.frames.size(); ++size) {
    for (const ChainPosition& start : {kStart, ChainPosition{}}) {
      BucketChain chain(trust, kBucket, start);
      for (std::size_t first = 0; first < maker.frames.size(); first += size) {
        REQUIRE(chain.accept(maker.records(first, size)));
      }
      CHECK(chain.position() == maker.position());
    }
  }
}

TEST_CASE("an empty group changes nothing") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  BucketChain chain(trust, kBucket);
  CHECK(chain.accept({}));
  CHECK(chain.position() == ChainPosition{});
}

TEST_CASE("without a manifest nothing is accepted") {
  const SampleZone zone;
  const Trust trust(zone.id);
  BucketChain chain(trust, kBucket);
  CHECK(rejection(chain, busy_bucket(zone).records()).error.code == ErrorCode::kNoGrant);
}

TEST_CASE("one bad record in the middle rejects the whole group and changes nothing") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = busy_bucket(zone);
  BucketChain chain(trust, kBucket, kStart);
  REQUIRE(chain.accept(maker.records(0, 2)));

  SECTION("its body is another") {
    const Bytes damaged = with_damaged_body(maker.record(5));
    std::vector<RecordView> group = maker.records(2);
    group[3] = parse_record(ByteView(damaged)).value();
    const Rejected rejected = rejection(chain, group);
    CHECK(rejected.error.code == ErrorCode::kBadHash);
    CHECK(rejected.index == 3);
  }
  SECTION("it is missing") {
    std::vector<RecordView> group = maker.records(2);
    group.erase(group.begin() + 3);
    const Rejected rejected = rejection(chain, group);
    CHECK(rejected.error.code == ErrorCode::kWrongSeq);
    CHECK(rejected.error.detail == "found 7, expected 6");
    CHECK(rejected.index == 3);
  }
  SECTION("it stands twice") {
    std::vector<RecordView> group = maker.records(2);
    group.insert(group.begin() + 3, group[3]);
    CHECK(rejection(chain, group).error.code == ErrorCode::kWrongSeq);
  }
  SECTION("it is of another history of the same key") {
    RecordMaker fork(zone);
    fork.now += std::chrono::milliseconds(1);
    for (int i = 0; i < 6; ++i) fork.batch(kFeed);
    std::vector<RecordView> group = maker.records(2);
    group[3] = fork.record(5);
    const Rejected rejected = rejection(chain, group);
    CHECK(rejected.error.code == ErrorCode::kBrokenLink);
    CHECK(rejected.index == 3);
  }
  SECTION("its signature is another: then the next one's link is broken") {
    RecordMaker forged = busy_bucket(zone);
    forged.frames.resize(6);
    forged.forge_newest();
    std::vector<RecordView> group = maker.records(2);
    group[3] = forged.record(5);
    const Rejected rejected = rejection(chain, group);
    CHECK(rejected.error.code == ErrorCode::kBrokenLink);
    CHECK(rejected.index == 4);
  }
  CHECK(chain.accept(maker.records(2)));
}

TEST_CASE("the last signature of a group is checked") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker = busy_bucket(zone);
  maker.forge_newest();
  BucketChain chain(trust, kBucket, kStart);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kBadSignature);
  CHECK(rejected.index == maker.frames.size() - 1);
}

TEST_CASE("one signature proves all records before it, whose own are not looked at") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.forge_newest();
  maker.batch(kFeed);
  BucketChain grouped(trust, kBucket, kStart), single(trust, kBucket, kStart);
  CHECK(grouped.accept(maker.records()));
  CHECK(rejection(single, maker.records(0, 1)).error.code == ErrorCode::kBadSignature);
}

TEST_CASE("a group is cut at a grant's end: the next key proves nothing of the one before") {
  SampleZone zone;
  const SigningKey next_origin = sample_key(3);
  const Epoch next_epoch = kSampleEpoch.next();
  RecordMaker maker(zone);
  for (int i = 0; i < 4; ++i) maker.batch(kFeed);
  const bool forged = GENERATE(false, true);
  if (forged) maker.forge_newest();
  const EpochStart start{kBucket, next_epoch, maker.seq, maker.link};
  maker.go_on_with(next_epoch, next_origin);
  for (int i = 0; i < 4; ++i) maker.batch(kFeed);

  zone.manifest.grants = {{zone.origin.public_key(), kAll, kSampleEpoch, Seq(1), Seq(4)},
                          {next_origin.public_key(), kAll, next_epoch, Seq(5), std::nullopt}};
  zone.manifest.epochs = {{kAll, next_epoch}};
  zone.manifest.epoch_starts = {start};
  const Trust trust = zone.trust();
  BucketChain chain(trust, kBucket, kStart);
  if (forged) {
    const Rejected rejected = rejection(chain, maker.records());
    CHECK(rejected.error.code == ErrorCode::kBadSignature);
    CHECK(rejected.index == 3);
  } else {
    CHECK(chain.accept(maker.records()));
    CHECK(chain.position() == maker.position());
  }
}

TEST_CASE("records beyond a grant or of another key are refused, wherever they stand") {
  SampleZone zone;
  zone.manifest.grants[0].until_seq = Seq(4);
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  for (int i = 0; i < 6; ++i) maker.batch(kFeed);
  BucketChain chain(trust, kBucket, kStart);
  const Rejected beyond = rejection(chain, maker.records());
  CHECK(beyond.error.code == ErrorCode::kNoGrant);
  CHECK(beyond.index == 4);
  CHECK(chain.accept(maker.records(0, 4)));

  const SigningKey stranger = sample_key(9);
  RecordMaker mixed(zone);
  mixed.batch(kFeed);
  mixed.go_on_with(kSampleEpoch, stranger);
  mixed.batch(kFeed);
  mixed.go_on_with(kSampleEpoch, zone.origin);
  mixed.batch(kFeed);
  BucketChain other(trust, kBucket, kStart);
  const Rejected strangers = rejection(other, mixed.records());
  CHECK(strangers.error.code == ErrorCode::kNoGrant);
  CHECK(strangers.index == 1);
}

TEST_CASE("a record of another bucket is refused") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.batch(FeedId(6));
  maker.batch(kFeed);
  BucketChain chain(trust, kBucket, kStart);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kWrongBucket);
  CHECK(rejected.index == 1);
  CHECK(rejected.error.detail == "feed 6 is of bucket 6, expected 5");
}

TEST_CASE("signed time stands still at most") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed);
  maker.now -= std::chrono::milliseconds(10);
  maker.batch(kFeed);  // the same time again
  maker.now -= std::chrono::milliseconds(11);
  maker.batch(kFeed);
  BucketChain chain(trust, kBucket);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kTimeBackwards);
  CHECK(rejected.index == 2);
  REQUIRE(chain.accept(maker.records(0, 2)));
  CHECK(rejection(chain, maker.records(2)).error.code == ErrorCode::kTimeBackwards);
}

TEST_CASE("above a floor the first record stands on its own signature") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = busy_bucket(zone);
  BucketChain chain(trust, kBucket);
  REQUIRE(chain.accept(maker.records(5, 3)));
  CHECK(chain.position().seq == Seq(8));
  CHECK(rejection(chain, maker.records(9, 1)).error.code == ErrorCode::kWrongSeq);
  CHECK(rejection(chain, maker.records(7, 1)).error.code == ErrorCode::kWrongSeq);
  CHECK(chain.accept(maker.records(8)));
}

TEST_CASE("a chain that is held from nothing begins at seq 1") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = busy_bucket(zone);
  BucketChain chain(trust, kBucket, kStart);
  CHECK(rejection(chain, maker.records(1)).error.code == ErrorCode::kWrongSeq);
}

namespace {

// Seqs 1 to 4 in the sample epoch, 5 to 8 in the next one, which lost nothing.
struct TwoEpochs {
  SampleZone zone;
  Epoch next_epoch = kSampleEpoch.next();
  RecordMaker maker{zone};

  TwoEpochs() {
    for (int i = 0; i < 4; ++i) maker.batch(kFeed);
    const EpochStart start{kBucket, next_epoch, maker.seq, maker.link};
    maker.go_on_with(next_epoch, zone.origin);
    for (int i = 0; i < 4; ++i) maker.batch(kFeed);
    zone.manifest.grants = {{zone.origin.public_key(), kAll, kSampleEpoch, Seq(1), Seq(4)},
                            {zone.origin.public_key(), kAll, next_epoch, Seq(5), std::nullopt}};
    zone.manifest.epochs = {{kAll, next_epoch}};
    zone.manifest.epoch_starts = {start};
  }
};

}  // namespace

TEST_CASE("a new epoch begins where the manifest says that the old one ended") {
  TwoEpochs two;
  const Trust trust = two.zone.trust();
  for (std::size_t cut = 0; cut <= 8; ++cut) {
    BucketChain chain(trust, kBucket, kStart);
    REQUIRE(chain.accept(two.maker.records(0, cut)));
    REQUIRE(chain.accept(two.maker.records(cut)));
    CHECK(chain.position() == two.maker.position());
  }
}

TEST_CASE("an epoch whose start the manifest does not know is not followed") {
  TwoEpochs two;
  two.zone.manifest.epoch_starts.clear();
  const Trust trust = two.zone.trust();
  BucketChain chain(trust, kBucket, kStart);
  const Rejected rejected = rejection(chain, two.maker.records());
  CHECK(rejected.error.code == ErrorCode::kWrongEpoch);
  CHECK(rejected.index == 4);
}

TEST_CASE("a sender that joins an epoch to another end of the one before is refused") {
  TwoEpochs two;
  two.zone.manifest.epoch_starts[0].head.fill(1);
  const Trust trust = two.zone.trust();
  BucketChain chain(trust, kBucket, kStart);
  const Rejected rejected = rejection(chain, two.maker.records());
  CHECK(rejected.error.code == ErrorCode::kBrokenLink);
  CHECK(rejected.index == 4);
}

TEST_CASE("who holds more of an old epoch than the manifest lets stand is told so") {
  TwoEpochs two;
  const Trust trust = two.zone.trust();
  RecordMaker dead(two.zone);
  for (int i = 0; i < 6; ++i) dead.batch(kFeed);
  ChainPosition beyond = dead.position();
  BucketChain longer(trust, kBucket, beyond);
  CHECK(rejection(longer, two.maker.records(4)).error.code == ErrorCode::kForked);

  ChainPosition other{true, kSampleEpoch, Seq(4), Hash256{1}, from_ms(kSampleEpoch.value)};
  BucketChain different(trust, kBucket, other);
  CHECK(rejection(different, two.maker.records(4)).error.code == ErrorCode::kForked);
}

TEST_CASE("records between what is held and a new epoch may not be left out") {
  TwoEpochs two;
  const Trust trust = two.zone.trust();
  BucketChain chain(trust, kBucket, kStart);
  REQUIRE(chain.accept(two.maker.records(0, 3)));
  CHECK(rejection(chain, two.maker.records(4)).error.code == ErrorCode::kWrongSeq);
}

TEST_CASE("above a floor a new epoch's first record still has to fit the manifest") {
  TwoEpochs two;
  Trust trust = two.zone.trust();
  BucketChain chain(trust, kBucket), later(trust, kBucket);
  CHECK(chain.accept(two.maker.records(4)));
  CHECK(later.accept(two.maker.records(6)));

  two.zone.manifest.serial = 2;
  two.zone.manifest.epoch_starts[0].head.fill(1);
  REQUIRE(trust.admit(two.zone.signed_manifest()));
  BucketChain strict(trust, kBucket);
  CHECK(rejection(strict, two.maker.records(4)).error.code == ErrorCode::kBrokenLink);

  two.zone.manifest.serial = 3;
  two.zone.manifest.epoch_starts[0].last_seq = Seq(6);
  REQUIRE(trust.admit(two.zone.signed_manifest()));
  BucketChain below(trust, kBucket);
  CHECK(rejection(below, two.maker.records(4)).error.code == ErrorCode::kWrongSeq);
}

TEST_CASE("an epoch never goes back") {
  TwoEpochs two;
  const Trust trust = two.zone.trust();
  ChainPosition position = two.maker.position();
  BucketChain chain(trust, kBucket, position);
  RecordMaker old(two.zone);
  for (int i = 0; i < 9; ++i) old.batch(kFeed);
  CHECK(rejection(chain, old.records(8)).error.code == ErrorCode::kWrongEpoch);

  position.held = false;
  BucketChain above_a_floor(trust, kBucket, position);
  CHECK(rejection(above_a_floor, old.records(2, 1)).error.code == ErrorCode::kWrongEpoch);
}

TEST_CASE("a zone's second epoch may be the first that has records") {
  SampleZone zone;
  const Epoch next_epoch = kSampleEpoch.next();
  zone.manifest.grants[0].epoch = next_epoch;
  zone.manifest.epochs[0].epoch = next_epoch;
  if (GENERATE(false, true)) zone.manifest.epoch_starts = {{kBucket, next_epoch, Seq(), Hash256{}}};
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.go_on_with(next_epoch, zone.origin);
  maker.batch(kFeed);
  ChainPosition nothing_yet = kStart;
  nothing_yet.epoch = kSampleEpoch;
  BucketChain chain(trust, kBucket, nothing_yet);
  CHECK(chain.accept(maker.records()));
}
