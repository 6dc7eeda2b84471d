// Peers that break rules: told, closed, and nobody else notices.
#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

void check_refused(NativePeer& peer, const std::string& error) {
  const Lines said = lines(peer.take());
  REQUIRE_FALSE(said.empty());
  CHECK(said.back() == "error " + error);
  CHECK(peer.connection.link->closed);
  CHECK(peer.world.core->stats().breaches_total == 1);
  CHECK(peer.world.core->stats().connections == 0);
}

}  // namespace

TEST_CASE("Frames out of order are refused", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.start();
  NativePeer peer(world);
  SECTION("anything before HELLO") {
    peer.say_magic();
    peer.say(Ping{1});
    check_refused(peer, "E_PROTOCOL");
  }
  SECTION("a second HELLO") {
    peer.greet();
    peer.say(peer.hello());
    check_refused(peer, "E_PROTOCOL");
  }
  SECTION("a proof nobody asked for") {
    peer.greet();
    peer.prove();
    check_refused(peer, "E_PROTOCOL");
  }
  SECTION("a record from below") {
    peer.greet();
    peer.say(world.five.maker.frames[0]);
    check_refused(peer, "E_PROTOCOL");
  }
  SECTION("a beacon from below") {
    peer.greet();
    peer.say(make_frame(FrameType::beacon, Bytes(kBeaconBytes)));
    check_refused(peer, "E_PROTOCOL");
  }
  SECTION("what only a parent says") {
    peer.greet();
    SECTION("WELCOME") { peer.say(Welcome{.key = peer.key.public_key()}); }
    SECTION("BUCKETS") { peer.say(Buckets{}); }
    SECTION("PATH") { peer.say(Path{}); }
    SECTION("STATUS") { peer.say(Status{.bucket = {}, .feed = kFeed, .code = StatusCode::live}); }
    SECTION("BLOB") { peer.say(Blob{}); }
    SECTION("SKIPPED") { peer.say(Skipped{kFeed, Version(1), Version(2)}); }
    SECTION("GOAWAY") { peer.say(GoAway{}); }
    check_refused(peer, "E_PROTOCOL");
  }
}

TEST_CASE("Bytes that are no frames are refused", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  Bytes frame = encode(Ping{1});
  SECTION("a wrong checksum") {
    frame.back() ^= 1;
    peer.say(frame);
    check_refused(peer, "E_BAD_CHECKSUM");
  }
  SECTION("a length beyond all limits, before its body is there") {
    frame[0] = 0x7F;
    peer.say(ByteView(frame).first(12));
    check_refused(peer, "E_TOO_LARGE");
  }
  SECTION("an unknown type") {
    frame[4] = 99;
    peer.say(frame);
    CHECK(peer.connection.link->closed);
  }
  SECTION("a body that does not parse") {
    peer.say(make_frame(FrameType::subscribe, Bytes(40, 0xFF)));
    check_refused(peer, "E_BAD_FRAME");
  }
}

TEST_CASE("After a breach nothing more of it is read", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  Bytes bytes = encode(GoAway{});
  const Bytes evidence = encode(Evidence{{Bytes(kHeaderBytes, 1)}});
  bytes.insert(bytes.end(), evidence.begin(), evidence.end());
  peer.say(bytes);
  CHECK(world.node.evidences.empty());
  check_refused(peer, "E_PROTOCOL");
}

TEST_CASE("Evidence is taken from anyone and handed on", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.start();
  NativePeer peer(world);
  peer.greet();
  const ByteView header = world.five.maker.record(0).decoded.all;
  peer.say(Evidence{{Bytes(header.begin(), header.end())}});
  CHECK(world.node.evidences.size() == 1);
}

TEST_CASE("Who sends too many frames is closed", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  const std::size_t burst = 10 * world.limits.reader_frames_per_second_max;
  for (std::size_t i = 0; i < burst - 1; ++i) peer.say(Ping{i});
  CHECK_FALSE(peer.connection.link->released());
  for (std::size_t i = 0; i < 2; ++i) peer.say(Ping{i});
  check_refused(peer, "E_TOO_MANY");
}

TEST_CASE("At the allowed rate frames go on for ever", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  for (std::size_t i = 0; i < 5000; ++i) {
    peer.say(Ping{i});
    world.now += 20ms;
  }
  CHECK_FALSE(peer.connection.link->released());
}

TEST_CASE("Subscriptions have a limit, for a connection and for the loop", "[serve]") {
  ServeLimits limits;
  limits.subscriptions_per_connection_max = 10;
  limits.subscriptions_max = 15;
  Serving world({}, limits);
  world.start();
  const auto subscribe = [](NativePeer& peer, std::uint64_t from, std::uint64_t count) {
    Subscribe frame;
    for (std::uint64_t i = 0; i < count; ++i)
      frame.feeds.push_back({FeedId(5 + 12 * (from + i)), {}, FeedMode::events});
    peer.say(frame);
  };
  NativePeer first(world), second(world);
  first.greet();
  second.greet();
  SECTION("a connection's") {
    subscribe(first, 0, 10);
    CHECK_FALSE(first.connection.link->released());
    subscribe(first, 0, 10);  // the same again
    CHECK_FALSE(first.connection.link->released());
    subscribe(first, 10, 1);
    CHECK(first.connection.link->closed);
    CHECK(world.core->stats().feed_subscriptions == 0);
  }
  SECTION("the loop's") {
    subscribe(first, 0, 10);
    subscribe(second, 100, 6);
    CHECK_FALSE(first.connection.link->released());
    CHECK(second.connection.link->closed);
    CHECK(world.core->stats().feed_subscriptions == 10);
  }
}

TEST_CASE("A peer that ends its side is closed", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world), silent(world);
  peer.greet();
  world.core->on_end(peer.connection.id, world.now);
  world.core->on_end(silent.connection.id, world.now);
  CHECK(peer.connection.link->closed);
  CHECK(silent.connection.link->closed);
}

TEST_CASE("Calls for connections that are gone are passed over", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  world.core->on_closed(peer.connection.id, world.now);
  peer.connection.link->aborted = true;
  NativePeer next(world);  // in the same slot
  peer.say(Ping{1});
  world.core->on_end(peer.connection.id, world.now);
  world.core->on_drained(peer.connection.id, world.now);
  world.core->on_closed(peer.connection.id, world.now);
  world.core->on_read(ReadId{77}, Bytes{}, world.now);
  CHECK(world.core->stats().connections == 1);
  CHECK_FALSE(next.connection.link->released());
}

}  // namespace xylem
