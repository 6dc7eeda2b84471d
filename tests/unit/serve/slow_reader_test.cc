// Readers who do not keep up: they cost a place in the log, not memory, and come back to the present by themselves.
#include <malloc.h>

#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

std::unique_ptr<NativePeer> live_reader(Serving& world) {
  auto peer = std::make_unique<NativePeer>(world);
  peer->greet();
  peer->subscribe(kFeed);
  world.settle();
  peer->take();
  return peer;
}

void publish_batches(Serving& world, int count, std::size_t bytes = 1000) {
  for (int i = 0; i < count; ++i) {
    world.five.maker.batch(kFeed, 1, bytes);
    world.publish();
    world.settle();
  }
}

// Heads of records in order, none doubled, none missing.
void check_follows(const std::vector<Heard>& heard, std::uint64_t first, std::uint64_t last) {
  std::uint64_t version = first;
  for (const Heard& each : heard) {
    if (each.type != FrameType::record || !each.header().is_batch()) continue;
    REQUIRE(each.header().first_version.value == version);
    ++version;
  }
  CHECK(version == last + 1);
}

}  // namespace

TEST_CASE("A reader whose socket is full is left behind and catches up later", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto peer = live_reader(world);
  peer->connection.link->room = 0;
  publish_batches(world, 200);
  // The limit, and the record that passed it.
  CHECK(peer->connection.link->queued_bytes() < world.limits.reader_queue_bytes_max + 2 * kKiB);
  CHECK(world.core->stats().fell_behind_total == 1);

  world.drain(peer->connection);
  world.settle();
  check_follows(peer->take(), 1, 200);
  // It is live again, without a word about it.
  publish_batches(world, 1);
  CHECK(lines(peer->take()) == Lines{"record 202"});
}

TEST_CASE("A slow reader follows in units while others stay live", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto slow = live_reader(world);
  auto quick = live_reader(world);
  slow->connection.link->room = 0;
  std::vector<Heard> slow_heard, quick_heard;
  for (int round = 0; round < 50; ++round) {
    publish_batches(world, 10);
    world.drain(slow->connection, 5 * kKiB);
    slow->connection.link->room = 0;
    world.settle();
    for (Heard& heard : slow->take()) slow_heard.push_back(std::move(heard));
    std::vector<Heard> live = quick->take();
    REQUIRE(live.size() == 10);
  }
  while (slow->connection.link->queued_bytes() > 0) {
    world.drain(slow->connection);
    slow->connection.link->room = 0;
    world.settle();
    for (Heard& heard : slow->take()) slow_heard.push_back(std::move(heard));
  }
  check_follows(slow_heard, 1, 500);
}

TEST_CASE("What a reader asked for still comes in order when its socket is full", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto peer = live_reader(world);
  peer->connection.link->room = 0;
  publish_batches(world, 100);
  peer->say(Ping{5});
  peer->subscribe(kForeignFeed);
  world.drain(peer->connection);
  world.settle();
  const std::vector<Heard> heard = peer->take();
  check_follows(heard, 1, 100);
  const Lines said = lines(heard);
  CHECK(std::ranges::count(said, "pong 5") == 1);
  CHECK(std::ranges::count(said, "empty_so_far") == 1);
}

TEST_CASE("A thousand stalled readers leave memory flat", "[serve]") {
  const auto heap_growth = [](int readers) {
    Serving world;
    world.five.maker.open(kFeed);
    world.five.publish();
    world.start();
    std::vector<std::unique_ptr<NativePeer>> peers;
    for (int i = 0; i < readers; ++i) {
      peers.push_back(live_reader(world));
      peers.back()->connection.link->room = 0;
    }
    publish_batches(world, 100);  // until all have fallen behind
    const std::size_t before = mallinfo2().uordblks;
    std::size_t queued_before = 0, queued_after = 0;
    for (const auto& peer : peers) queued_before += peer->connection.link->queued_bytes();
    publish_batches(world, 300);
    for (const auto& peer : peers) queued_after += peer->connection.link->queued_bytes();
    CHECK(queued_after == queued_before);
    CHECK(world.core->stats().feed_subscriptions == static_cast<std::size_t>(readers));
    return static_cast<std::int64_t>(mallinfo2().uordblks - before);
  };
  const std::int64_t without = heap_growth(0);
  const std::int64_t with = heap_growth(1000);
  CHECK(with - without < 64 * 1024);
}

TEST_CASE("An idle native reader costs less than a kilobyte", "[serve]") {
  // Swallows everything, so that only the core's memory is measured.
  struct Sink final : ServeLink {
    void send(std::span<const SharedBytes>) override {}
    bool takes_files() const override { return false; }
    void send_file(const ColdRun&) override {}
    std::size_t queued_bytes() const override { return 0; }
    void set_reading(bool) override {}
    void close() override {}
    void abort() override {}
  };
  constexpr std::size_t kReaders = 2000;
  Serving world;
  world.start();
  NativePeer some(world);
  const Bytes hello = encode(some.hello());
  std::vector<Sink> sinks(kReaders);
  std::vector<ConnectionId> ids;
  ids.reserve(kReaders);
  const std::size_t before = mallinfo2().uordblks;
  for (std::size_t i = 0; i < kReaders; ++i) {
    const ConnectionId id = world.core->open(sinks[i], SocketAddress(), world.now);
    ids.push_back(id);
    world.core->on_bytes(id, kNativeMagic, world.now);
    world.core->on_bytes(id, hello, world.now);
    Subscribe subscribe;
    subscribe.feeds = {{FeedId(5 + 12 * i), {}, FeedMode::events}};  // a feed of its own: the worst case
    world.core->on_bytes(id, encode(subscribe), world.now);
    world.settle();
  }
  const std::size_t bytes = (mallinfo2().uordblks - before) / kReaders;
  CHECK(world.core->stats().feed_subscriptions == kReaders);
  INFO("bytes per reader: " << bytes);
  CHECK(bytes < 1024);
  for (const ConnectionId id : ids) world.core->on_closed(id, world.now);
}

TEST_CASE("Who takes nothing for a minute is closed", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto stalled = live_reader(world);
  auto trickling = live_reader(world);
  auto idle = live_reader(world);
  stalled->connection.link->room = trickling->connection.link->room = 0;
  publish_batches(world, 10);
  world.pass(30s);
  world.drain(trickling->connection);  // takes all that waited
  world.pass(31s);
  CHECK(stalled->connection.link->aborted);
  CHECK(world.core->stats().too_slow_total == 1);
  CHECK_FALSE(trickling->connection.link->released());
  CHECK_FALSE(idle->connection.link->released());
}

TEST_CASE("When all sockets together hold too much, the one stuck longest is closed", "[serve]") {
  ServeLimits limits;
  limits.output_bytes_max = 100 * kKiB;
  Serving world({}, limits);
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  std::vector<std::unique_ptr<NativePeer>> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(live_reader(world));
  for (const auto& peer : peers) {
    peer->connection.link->room = 0;
    publish_batches(world, 30);
    world.now += 1s;
  }
  CHECK(peers[0]->connection.link->aborted);
  CHECK_FALSE(peers[4]->connection.link->released());
  CHECK(world.core->stats().too_slow_total >= 1);
}

TEST_CASE("A reader that retention has passed is told how far", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 32 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  Serving world(options);
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto peer = live_reader(world);
  peer->connection.link->room = 0;
  publish_batches(world, 400);
  REQUIRE(world.five.log->retain(100 * kKiB));
  world.core->on_wake(world.now);
  world.drain(peer->connection);
  world.settle();
  const std::vector<Heard> heard = peer->take();
  CHECK(lines(heard).back() == "too_old");
  const auto status = std::get<Status>(heard.back().control());
  CHECK(status.floor_position > 0);
  CHECK(status.head_position == 400);
  CHECK(world.core->stats().feed_subscriptions == 0);
}

TEST_CASE("A loop that the hot tail has left behind serves from files and then live", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 32 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  Serving world(options);
  world.facts.accept_any_relay = true;
  world.five.maker.open(kFeed);
  world.five.publish();
  world.start();
  auto reader = live_reader(world);
  NativePeer child(world);
  child.greet_as_relay();
  child.subscribe(kBucket, kSampleEpoch, Seq(1));
  world.settle();
  child.take();
  for (int i = 0; i < 300; ++i) world.five.maker.batch(kFeed, 1, 1000);
  world.publish();  // one wake for all of it
  world.settle();
  check_follows(reader->take(), 1, 300);
  check_follows(child.take(), 1, 300);
  CHECK(world.core->stats().fell_behind_total == 2);
  publish_batches(world, 1);
  CHECK(lines(reader->take()) == Lines{"record 302"});
  CHECK(lines(child.take()) == Lines{"record 302"});
}

TEST_CASE("A cold read that fails ends the connection, and its place in line goes to the next", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  ServeLimits limits;
  limits.cold_reads_max = 1;
  Serving world(options, limits);
  world.five.maker.open(kFeed);
  for (int i = 0; i < 300; ++i) world.five.maker.batch(kFeed, 1, 1000);
  world.five.publish();
  world.start();
  NativePeer first(world), second(world), third(world);
  for (NativePeer* peer : {&first, &second, &third}) peer->greet();
  for (NativePeer* peer : {&first, &second, &third}) peer->subscribe(kFeed);
  world.settle(false);
  REQUIRE(world.shell.reads.size() == 1);
  CHECK(world.core->stats().cold_reads_waiting == 2);

  const ReadId failing = world.shell.reads.front().first;
  world.shell.reads.pop_front();
  world.core->on_closed(second.connection.id, world.now);
  second.connection.link->aborted = true;
  CHECK(world.core->stats().cold_reads_waiting == 1);
  world.core->on_read(failing, fail(ErrorCode::kIo, "disk"), world.now);
  CHECK(lines(first.take()).back() == "error E_IO");
  CHECK(first.connection.link->closed);
  REQUIRE(world.shell.reads.size() == 1);
  world.settle();
  check_follows(third.take(), 1, 300);
}

TEST_CASE("A reader that leaves while its file is read is forgotten", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  Serving world(options);
  world.five.maker.open(kFeed);
  for (int i = 0; i < 300; ++i) world.five.maker.batch(kFeed, 1, 1000);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle(false);
  REQUIRE(world.shell.reads.size() == 1);
  SECTION("by unsubscribing") {
    peer.say(Unsubscribe{{}, {kFeed}});
    world.settle();
    CHECK(peer.take_records().empty());
    peer.subscribe(kFeed);
    world.settle();
    check_follows(peer.take(), 1, 300);
  }
  SECTION("by closing") {
    world.core->on_closed(peer.connection.id, world.now);
    peer.connection.link->aborted = true;
    world.settle();
  }
  CHECK(world.core->stats().cold_reads == 0);
}

TEST_CASE("A child that takes all it is sent is sent more at once each time", "[serve]") {
  BucketLogOptions options;
  options.hot_bytes = 32 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  Serving world(options);
  world.facts.accept_any_relay = true;
  for (int i = 0; i < 2000; ++i) world.five.maker.batch(kFeed, 1, 300);
  world.five.publish();
  world.start();
  NativePeer child(world);
  child.greet_as_relay();
  child.connection.link->plain = true;
  child.subscribe(kBucket);
  world.settle();
  CHECK(child.connection.link->received.size() > 40 * world.limits.unit_bytes_min);
  CHECK(child.connection.link->files <= 5);  // it begins with 64 KiB, and doubles
}

}  // namespace xylem
