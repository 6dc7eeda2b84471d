// A session's other frames, its time-outs, and peers that mean harm.
#include "tests/unit/session/scripted_parent.h"

namespace xylem {
namespace {

TEST_CASE("a PING is answered with its token") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.say(Ping{77});
  CHECK(parent.take_sent<Pong>().at(0).token == 77);
}

TEST_CASE("a relay sends a PING each 500 ms and leaves after 1 500 ms of silence") {
  ScriptedParent parent;
  const SigningKey own = sample_key(5);
  parent.options.role = Role::relay;
  parent.options.key = &own;
  parent.dial_and_greet();
  parent.pass(1400ms);
  CHECK(parent.take_sent<Ping>().size() == 2);
  parent.say(Pong{1});
  parent.pass(1400ms);
  CHECK(!parent.session->failed());
  parent.pass(200ms);
  CHECK(parent.heard.failure->cause == FailureCause::timeout);
}

TEST_CASE("a reader sends a PING after 20 s of silence and leaves after 5 s more") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.pass(19s);
  CHECK(parent.take_sent<Ping>().empty());
  parent.pass(2s);
  CHECK(parent.take_sent<Ping>().size() == 1);
  parent.say(Pong{1});
  parent.pass(24s);
  CHECK(!parent.session->failed());
  parent.pass(2s);
  CHECK(parent.heard.failure->error.code == ErrorCode::kTimeout);
}

TEST_CASE("time in which the process did not run is no silence") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.now += 1h;  // asleep: the deadline comes that late
  parent.session->on_deadline(parent.now);
  parent.collect();
  CHECK(!parent.session->failed());
  CHECK(parent.take_sent<Ping>().size() == 1);
  parent.pass(6s);
  CHECK(parent.session->failed());
}

TEST_CASE("a handshake that does not end is given up") {
  ScriptedParent parent;
  parent.dial();
  SECTION("no WELCOME within 5 s") {
    parent.pass(4900ms);
    CHECK(!parent.session->failed());
    parent.pass(200ms);
  }
  SECTION("no BUCKETS within 30 s of it, whatever else is sent") {
    parent.say(parent.welcome());
    for (int i = 0; i < 29; ++i) {
      parent.pass(1s);
      parent.say(Path{});
    }
    CHECK(!parent.session->failed());
    parent.pass(2s);
  }
  CHECK(parent.heard.failure->error.code == ErrorCode::kTimeout);
  CHECK(parent.heard.failure->cause == FailureCause::timeout);
}

TEST_CASE("the end of the connection is told once") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.session->on_closed({ErrorCode::kIo, "reset"});
  parent.session->on_closed({ErrorCode::kIo, "reset"});
  parent.session->on_bytes(encode(Ping{1}), parent.now);
  CHECK(parent.heard.take() == Lines{"failed: E_IO"});
  CHECK(parent.heard.failure->cause == FailureCause::closed);
}

TEST_CASE("frames that only a child sends, or that come too early, end the session") {
  const ScriptedParent sample;
  const std::vector<Bytes> too_early = {encode(Ping{1}), sample.buckets(), encode(Path{}), encode(Blob{})};
  const std::vector<Bytes> a_childs = {encode(make_hello(sample.options, sample.zone.id, sample.nonce)),
                                       encode(Prove{sample.key.public_key(), {}}),
                                       encode(Have{}),
                                       encode(Subscribe{}),
                                       encode(Unsubscribe{}),
                                       encode(Fetch{1, FetchFeedHead{kFeed}})};
  for (const auto* frames : {&too_early, &a_childs}) {
    for (const Bytes& frame : *frames) {
      ScriptedParent parent;
      frames == &too_early ? parent.dial() : parent.dial_and_greet();
      parent.say(frame);
      REQUIRE(parent.heard.failure);
      CHECK(parent.heard.failure->error.code == ErrorCode::kProtocol);
      CHECK(parent.heard.failure->cause == FailureCause::dishonest);
      CHECK(parent.take_sent<ErrorFrame>().size() == 1);
    }
  }
}

TEST_CASE("bytes that are no frames end the session at once and are not waited for") {
  ScriptedParent parent;
  parent.dial();
  SECTION("a length of 4 GiB") { parent.say(Bytes{0xFF, 0xFF, 0xFF, 0xFF, 17, 1, 0, 0}); }
  SECTION("an unknown type") { parent.say(Bytes{0, 0, 0, 1, 99, 1, 0, 0}); }
  SECTION("HTTP") { parent.say(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")); }
  CHECK(parent.session->failed());
  CHECK(parent.heard.failure->cause == FailureCause::dishonest);
}

TEST_CASE("beacons are verified, and only newer ones are told") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.maker.batch(kFeed);
  const Bytes first = parent.beacon(parent.maker.now);
  const Bytes second = parent.beacon(parent.maker.now + 10s);
  parent.say(joined({first, first, second, first}));
  CHECK(parent.heard.take() == Lines{"beacon 5 at 1", "beacon 5 at 1"});
  CHECK(parent.heard.frames == Lines{HeardUpstream::mark_of(first), HeardUpstream::mark_of(second)});

  Bytes forged = parent.beacon(parent.maker.now + 20s);
  forged.back() ^= 1;
  parent.say(make_frame(FrameType::beacon, ByteView(forged).subspan(kEnvelopeBytes)));
  CHECK(parent.heard.failure->error.code == ErrorCode::kBadSignature);
}

TEST_CASE("a beacon that names another record than the one held shows a forked origin") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->subscribe(kBucket, ChainPosition{}));
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records());
  parent.say(parent.beacon(parent.maker.now));
  parent.maker.link = Hash256{1};
  parent.say(parent.beacon(parent.maker.now + 1s));
  CHECK(parent.heard.take() == Lines{"bucket 5: 1", "beacon 5 at 1", "failed: E_FORK"});
  CHECK(parent.heard.failure->cause == FailureCause::closed);
}

TEST_CASE("EVIDENCE, PATH and GOAWAY are told, EVIDENCE is sent") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.maker.batch(kFeed);
  const ByteView header = parent.maker.record(0).decoded.all;
  const Evidence evidence{{Bytes(header.begin(), header.end())}};
  parent.say(joined({encode(evidence), encode(Path{{RelayId{}, RelayId{}}}), encode(GoAway{})}));
  CHECK(parent.heard.take() == Lines{"evidence of 1", "path of 2", "goaway"});
  parent.session->send_evidence(evidence);
  parent.collect();
  CHECK(parent.take_sent<Evidence>() == std::vector{evidence});
}

TEST_CASE("fetches: eight at a time, in any order, in pieces, with others between") {
  ScriptedParent parent;
  parent.dial_and_greet();
  for (int i = 0; i < 12; ++i) REQUIRE(parent.session->fetch(FetchChunk{kBucket, Seq(1), Seq(9)}));
  parent.collect();
  const auto asked = parent.take_sent<Fetch>();
  REQUIRE(asked.size() == kFetchesInFlightMax);

  Blob half{asked[1].request, 0, 4, false, {}, Bytes{1, 2}};
  Blob rest{asked[1].request, 2, 4, true, {}, Bytes{3, 4}};
  parent.say(joined({encode(half), ScriptedParent::blob(asked[0].request, Bytes{9}), encode(rest)}));
  CHECK(parent.heard.take() == Lines{"fetched 1: 1 bytes", "fetched 2: 4 bytes"});
  CHECK(parent.take_sent<Fetch>().size() == 2);
  parent.say(ScriptedParent::blob_error(asked[2].request, ErrorCode::kNotHeld));
  CHECK(parent.heard.take() == Lines{"fetched 3: E_NOT_HELD"});
}

TEST_CASE("an empty answer is an answer") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->fetch(FetchFeedHead{kFeed}));
  parent.collect();
  parent.say(ScriptedParent::blob(1, {}));
  CHECK(parent.heard.take() == Lines{"fetched 1: 0 bytes"});
}

TEST_CASE("pieces that do not fit together end the session") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->fetch(FetchFeedHead{kFeed}));
  parent.collect();
  const auto say = [&](std::uint64_t offset, std::uint64_t total, bool last, Bytes data) {
    parent.say(Blob{1, offset, total, last, {}, std::move(data)});
  };
  ErrorCode wanted = ErrorCode::kBadFrame;
  SECTION("not from the start") { say(1, 4, false, {1}); }
  SECTION("another total") {
    say(0, 4, false, {1});
    say(1, 5, false, {1});
  }
  SECTION("a hole") {
    say(0, 4, false, {1});
    say(2, 4, true, {1, 2});
  }
  SECTION("more than the total") { say(0, 1, true, {1, 2}); }
  SECTION("the last too early") { say(0, 4, true, {1}); }
  SECTION("not the last at the end") { say(0, 1, false, {1}); }
  SECTION("no data and not the last") { say(0, 4, false, {}); }
  SECTION("longer than an answer of its kind may be") {
    say(0, kFetchBytesMax, false, {1});
    wanted = ErrorCode::kTooLarge;
  }
  CHECK(parent.heard.failure->error.code == wanted);
}

TEST_CASE("an answer that does not come is a time-out of that fetch alone; one that comes later is passed over") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->fetch(FetchFeedHead{kFeed}));
  parent.collect();
  for (int i = 0; i < 31; ++i) {
    parent.pass(1s);
    parent.say(Path{});
  }
  parent.heard.lines.erase(parent.heard.lines.begin());
  CHECK(std::ranges::count(parent.heard.lines, "fetched 1: E_TIMEOUT") == 1);
  parent.heard.take();
  parent.say(ScriptedParent::blob(1, Bytes{1}));
  CHECK(parent.heard.take().empty());
  CHECK(!parent.session->failed());
}

TEST_CASE("more requests than may wait are refused to whoever asks") {
  ScriptedParent parent;
  parent.dial();
  for (std::size_t i = 0; i < kFetchesQueuedMax; ++i) REQUIRE(parent.session->fetch(FetchFeedHead{kFeed}));
  CHECK(parent.session->fetch(FetchFeedHead{kFeed}).error().code == ErrorCode::kTooMany);
}

TEST_CASE("more subscriptions than may be are refused to whoever asks") {
  ScriptedParent parent;
  parent.dial_and_greet();
  bool taken = true;
  for (std::uint64_t feed = 0; feed < kSubscriptionsMax; ++feed) {
    taken = taken && parent.session->subscribe(FeedId(feed), {});
  }
  CHECK(taken);
  CHECK(parent.session->subscribe(FeedId(kSubscriptionsMax), {}).error().code == ErrorCode::kTooMany);
  CHECK(parent.session->subscribe(FeedId(7), {}));
}

}  // namespace
}  // namespace xylem
