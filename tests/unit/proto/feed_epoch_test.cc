// A feed that was opened again, and one that lost versions: what its readers are told.
#include "tests/unit/proto/feed_positions.h"

using namespace xylem;

namespace {

// A feed that was deleted and opened again: versions 1-2, erase, open under a new feed epoch, version 1.
RecordMaker reopened_feed(const SampleZone& zone) {
  RecordMaker maker(zone);
  maker.open(kFeed);
  maker.batch(kFeed, 2);
  maker.notice(kFeed, EraseNotice{});
  maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 1), Version(), Hash256{}};
  maker.open(kFeed);
  maker.batch(kFeed, 1);
  return maker;
}

}  // namespace

TEST_CASE("a feed that was opened again begins anew") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = reopened_feed(zone);
  for (std::size_t size = 1; size <= maker.frames.size(); ++size) {
    FeedChain chain(trust, kFeed);
    for (std::size_t first = 0; first < maker.frames.size(); first += size) {
      REQUIRE(chain.accept(maker.records(first, size)));
    }
    CHECK(chain.position().epoch == FeedEpoch(kSampleEpoch.value + 1));
    CHECK(chain.position().version == Version(1));
  }
}

TEST_CASE("the last batch before a feed was opened again is checked itself") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.batch(kFeed, 2);
  maker.forge_newest();
  maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 1), Version(), Hash256{}};
  maker.open(kFeed);
  maker.batch(kFeed, 1);
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kBadSignature);
  CHECK(rejected.index == 0);
}

TEST_CASE("a reader with an old cursor learns that the feed was opened again") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = reopened_feed(zone);
  FeedChain chain(trust, kFeed, cursor(2, 0xDEADBEEF));
  REQUIRE(chain.accept(maker.records(3)));
  CHECK(chain.position().version == Version(1));
}

TEST_CASE("only open begins a new feed epoch") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  const RecordMaker maker = reopened_feed(zone);
  FeedChain chain(trust, kFeed);
  REQUIRE(chain.accept(maker.records(0, 3)));
  const Rejected batch = rejection(chain, maker.records(4));
  CHECK(batch.error.code == ErrorCode::kWrongEpoch);

  RecordMaker closing(zone);
  closing.batch(kFeed, 2);
  closing.feeds[kFeed].epoch = FeedEpoch(kSampleEpoch.value + 1);
  closing.notice(kFeed, CloseNotice{Version(2)});
  FeedChain other(trust, kFeed);
  CHECK(rejection(other, closing.records()).error.code == ErrorCode::kWrongEpoch);
}

TEST_CASE("a feed epoch never goes back, not even by open") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  maker.open(kFeed);
  maker.feeds[kFeed].epoch = FeedEpoch(kSampleEpoch.value - 1);
  maker.open(kFeed);
  FeedChain chain(trust, kFeed);
  const Rejected rejected = rejection(chain, maker.records());
  CHECK(rejected.error.code == ErrorCode::kWrongEpoch);
  CHECK(rejected.index == 1);
}

namespace {

// The origin came back without the newest records, under a new range epoch from seq 3 on: the feed goes on from version
// 2 under a new feed epoch. Who held more, held what is lost.
struct ResetFeed {
  SampleZone zone;
  RecordMaker before{zone};  // open, versions 1-2, 3-4 (lost)
  RecordMaker after{zone};   // open, versions 1-2, open (reset), versions 3-5

  ResetFeed() {
    const SigningKey& key = zone.origin;
    for (RecordMaker* maker : {&before, &after}) {
      maker->open(kFeed);
      maker->batch(kFeed, 2);
    }
    const EpochStart start{Bucket(5), kSampleEpoch.next(), after.seq, after.link};
    before.batch(kFeed, 2);
    after.go_on_with(kSampleEpoch.next(), key);
    after.now += std::chrono::milliseconds(100);
    after.feeds[kFeed].epoch = FeedEpoch(kSampleEpoch.value + 1);
    after.open(kFeed, OpenNotice::Reason::reset);
    after.batch(kFeed, 3);
    zone.manifest.grants = {{key.public_key(), kAll, kSampleEpoch, Seq(1), std::nullopt},
                            {key.public_key(), kAll, kSampleEpoch.next(), Seq(3), std::nullopt}};
    zone.manifest.epochs = {{kAll, kSampleEpoch.next()}};
    zone.manifest.epoch_starts = {start};
  }
};

}  // namespace

TEST_CASE("after lost versions a feed goes on for those who held none of them") {
  const ResetFeed reset;
  const Trust trust = reset.zone.trust();
  FeedChain whole(trust, kFeed);
  REQUIRE(whole.accept(reset.after.records()));
  CHECK(whole.position().version == Version(5));
  CHECK(whole.position().epoch == FeedEpoch(kSampleEpoch.value + 1));

  FeedChain stepwise(trust, kFeed);
  REQUIRE(stepwise.accept(reset.after.records(0, 2)));
  REQUIRE(stepwise.accept(reset.after.records(2, 1)));
  CHECK(stepwise.accept(reset.after.records(3)));

  FeedChain by_cursor(trust, kFeed, cursor(2, cursor_hash(reset.after.record(1))));
  REQUIRE(by_cursor.accept(reset.after.records(2)));
  CHECK(by_cursor.position().version == Version(5));
}

TEST_CASE("who held lost versions is told that the history is another") {
  const ResetFeed reset;
  const Trust trust = reset.zone.trust();
  FeedChain held(trust, kFeed);
  REQUIRE(held.accept(reset.before.records()));
  CHECK(rejection(held, reset.after.records(2)).error.code == ErrorCode::kForked);

  FeedChain by_cursor(trust, kFeed, cursor(4, cursor_hash(reset.before.record(2))));
  CHECK(rejection(by_cursor, reset.after.records(2)).error.code == ErrorCode::kForked);

  // Without a hash the cursor alone does not show it, the versions do.
  FeedChain bare(trust, kFeed, cursor(4));
  CHECK(rejection(bare, reset.after.records(2)).error.code == ErrorCode::kWrongVersion);
}

TEST_CASE("a fork that nobody signed is not believed") {
  const ResetFeed reset;
  const Trust trust = reset.zone.trust();
  RecordMaker invented(reset.zone);
  invented.batch(kFeed, 2);
  invented.batch(kFeed, 1);
  invented.forge_newest();
  FeedChain chain(trust, kFeed, cursor(2, cursor_hash(reset.after.record(1))));
  const Rejected rejected = rejection(chain, invented.records(1));
  CHECK(rejected.error.code == ErrorCode::kBadSignature);
  CHECK(rejected.index == 0);
}

TEST_CASE("a reader from the start is not led into the middle by a reset") {
  const ResetFeed reset;
  const Trust trust = reset.zone.trust();
  FeedChain chain(trust, kFeed);
  CHECK(rejection(chain, reset.after.records(2)).error.code == ErrorCode::kWrongVersion);
}

TEST_CASE("a new range epoch may begin at a lower seq, an old one never comes back") {
  const ResetFeed reset;
  const Trust trust = reset.zone.trust();
  FeedPosition position = cursor(2, cursor_hash(reset.after.record(1)));
  position.range_epoch = kSampleEpoch;
  position.seq = Seq(90);
  FeedChain chain(trust, kFeed, position);
  REQUIRE(chain.accept(reset.after.records(2)));
  CHECK(chain.position().seq == Seq(4));
  CHECK(rejection(chain, reset.before.records(2)).error.code == ErrorCode::kWrongEpoch);
}
