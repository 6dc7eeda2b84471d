// From verified records to events: each once, in order.
#include "client/session/feed_delivery.h"

#include <catch2/catch.hpp>

#include "tests/unit/session/heard_feed.h"
#include "tests/unit/session/scripted_parent.h"

namespace xylem {
namespace {

using Outcome = FeedDelivery::Outcome;

struct Delivered {
  SampleZone zone;
  RecordMaker maker{zone};
  HeardFeed heard;
  FeedDelivery delivery;
  explicit Delivered(FeedCursor from = {}, std::optional<Version> until = {}) : delivery(kFeed, from, until, heard) {}
};

TEST_CASE("a batch becomes its events, a notice is told, and each has its place") {
  Delivered test;
  test.maker.open(kFeed);
  test.maker.batch(kFeed, 2);
  CHECK(test.delivery.deliver(test.maker.records()) == Outcome::all);
  CHECK(test.heard.take() == Lines{"open", "1", "2"});
  CHECK(test.delivery.cursor().version == Version(2));
  CHECK(test.delivery.cursor().hash == ByteReader(test.maker.link).u32());
  CHECK(test.delivery.newest_batch()->link == test.maker.link);
}

TEST_CASE("an event carries everything the site gave") {
  Delivered test;
  test.maker.batch(kFeed, 1, 5);
  REQUIRE(test.delivery.deliver(test.maker.records()));
  const auto& event = test.heard.events.at(0);
  CHECK(event.kind == "add_comment");
  CHECK(event.text == "ddddd");
  CHECK(event.epoch == FeedEpoch(kSampleEpoch.value));
  CHECK(event.time == from_ms(kSampleEpoch.value));
  CHECK(event.cursor == test.delivery.cursor());
}

TEST_CASE("what was delivered is passed over, whatever overlap comes") {
  Delivered test;
  test.maker.open(kFeed);
  for (int i = 0; i < 3; ++i) test.maker.batch(kFeed, 2);
  REQUIRE(test.delivery.deliver(test.maker.records(0, 3)));
  REQUIRE(test.delivery.deliver(test.maker.records(0)));
  CHECK(test.heard.take() == Lines{"open", "1", "2", "3", "4", "5", "6"});
}

TEST_CASE("a cursor in the middle of a batch goes on in the middle") {
  Delivered test({FeedEpoch(kSampleEpoch.value), Version(2), {}});
  test.maker.batch(kFeed, 3);
  REQUIRE(test.delivery.deliver(test.maker.records()));
  CHECK(test.heard.take() == Lines{"3"});
  CHECK(!test.delivery.take_epoch_changed());
}

TEST_CASE("removed events keep their versions and have no content") {
  Delivered test;
  test.maker.batch(kFeed, 3);
  const Bytes elided = elide_record(test.maker.record(0), {false, true, false}, std::array{Seq(2)}).value();
  REQUIRE(test.delivery.deliver(std::vector{parse_record(ByteView(elided)).value()}));
  CHECK(test.heard.take() == Lines{"1", "2 removed", "3"});
  CHECK(test.heard.events[1].kind.empty());
}

TEST_CASE("it stops before a batch without its events, until that is let pass") {
  Delivered test;
  for (int i = 0; i < 3; ++i) test.maker.batch(kFeed, 2);
  const Bytes withheld = withhold_record(test.maker.record(1));
  const std::vector<RecordView> records = {test.maker.record(0), parse_record(ByteView(withheld)).value(),
                                           test.maker.record(2)};
  CHECK(test.delivery.deliver(records) == Outcome::withheld);
  CHECK(test.delivery.withheld_version() == Version(3));
  CHECK(test.heard.take() == Lines{"1", "2"});
  SECTION("another server has it") {
    CHECK(test.delivery.deliver(test.maker.records(1)) == Outcome::all);
    CHECK(test.heard.take() == Lines{"3", "4", "5", "6"});
  }
  SECTION("nobody has it") {
    test.delivery.pass_withheld();
    CHECK(test.delivery.deliver(records) == Outcome::all);
    CHECK(test.heard.take() == Lines{"3 withheld", "4 withheld", "5", "6"});
  }
}

TEST_CASE("it ends behind the version that was asked for, also within a batch") {
  Delivered test({}, Version(2));
  test.maker.batch(kFeed, 3);
  CHECK(test.delivery.deliver(test.maker.records()) == Outcome::stopped);
  CHECK(test.delivery.reached_end());
  CHECK(test.heard.take() == Lines{"1", "2"});
}

TEST_CASE("a listener that stops it gets nothing more") {
  Delivered test;
  test.maker.batch(kFeed, 5);
  test.heard.when_event = [&](const FeedEvent& event) {
    if (event.version == Version(2)) test.delivery.stop();
  };
  CHECK(test.delivery.deliver(test.maker.records()) == Outcome::stopped);
  CHECK(test.heard.take() == Lines{"1", "2"});
}

TEST_CASE("a feed that was begun anew starts again at version 1 and says so once") {
  Delivered test;
  test.maker.open(kFeed);
  test.maker.batch(kFeed, 2);
  test.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 1), Version(), {}};
  test.maker.open(kFeed, OpenNotice::Reason::reset);
  test.maker.batch(kFeed, 1);
  REQUIRE(test.delivery.deliver(test.maker.records()));
  CHECK(test.heard.take() == Lines{"open", "1", "2", "open", "1"});
  CHECK(test.delivery.take_epoch_changed());
  CHECK(!test.delivery.take_epoch_changed());
}

TEST_CASE("what the origin signed but cannot be read ends the reading") {
  Delivered test;
  test.maker.batch(kFeed, 1);
  Bytes frame = test.maker.frames[0];
  RecordView record = parse_record(ByteView(frame)).value();
  const Bytes garbage(record.body.size(), 1);
  record.body = garbage;
  CHECK(test.delivery.deliver(std::vector{record}).error().code == ErrorCode::kBadPayload);
}

}  // namespace
}  // namespace xylem
