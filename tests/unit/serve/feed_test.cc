// What a reader of a feed is sent, from wherever it begins: the join of history and now, and the answers to cursors.
#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

FeedCursor at(std::uint64_t version, std::optional<std::uint32_t> hash = {}) {
  return {FeedEpoch(kSampleEpoch.value), Version(version), hash};
}

std::uint32_t hash_of(const RecordMaker& maker, std::size_t record) {
  return ByteReader(link_of(maker.record(record).decoded)).u32();
}

// open, three batches of two events each, other feeds between.
void make_history(TestLog& log) {
  log.maker.open(kFeed);
  for (int i = 0; i < 3; ++i) {
    log.maker.batch(kOtherFeed);
    log.maker.batch(kFeed, 2);
  }
}

std::size_t record_bytes(const std::vector<Heard>& heard) {
  std::size_t bytes = 0;
  for (const Heard& each : heard) bytes += each.type == FrameType::record ? each.frame.size() : 0;
  return bytes;
}

}  // namespace

TEST_CASE("From the start a reader gets the open notice, the history, then what comes", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 1", "record 3", "record 5", "record 7", "live 6"});

  world.five.maker.batch(kOtherFeed);
  world.five.maker.batch(kFeed);
  world.publish();
  CHECK(lines(peer.take()) == Lines{"record 9"});
}

TEST_CASE("Versions go on in a feed's new epoch, and begin anew after an erasure", "[serve]") {
  Serving world;
  make_history(world.five);
  SECTION("after a reset") {
    world.five.maker.feeds[kFeed].epoch = FeedEpoch(kSampleEpoch.value + 9);
    world.five.maker.open(kFeed, OpenNotice::Reason::reset);
    world.five.publish();
    world.start();
    NativePeer peer(world);
    peer.greet();
    peer.subscribe(kFeed);
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 1", "record 3", "record 5", "record 7", "record 8", "live 6"});
  }
  SECTION("after an erasure") {
    world.five.maker.notice(kFeed, EraseNotice{});
    world.five.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 9), {}, {}};
    world.five.maker.open(kFeed);
    world.five.publish();
    world.start();
    NativePeer peer(world);
    peer.greet();
    peer.subscribe(kFeed);
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 9", "live 0"});
  }
}

TEST_CASE("Records arrive byte for byte as they are stored", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  world.five.maker.batch(kFeed);
  world.publish();
  const std::vector<Bytes> records = peer.take_records();
  REQUIRE(records.size() == 5);
  CHECK(records[0] == world.five.maker.frames[0]);
  CHECK(records[3] == world.five.maker.frames[6]);
  CHECK(records[4] == world.five.maker.frames[7]);
}

TEST_CASE("A resumed reader is sent only the gap", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  SECTION("after a batch") {
    peer.subscribe(kFeed, at(4));
    world.settle();
    const auto heard = peer.take();
    CHECK(lines(heard) == Lines{"record 7", "live 6"});
    CHECK(record_bytes(heard) == world.five.maker.frames[6].size());
  }
  SECTION("within a batch, which is sent whole") {
    peer.subscribe(kFeed, at(3));
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 5", "record 7", "live 6"});
  }
  SECTION("at the head there is none") {
    peer.subscribe(kFeed, at(6));
    world.settle();
    const auto heard = peer.take();
    CHECK(lines(heard) == Lines{"live 6"});
    CHECK(record_bytes(heard) == 0);
  }
  SECTION("whatever epoch, when it names none") {
    peer.subscribe(kFeed, {FeedEpoch(0), Version(4), {}});
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 7", "live 6"});
  }
}

TEST_CASE("Notices after a reader's version are sent too, in their place", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.maker.notice(kFeed, ExpireNotice{from_ms(kSampleEpoch.value)});
  world.five.maker.batch(kFeed);
  world.five.maker.notice(kFeed, CloseNotice{Version(7)});
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed, at(6));
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 8", "record 9", "record 10", "live 7"});
  peer.subscribe(kFeed, at(7));
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 10", "live 7"});
}

TEST_CASE("A cursor with a hash is checked", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  const RecordMaker& maker = world.five.maker;
  SECTION("right, at the end of a batch") {
    peer.subscribe(kFeed, at(4, hash_of(maker, 4)));
    world.settle();
    CHECK(lines(peer.take()).back() == "live 6");
  }
  SECTION("right, within a batch") {
    peer.subscribe(kFeed, at(3, hash_of(maker, 4)));
    world.settle();
    CHECK(lines(peer.take()).back() == "live 6");
  }
  SECTION("right, at the head") {
    peer.subscribe(kFeed, at(6, hash_of(maker, 6)));
    world.settle();
    CHECK(lines(peer.take()).back() == "live 6");
  }
  SECTION("wrong, in the middle") {
    peer.subscribe(kFeed, at(4, hash_of(maker, 6)));
    world.settle();
    CHECK(lines(peer.take()) == Lines{"forked"});
  }
  SECTION("wrong, at the head") {
    peer.subscribe(kFeed, at(6, hash_of(maker, 4)));
    world.settle();
    CHECK(lines(peer.take()) == Lines{"forked"});
  }
}

TEST_CASE("What cannot be sent is told, and never another position taken", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  SECTION("an older epoch") {
    peer.subscribe(kFeed, {FeedEpoch(kSampleEpoch.value - 1), Version(2), {}});
    world.settle();
    const auto status = peer.take_only<Status>();
    REQUIRE(status.size() == 1);
    CHECK(status[0].code == StatusCode::epoch_changed);
    CHECK(status[0].head_epoch == kSampleEpoch.value);
  }
  SECTION("a bucket of others") {
    peer.subscribe(kUnownedFeed);
    world.settle();
    const auto status = peer.take_only<Status>();
    REQUIRE(status.size() == 1);
    CHECK(status[0].code == StatusCode::not_mine);
    CHECK(status[0].owners == std::vector<std::string>{"5-6"});
  }
  SECTION("a denied feed") {
    world.facts.denied = {kFeed};
    world.facts.abuse_contact = "abuse@relay.example";
    world.set_facts();
    peer.subscribe(kFeed);
    world.settle();
    const auto status = peer.take_only<Status>();
    REQUIRE(status.size() == 1);
    CHECK(status[0].code == StatusCode::withheld);
    CHECK(status[0].text == "abuse@relay.example");
  }
  world.five.maker.batch(kFeed);
  world.publish();
  world.settle();
  CHECK(peer.take().empty());
  CHECK(world.core->stats().feed_subscriptions == 0);
}

TEST_CASE("A feed nobody has heard of may still come", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  CHECK(lines(peer.take()) == Lines{"empty_so_far"});
  world.five.maker.open(kFeed);
  world.five.maker.batch(kFeed);
  world.publish();
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 1", "record 2", "live 1"});
}

TEST_CASE("Whether a feed exists is not certain where the log does not begin at 1", "[serve]") {
  Serving world;
  world.facts.path.push_back(relay_id_of(sample_key(11).public_key()));
  world.five.maker.seq = Seq(99);
  world.five.maker.batch(kOtherFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  const auto status = peer.take_only<Status>();
  REQUIRE(status.size() == 1);
  CHECK(status[0].code == StatusCode::not_held);
  CHECK(status[0].owners.size() == 2);
}

TEST_CASE("A reader ahead of this node waits for it", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  SECTION("a version that is not there yet") {
    peer.subscribe(kFeed, at(8));
    world.settle();
    const auto status = peer.take_only<Status>();
    REQUIRE(status.size() == 1);
    CHECK(status[0].code == StatusCode::from_the_future);
    CHECK(status[0].head_position == 6);
    world.five.maker.batch(kFeed);
    world.publish();
    world.settle();
    CHECK(peer.take().empty());  // told once
    world.five.maker.batch(kFeed, 3);
    world.publish();
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 9", "live 10"});
  }
  SECTION("an epoch that is not there yet") {
    const FeedEpoch next(kSampleEpoch.value + 5);
    peer.subscribe(kFeed, {next, Version(0), {}});
    world.settle();
    CHECK(lines(peer.take()) == Lines{"from_the_future"});
    world.five.maker.feeds[kFeed] = {next, {}, {}};
    world.five.maker.open(kFeed);
    world.five.maker.batch(kFeed);
    world.publish();
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 8", "record 9", "live 1"});
  }
}

TEST_CASE("A feed that was deleted says so, and lives again when it is opened", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.maker.notice(kFeed, EraseNotice{});
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 8", "live 0"});
  world.five.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 1), {}, {}};
  world.five.maker.open(kFeed);
  world.publish();
  CHECK(lines(peer.take()) == Lines{"record 9"});
  NativePeer late(world);
  late.greet();
  late.subscribe(kFeed);
  world.settle();
  CHECK(lines(late.take()) == Lines{"record 9", "live 0"});
}

TEST_CASE("A feed that is denied while it is read ends for its readers", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  peer.subscribe(kOtherFeed);
  world.settle();
  peer.take();
  world.facts.denied = {kFeed};
  world.set_facts();
  CHECK(lines(peer.take()) == Lines{"withheld"});
  world.five.maker.batch(kFeed);
  world.five.maker.batch(kOtherFeed);
  world.publish();
  CHECK(lines(peer.take()) == Lines{"record 9"});
}

TEST_CASE("Unsubscribing is silent and at once", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed, at(6));
  peer.subscribe(Bucket(6));
  world.settle();
  peer.take();
  peer.say(Unsubscribe{{Bucket(6)}, {kFeed, kOtherFeed}});
  world.five.maker.batch(kFeed);
  world.six.maker.batch(kForeignFeed);
  world.publish();
  world.settle();
  CHECK(peer.take().empty());
  CHECK(world.core->stats().feed_subscriptions == 0);
  CHECK(world.core->stats().bucket_subscriptions == 0);
}

TEST_CASE("Subscribed again, a feed begins anew from the new cursor", "[serve]") {
  Serving world;
  make_history(world.five);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed, at(6));
  world.settle();
  peer.take();
  peer.subscribe(kFeed, at(4));
  world.settle();
  CHECK(lines(peer.take()) == Lines{"record 7", "live 6"});
  CHECK(world.core->stats().feed_subscriptions == 1);
}

TEST_CASE("One connection reads many feeds of several buckets", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  Subscribe frame;
  for (std::uint64_t i = 0; i < 200; ++i) frame.feeds.push_back({FeedId(5 + 12 * i + i % 2), {}, FeedMode::events});
  peer.say(frame);
  world.settle();
  CHECK(peer.take().size() == 200);
  for (std::uint64_t i = 0; i < 200; ++i) {
    TestLog& log = i % 2 == 0 ? world.five : world.six;
    log.maker.open(FeedId(5 + 12 * i + i % 2));
    log.maker.batch(FeedId(5 + 12 * i + i % 2));
  }
  world.publish();
  world.settle();
  CHECK(peer.take_records().size() == 400);
}

TEST_CASE("What is new for a connection leaves as one write", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  peer.subscribe(kForeignFeed);
  world.five.maker.open(kFeed);
  world.six.maker.open(kForeignFeed);
  world.publish();
  world.settle();
  peer.take();
  const std::size_t before = peer.connection.link->writes;
  for (int i = 0; i < 10; ++i) world.five.maker.batch(kFeed);
  world.six.maker.batch(kForeignFeed);
  world.publish();
  CHECK(peer.take_records().size() == 11);
  CHECK(peer.connection.link->writes == before + 1);
}

TEST_CASE("A record is copied once for all its readers", "[serve]") {
  Serving world;
  world.start();
  std::vector<std::unique_ptr<NativePeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<NativePeer>(world));
    peers.back()->greet();
    peers.back()->subscribe(kFeed);
  }
  world.five.maker.open(kFeed);
  world.publish();
  world.settle();
  world.five.maker.batch(kFeed);
  world.publish();
  CHECK(world.core->stats().records_walked == 2);
  CHECK(world.core->stats().records_delivered == 3);
}

TEST_CASE("A snapshot is offered to who takes state, and the rest follows it", "[serve]") {
  Serving world;
  make_history(world.five);
  SnapshotNotice snapshot;
  snapshot.at = Version(4);
  snapshot.batch_link = link_of(world.five.maker.record(4).decoded);
  snapshot.reducer = "comments/1";
  world.five.maker.notice(kFeed, snapshot);
  world.five.maker.batch(kFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  SECTION("from the start") {
    peer.subscribe(kFeed, {}, FeedMode::state);
    world.settle();
    const auto heard = peer.take();
    CHECK(lines(heard) == Lines{"snapshot_follows", "record 7", "record 8", "record 9", "live 7"});
    CHECK(std::get<Status>(heard[0].control()).snapshot == world.five.maker.frames[7]);
  }
  SECTION("not when the reader is further already") {
    peer.subscribe(kFeed, at(5), FeedMode::state);
    world.settle();
    CHECK(lines(peer.take()) == Lines{"record 7", "record 8", "record 9", "live 7"});
  }
  SECTION("and never to who takes events") {
    peer.subscribe(kFeed);
    world.settle();
    CHECK(lines(peer.take()).front() == "record 1");
  }
}

}  // namespace xylem
