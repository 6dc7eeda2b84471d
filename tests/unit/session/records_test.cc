// Records of a session's subscriptions: verified in groups, in order, whatever the pieces they arrive in.
#include "tests/unit/session/scripted_parent.h"

namespace xylem {
namespace {

struct FeedParent : ScriptedParent {
  FeedParent() {
    dial_and_greet();
    REQUIRE(session->subscribe(kFeed, {}));
    collect();
  }
};
struct BucketParent : ScriptedParent {
  BucketParent() {
    dial_and_greet();
    REQUIRE(session->subscribe(kBucket, ChainPosition{}));
    collect();
  }
};

TEST_CASE("SUBSCRIBE carries the position, and leaves when the session is ready") {
  ScriptedParent parent;
  parent.dial();
  FeedPosition position;
  position.epoch = FeedEpoch(17);
  position.version = Version(4);
  position.held = true;
  position.link = Hash256{0xAB, 0xCD, 0xEF, 0x01};
  REQUIRE(parent.session->subscribe(kFeed, position));
  parent.collect();
  CHECK(parent.take_sent<Subscribe>().empty());
  parent.say(parent.greeting());
  const auto subscribe = parent.take_sent<Subscribe>();
  REQUIRE(subscribe.size() == 1);
  CHECK(subscribe[0].feeds ==
        std::vector{FeedSubscription{kFeed, {FeedEpoch(17), Version(4), 0xABCDEF01}, FeedMode::events}});
}

TEST_CASE("with nothing read, the start of whatever epoch there is now is asked for") {
  ScriptedParent parent;
  parent.dial_and_greet();
  FeedPosition position;
  position.epoch = FeedEpoch(17);
  REQUIRE(parent.session->subscribe(kFeed, position));
  parent.collect();
  CHECK(parent.take_sent<Subscribe>().at(0).feeds.at(0).from == FeedCursor{});
}

TEST_CASE("a bucket's cursor carries the hash of the record that is held") {
  ScriptedParent parent;
  parent.maker.batch(kFeed);
  parent.dial_and_greet();
  REQUIRE(parent.session->subscribe(kBucket, parent.maker.position()));
  parent.collect();
  const BucketCursor cursor = parent.take_sent<Subscribe>().at(0).buckets.at(0);
  CHECK(cursor == BucketCursor{kBucket, kSampleEpoch, Seq(1), ByteReader(parent.maker.link).u32()});
}

TEST_CASE("many subscriptions leave in frames of at most so many") {
  ScriptedParent parent;
  parent.dial_and_greet();
  for (std::uint64_t feed = 1; feed <= 600; ++feed) REQUIRE(parent.session->subscribe(FeedId(feed), {}));
  parent.collect();
  std::size_t feeds = 0;
  for (const Subscribe& frame : parent.take_sent<Subscribe>()) {
    CHECK(frame.feeds.size() <= kSubscriptionsPerFrameMax);
    feeds += frame.feeds.size();
  }
  CHECK(feeds == 600);
}

TEST_CASE("buckets and feeds do not mix on one session") {
  FeedParent parent;
  CHECK(parent.session->subscribe(kBucket, ChainPosition{}).error().code == ErrorCode::kUsage);
}

TEST_CASE("records that arrive together are handed on together") {
  FeedParent parent;
  parent.maker.open(kFeed);
  parent.maker.batch(kFeed, 3);
  parent.maker.batch(kFeed, 2);
  parent.say(joined({parent.frames_of_records(), parent.status(StatusCode::live, 5)}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2 3", "status 1 head 5"});
  CHECK(parent.session->position(kFeed)->version == Version(5));
  CHECK(parent.session->position(kFeed)->seq == Seq(3));
}

TEST_CASE("what arrives is the same whatever the pieces it is cut into") {
  const auto history = [](std::size_t cut_bytes) {
    FeedParent parent;
    parent.maker.open(kFeed);
    for (int i = 0; i < 3; ++i) parent.maker.batch(kFeed, 2);
    const Bytes bytes = joined({parent.frames_of_records(), parent.beacon(parent.maker.now),
                                parent.status(StatusCode::live, 6), encode(Path{})});
    for (ByteView rest = bytes; !rest.empty(); rest = rest.subspan(std::min(cut_bytes, rest.size()))) {
      parent.say(rest.first(std::min(cut_bytes, rest.size())));
    }
    CHECK(parent.session->position(kFeed)->version == Version(6));
    CHECK(parent.heard.lines.back() == "path of 0");
    return parent.heard.frames;
  };
  const auto whole = history(std::string::npos);
  CHECK(whole.size() == 5);
  for (const std::size_t cut : {1, 2, 3, 7, 12, 13, 288, 300, 511}) CHECK(history(cut) == whole);
}

TEST_CASE("a first piece may end at any byte") {
  Lines whole;
  for (std::size_t cut = 0;; ++cut) {
    FeedParent parent;
    parent.maker.open(kFeed);
    parent.maker.batch(kFeed);
    const Bytes bytes = joined({parent.frames_of_records(), parent.status(StatusCode::live, 1)});
    if (cut > bytes.size()) break;
    parent.say(ByteView(bytes).first(cut));
    parent.say(ByteView(bytes).subspan(cut));
    REQUIRE(parent.heard.lines.back() == "status 1 head 1");
    if (cut == 0) whole = parent.heard.frames;
    REQUIRE(parent.heard.frames == whole);
  }
}

TEST_CASE("two feeds that arrive mixed are two groups, each in its order") {
  const FeedId other(31337 + 12);
  FeedParent parent;
  REQUIRE(parent.session->subscribe(other, {}));
  parent.maker.batch(kFeed);
  parent.maker.batch(other);
  parent.maker.batch(kFeed);
  parent.maker.batch(other);
  parent.say(parent.frames_of_records());
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 3", "feed 31349: 2 4"});
}

TEST_CASE("a bucket's records come in seq order, and a status behind them") {
  BucketParent parent;
  parent.maker.open(kFeed);
  parent.maker.batch(FeedId(5));
  Status live;
  live.bucket = kBucket;
  live.code = StatusCode::live;
  live.head_position = 2;
  parent.say(joined({parent.frames_of_records(), encode(live)}));
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records(2));
  CHECK(parent.heard.take() == Lines{"bucket 5: 1 2", "status 1 head 2", "bucket 5: 3"});
  CHECK(*parent.session->position(kBucket) == parent.maker.position());
}

TEST_CASE("records that came already are passed over") {
  FeedParent parent;
  parent.maker.open(kFeed);
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records());
  parent.maker.batch(kFeed);
  parent.say(joined({parent.frames_of_records(), parent.frames_of_records()}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2", "feed 31337: 3"});
}

TEST_CASE("nothing of a group is handed on when one of its records is wrong, and the peer is told") {
  FeedParent parent;
  parent.maker.open(kFeed);
  parent.maker.batch(kFeed);
  SECTION("a forged signature") {
    parent.maker.forge_newest();
    parent.say(parent.frames_of_records());
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadSignature);
  }
  SECTION("a record is left out") {
    parent.maker.batch(kFeed);
    parent.maker.batch(kFeed);
    parent.say(joined({parent.frames_of_records(0, 2), parent.frames_of_records(3)}));
    CHECK(parent.heard.failure->error.code == ErrorCode::kWrongVersion);
  }
  SECTION("a payload that was changed") {
    Bytes frame = parent.maker.frames[1];
    frame.back() ^= 1;
    Bytes again;
    append_frame(again, FrameType::record, RecordForm::full, ByteView(frame).subspan(kEnvelopeBytes));
    parent.say(joined({parent.frames_of_records(0, 1), again}));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadHash);
  }
  CHECK(parent.heard.failure->cause == FailureCause::dishonest);
  CHECK(parent.heard.lines.size() == 1);
  CHECK(parent.heard.frames.empty());
  CHECK(parent.take_sent<ErrorFrame>().size() == 1);
  CHECK(parent.session->failed());
  CHECK(parent.session->deadline() == kNever);
}

TEST_CASE("a key without a grant is no lie before the manifest is known to be the newest") {
  FeedParent parent;
  const SigningKey heir = sample_key(3);
  parent.maker.go_on_with(kSampleEpoch, heir);
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records());
  CHECK(parent.heard.failure->error.code == ErrorCode::kNoGrant);
  CHECK(parent.heard.failure->cause == FailureCause::refused);
}

TEST_CASE("what arrived before a malformed frame still counts") {
  FeedParent parent;
  parent.maker.batch(kFeed);
  Bytes broken = encode(Path{});
  broken[8] ^= 1;  // its checksum
  parent.say(joined({parent.frames_of_records(), broken}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1", "failed: E_BAD_CHECKSUM"});
}

TEST_CASE("records of feeds that were not asked for are passed over") {
  FeedParent parent;
  parent.maker.batch(FeedId(5));
  parent.say(parent.frames_of_records());
  CHECK(parent.heard.take().empty());
  CHECK(!parent.session->failed());
}

TEST_CASE("after UNSUBSCRIBE what was on its way is passed over, also when the feed is asked for again") {
  FeedParent parent;
  parent.maker.open(kFeed);
  parent.maker.batch(kFeed);
  parent.maker.batch(kFeed);
  parent.session->unsubscribe(kFeed);
  REQUIRE(parent.session->subscribe(kFeed, {}));
  parent.collect();
  const auto sent = parent.take_sent();
  CHECK(only<Unsubscribe>(sent).at(0).feeds == std::vector{kFeed});
  const auto pings = only<Ping>(sent);
  REQUIRE(pings.size() == 1);
  // First the rest of the old subscription, then the answer to the PING, then the new one from its start.
  parent.say(joined({parent.frames_of_records(2), parent.status(StatusCode::live, 2), encode(Pong{pings[0].token}),
                     parent.frames_of_records()}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2 3"});
}

TEST_CASE("a subscription that was never sent is taken back without a word") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->subscribe(kFeed, {}));
  parent.session->unsubscribe(kFeed);
  parent.collect();
  CHECK(parent.take_sent().empty());
}

TEST_CASE("a listener may unsubscribe and subscribe while records are handed to it") {
  FeedParent parent;
  const FeedId other(31337 + 12);
  REQUIRE(parent.session->subscribe(other, {}));
  parent.collect();
  parent.maker.batch(kFeed);
  parent.maker.batch(other);
  parent.heard.when_records = [&] {
    parent.session->unsubscribe(kFeed);
    parent.session->unsubscribe(other);
    REQUIRE(parent.session->subscribe(kFeed, {}));
  };
  parent.say(parent.frames_of_records());
  CHECK(parent.heard.take() == Lines{"feed 31337: 1"});
  CHECK(!parent.session->failed());
}

TEST_CASE("a withheld record passes by its header and says so") {
  FeedParent parent;
  parent.maker.batch(kFeed);
  parent.maker.batch(kFeed);
  const Bytes withheld = withhold_record(parent.maker.record(0));
  parent.say(joined({withheld, parent.frames_of_records(1)}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1w 2"});
}

TEST_CASE("SKIPPED ends the subscription where it stood") {
  FeedParent parent;
  parent.maker.batch(kFeed);
  parent.say(joined({parent.frames_of_records(), encode(Skipped{kFeed, Version(2), Version(9)})}));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1", "skipped 2 to 9"});
  CHECK(parent.session->position(kFeed) == nullptr);
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records(1));
  CHECK(parent.heard.take().empty());
}

TEST_CASE("fetched records are verified as if they had come by subscription") {
  FeedParent parent;
  for (int i = 0; i < 4; ++i) parent.maker.batch(kFeed);
  SECTION("in order") {
    parent.session->accept_fetched(kFeed, parent.frames_of_records(0, 2));
    parent.session->accept_fetched(kFeed, parent.frames_of_records(1));
    CHECK(parent.heard.take() == Lines{"feed 31337: 1 2", "feed 31337: 3 4"});
  }
  SECTION("with a gap") {
    parent.session->accept_fetched(kFeed, parent.frames_of_records(1));
    CHECK(parent.heard.failure->error.code == ErrorCode::kWrongVersion);
  }
  SECTION("with another feed among them") {
    parent.maker.batch(FeedId(5));
    parent.session->accept_fetched(kFeed, parent.frames_of_records());
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadFrame);
  }
  SECTION("cut off") {
    const Bytes frames = parent.frames_of_records();
    parent.session->accept_fetched(kFeed, ByteView(frames).first(frames.size() - 1));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadFrame);
  }
  SECTION("of a feed that is no longer wanted") {
    parent.session->unsubscribe(kFeed);
    parent.session->accept_fetched(kFeed, parent.frames_of_records());
    CHECK(parent.heard.take().empty());
  }
}

TEST_CASE("a group is bounded by records and bytes, however much arrives at once") {
  FeedParent parent;
  for (std::size_t i = 0; i < kChunkRecordsMax + 10; ++i) parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records());
  CHECK(parent.heard.take().size() == 2);
  CHECK(parent.session->position(kFeed)->version == Version(kChunkRecordsMax + 10));
}

}  // namespace
}  // namespace xylem
