// What a child relay is sent of a bucket.
#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

void make_history(TestLog& log, int records = 6) {
  for (int i = 0; i < records; ++i) log.maker.batch(i % 2 == 0 ? kFeed : kOtherFeed, 1, 300);
}

struct World : Serving {
  explicit World(const BucketLogOptions& options = {}) : Serving(options) { facts.accept_any_relay = true; }
};

Bytes all_frames(const TestLog& log, std::size_t from = 0) {
  Bytes all;
  for (std::size_t i = from; i < log.maker.frames.size(); ++i) {
    all.insert(all.end(), log.maker.frames[i].begin(), log.maker.frames[i].end());
  }
  return all;
}

Bytes joined(const std::vector<Bytes>& frames) {
  Bytes all;
  for (const Bytes& frame : frames) all.insert(all.end(), frame.begin(), frame.end());
  return all;
}

}  // namespace

TEST_CASE("A child gets the whole bucket, then what comes", "[serve]") {
  World world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket);
  world.settle();
  CHECK(lines(child.take()) == Lines{"record 1", "record 2", "record 3", "record 4", "record 5", "record 6", "live 6"});
  make_history(world.five, 2);
  world.publish();
  CHECK(lines(child.take()) == Lines{"record 7", "record 8"});
}

TEST_CASE("A child that resumes is sent only the gap", "[serve]") {
  World world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  SECTION("in the middle") {
    const std::uint32_t hash = ByteReader(link_of(world.five.maker.record(3).decoded)).u32();
    child.subscribe(kBucket, kSampleEpoch, Seq(4), hash);
    world.settle();
    CHECK(lines(child.take()) == Lines{"record 5", "record 6", "live 6"});
  }
  SECTION("at the head") {
    const std::uint32_t hash = ByteReader(world.five.maker.link).u32();
    child.subscribe(kBucket, kSampleEpoch, Seq(6), hash);
    world.settle();
    CHECK(lines(child.take()) == Lines{"live 6"});
  }
  SECTION("of an empty bucket") {
    child.subscribe(Bucket(6));
    world.settle();
    CHECK(lines(child.take()) == Lines{"live 0"});
  }
}

TEST_CASE("A child's cursor that leads nowhere is told", "[serve]") {
  World world;
  world.five.maker.seq = Seq(10);
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  Lines expected;
  SECTION("below the floor") {
    child.subscribe(kBucket, kSampleEpoch, Seq(9));
    expected = {"too_old"};
  }
  SECTION("from the start, which is below the floor") {
    child.subscribe(kBucket);
    expected = {"too_old"};
  }
  SECTION("an older epoch") {
    child.subscribe(kBucket, Epoch(kSampleEpoch.value - 1), Seq(12));
    expected = {"epoch_changed"};
  }
  SECTION("an older epoch that reached further") {
    child.subscribe(kBucket, Epoch(kSampleEpoch.value - 1), Seq(99));
    expected = {"epoch_changed"};
  }
  SECTION("another history") {
    child.subscribe(kBucket, kSampleEpoch, Seq(12), 0x12345678);
    expected = {"forked"};
  }
  SECTION("another head") {
    child.subscribe(kBucket, kSampleEpoch, Seq(16), 0x12345678);
    expected = {"forked"};
  }
  SECTION("not of this node") {
    child.subscribe(Bucket(7));
    expected = {"not_mine"};
  }
  world.settle();
  const auto heard = child.take();
  CHECK(lines(heard) == expected);
  CHECK(world.core->stats().bucket_subscriptions == 0);
  if (expected == Lines{"too_old"}) CHECK(std::get<Status>(heard[0].control()).floor_position == 10);
}

TEST_CASE("Just above the floor a child is served, and the link of what it has is checked", "[serve]") {
  World world;
  world.five.maker.seq = Seq(10);
  world.five.maker.link.fill(7);
  make_history(world.five, 2);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket, kSampleEpoch, Seq(10), 0x07070707);
  world.settle();
  CHECK(lines(child.take()) == Lines{"record 11", "record 12", "live 12"});
  child.subscribe(kBucket, kSampleEpoch, Seq(10), 0x07070708);
  world.settle();
  CHECK(lines(child.take()) == Lines{"forked"});
}

TEST_CASE("A child ahead of its parent waits for it", "[serve]") {
  World world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket, kSampleEpoch, Seq(7));
  world.settle();
  CHECK(lines(child.take()) == Lines{"from_the_future"});
  make_history(world.five, 2);
  world.publish();
  world.settle();
  CHECK(lines(child.take()) == Lines{"record 8", "live 8"});
}

TEST_CASE("An older epoch is good up to where it ended", "[serve]") {
  World world;
  make_history(world.five, 4);
  world.five.maker.go_on_with(Epoch(kSampleEpoch.value + 1), world.zone.origin);
  make_history(world.five, 2);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket, kSampleEpoch, Seq(4));
  world.settle();
  CHECK(lines(child.take()) == Lines{"record 5", "record 6", "live 6"});
  child.subscribe(kBucket, kSampleEpoch, Seq(5));
  world.settle();
  CHECK(lines(child.take()) == Lines{"epoch_changed"});
  child.subscribe(kBucket, Epoch(kSampleEpoch.value + 1), Seq(3));
  world.settle();
  CHECK(lines(child.take()) == Lines{"from_the_future"});
}

TEST_CASE("Replay of a cold bucket", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 32 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  World world(options);
  make_history(world.five, 2000);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  const LogReader reader(*world.five.log);
  REQUIRE_FALSE(reader.hot_run(Seq(1), 1));

  SECTION("goes from file to socket where that is possible") {
    child.connection.link->plain = true;
    child.subscribe(kBucket);
    world.settle(false);
    CHECK(world.shell.reads.empty());
    CHECK(child.connection.link->files > 0);
    CHECK(joined(child.take_records()) == all_frames(world.five));
  }
  SECTION("else through file workers, one read at a time") {
    child.subscribe(kBucket);
    world.settle(false);
    CHECK(world.shell.reads.size() == 1);
    CHECK(child.take_records().empty());
    world.settle();
    CHECK(joined(child.take_records()) == all_frames(world.five));
  }
  SECTION("through file workers where feeds are denied, those withheld") {
    child.connection.link->plain = true;
    world.facts.denied = {kOtherFeed};
    world.set_facts();
    child.subscribe(kBucket);
    world.settle();
    CHECK(child.connection.link->files == 0);
    const auto records = child.take_records();
    REQUIRE(records.size() == 2000);
    CHECK(parse_record(ByteView(records[1])).value().form == RecordForm::withheld);
    CHECK(parse_record(ByteView(records[1999])).value().form == RecordForm::withheld);
    CHECK(records[0] == world.five.maker.frames[0]);
  }
  CHECK(world.core->stats().bucket_subscriptions == 1);
}

TEST_CASE("A child is sent a denied feed's records without their bodies", "[serve]") {
  World world;
  world.facts.denied = {kOtherFeed};
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket);
  world.settle();
  make_history(world.five, 4);
  world.publish();
  const auto heard = child.take();
  CHECK(lines(heard) == Lines{"live 0", "record 1", "withheld record 2", "record 3", "withheld record 4"});
  CHECK(parse_record(ByteView(heard[2].frame)).value().header() == world.five.maker.record(1).header());
}

TEST_CASE("A PONG comes after what was sent before it, and does not wait for the replay's end", "[serve]") {
  World world;
  make_history(world.five, 3000);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.connection.link->room = 0;
  child.subscribe(kBucket);
  world.settle();
  child.say(Ping{77});
  // The first unit waits in the socket, and the PONG behind it; nothing is added meanwhile.
  const std::size_t waiting = child.connection.link->queued_bytes();
  CHECK(waiting < 128 * kKiB);
  world.drain(child.connection, waiting);
  const Lines heard = lines(child.take());
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == "pong 77");
  world.drain(child.connection);
  world.settle();
  CHECK(lines(child.take()).back() == "live 3000");
}

TEST_CASE("Units grow on a quick connection and shrink on a slow one", "[serve]") {
  World world;
  make_history(world.five, 20000);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.connection.link->room = 0;
  child.subscribe(kBucket);
  world.settle();
  const std::size_t first = child.connection.link->queued_bytes();
  SECTION("slow: half a second for each") {
    for (int i = 0; i < 4; ++i) {
      world.now += 500ms;
      world.drain(child.connection, child.connection.link->queued_bytes());
      child.connection.link->room = 0;
      world.settle();
    }
    CHECK(child.connection.link->queued_bytes() <= first / 2);
    CHECK(child.connection.link->queued_bytes() > 0);
  }
  SECTION("quick: ten milliseconds for each") {
    for (int i = 0; i < 4; ++i) {
      world.now += 10ms;
      world.drain(child.connection, child.connection.link->queued_bytes());
      child.connection.link->room = 0;
      world.settle();
    }
    CHECK(child.connection.link->queued_bytes() >= 2 * first);
    CHECK(child.connection.link->queued_bytes() <= world.limits.unit_bytes_max + kKiB);
  }
}

TEST_CASE("When the log is cleared its readers are told", "[serve]") {
  World world;
  world.five.maker.open(kFeed);
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer child(world), reader(world), late(world);
  child.greet_as_relay();
  child.subscribe(kBucket);
  reader.greet();
  reader.subscribe(kFeed);
  world.settle();
  child.take();
  reader.take();
  REQUIRE(world.five.log->clear());

  SECTION("by the wake that follows") { world.core->on_wake(world.now); }
  SECTION("by the next who asks for a place") {
    late.greet();
    late.subscribe(kFeed);
  }
  world.settle();
  CHECK(lines(child.take()) == Lines{"epoch_changed"});
  CHECK(lines(reader.take()) == Lines{"empty_so_far"});
  // Another history begins; the feed is opened there anew.
  world.five.maker = RecordMaker(world.zone);
  world.five.maker.epoch = Epoch(kSampleEpoch.value + 9);
  world.five.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 9), {}, {}};
  world.five.published = 0;
  world.five.maker.open(kFeed);
  world.five.maker.batch(kFeed);
  world.publish();
  world.settle();
  CHECK(lines(reader.take()) == Lines{"epoch_changed"});
}

}  // namespace xylem
