// Serving loops on real sockets, threads and files, while a writer writes.
#include "relay/serve/loop/serving_pool.h"

#include <atomic>
#include <thread>

#include "relay/log/posix_storage.h"
#include "tests/unit/log/log_folder_on_disk.h"
#include "tests/unit/serve/loop/blocking_peer.h"
#include "tests/unit/serve/serving.h"

namespace xylem {

namespace {

class ThreadSafeNode final : public ServeNode {
 public:
  void on_have(ConnectionId, const RelayId&, const Have&) override { ++haves; }
  void on_evidence(ConnectionId, const Evidence&) override {}
  std::shared_ptr<const Bytes> blob(const Hash256&) override { return nullptr; }
  std::uint64_t readers() const override { return 0; }

  std::atomic<int> haves = 0;
};

struct Node {
  explicit Node(const BucketLogOptions& options = {})
      : storage(PosixStorage::open(folder.path(), PosixStorage::Access::write).value()),
        log(BucketLog::open(*storage, "b", kBucket, options).value()) {
    facts.accept_any_relay = true;
    maker.noisy = true;
  }

  void start(std::size_t threads, const ServeLimits& limits = {}) {
    ServingPoolOptions options;
    options.threads = threads;
    options.addresses = {SocketAddress::parse("127.0.0.1:0").value()};
    options.loop.limits = limits;
    pool = ServingPool::start(node, {log.get()}, std::make_shared<ServeFacts>(facts), options).value();
  }
  // The writer's turn.
  void publish() {
    for (; published < maker.frames.size(); published += std::min<std::size_t>(500, maker.frames.size() - published)) {
      XYLEM_ASSERT(log->append(maker.records(published, 500)));
    }
    log->publish();
    pool->wake();
  }
  SocketAddress address() const { return pool->addresses().front(); }

  Hello hello(Role role) const {
    Hello frame;
    frame.zone = zone.id;
    frame.role = role;
    frame.host = "relay.example";
    frame.port = 7720;
    if (role == Role::relay) frame.relay = relay_id_of(sample_key(21).public_key());
    return frame;
  }
  void greet(BlockingPeer& peer, Role role = Role::reader) const {
    peer.say(ByteView(kNativeMagic));
    peer.say(hello(role));
  }
  void subscribe(BlockingPeer& peer, FeedId feed, std::uint64_t version = 0) const {
    Subscribe frame;
    frame.feeds = {{feed, {FeedEpoch(version == 0 ? 0 : kSampleEpoch.value), Version(version), {}}, FeedMode::events}};
    peer.say(frame);
  }

  FolderOnDisk folder;
  SampleZone zone;
  ServeFacts facts = facts_of(zone);
  RecordMaker maker{zone};
  std::size_t published = 0;
  std::unique_ptr<PosixStorage> storage;
  std::unique_ptr<BucketLog> log;
  ThreadSafeNode node;
  std::unique_ptr<ServingPool> pool;  // last: its threads use the rest
};

BucketLogOptions mostly_cold() {
  BucketLogOptions options;
  options.segment_bytes = 128 * kKiB;
  options.hot_bytes = 32 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  return options;
}

// The version of the next batch that a peer hears of.
std::uint64_t next_version(BlockingPeer& peer) {
  for (auto record = peer.record(); record; record = peer.record()) {
    if (record->is_batch()) return record->first_version.value;
  }
  return 0;
}

}  // namespace

TEST_CASE("A reader on a real socket gets history, then what comes", "[loop]") {
  Node world;
  world.maker.open(kFeed);
  world.maker.batch(kFeed);
  world.start(1);
  world.publish();
  BlockingPeer peer(world.address());
  world.greet(peer);
  world.subscribe(peer, kFeed);
  CHECK(peer.record()->type == RecordType::open);
  CHECK(next_version(peer) == 1);
  world.maker.batch(kFeed);
  world.publish();
  CHECK(next_version(peer) == 2);
}

TEST_CASE("A cold bucket goes from file to socket, whole and in order", "[loop]") {
  Node world(mostly_cold());
  for (int i = 0; i < 3000; ++i) world.maker.batch(kFeed, 1, 1000);
  world.start(1);
  world.publish();
  BlockingPeer peer(world.address(), 16 * 1024);  // a small window: sendfile must wait, and go on
  world.greet(peer, Role::relay);
  Subscribe frame;
  frame.buckets = {{kBucket, {}, {}, {}}};
  peer.say(frame);
  for (std::uint64_t token = 1; token <= 20; ++token) peer.say(Ping{token});
  Bytes all;
  std::uint64_t pongs = 0;
  while (all.size() < 3'000'000) {
    const Bytes next = peer.frame();
    REQUIRE_FALSE(next.empty());
    if (static_cast<FrameType>(next[4]) == FrameType::pong) ++pongs;
    if (static_cast<FrameType>(next[4]) != FrameType::record) continue;
    REQUIRE(next == world.maker.frames[parse_record(ByteView(next)).value().header().seq.value - 1]);
    all.insert(all.end(), next.begin(), next.end());
  }
  CHECK(pongs == 20);
}

TEST_CASE("HTTP is spoken on the same port", "[loop]") {
  Node world(mostly_cold());
  world.maker.open(kFeed);
  for (int i = 0; i < 500; ++i) world.maker.batch_of(kFeed, {"\"" + std::string(1000, 'a') + "\""});
  world.start(1);
  world.publish();
  BlockingPeer peer(world.address());
  peer.say(
      as_bytes("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
               "GET /v1/stream/31337 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  while (peer.hear()) continue;
  const std::string_view text = as_text(peer.heard);
  CHECK(text.starts_with("HTTP/1.1 200 OK"));
  CHECK(text.find("\r\n\r\nok\n") != std::string_view::npos);
  CHECK(text.size() > 500 * 1000);
  CHECK(text.ends_with("0\r\n\r\n"));
}

TEST_CASE("Loops serve while the writer writes, drops and clears", "[loop]") {
  constexpr std::size_t kReaders = 6;
  constexpr std::uint64_t kVersions = 600;
  Node world(mostly_cold());
  world.maker.open(kFeed);
  world.start(3);
  world.publish();

  std::atomic<int> right = 0;
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < kReaders; ++i) {
    readers.emplace_back([&world, &right] {
      BlockingPeer peer(world.address());
      world.greet(peer);
      world.subscribe(peer, kFeed);
      std::uint64_t expected = 1;
      while (expected <= kVersions && next_version(peer) == expected) ++expected;
      if (expected == kVersions + 1) ++right;
    });
  }
  for (std::uint64_t i = 0; i < kVersions; ++i) {
    world.maker.batch(kFeed, 1, 500);
    if (i % 4 == 3) world.publish();
    if (i % 100 == 50) world.pool->set_facts(std::make_shared<ServeFacts>(world.facts));
    world.log->collect();
  }
  world.publish();
  for (std::thread& reader : readers) reader.join();
  CHECK(right == kReaders);

  // Then the writer gives up the oldest, and all of it, while others ask.
  std::vector<std::thread> askers;
  std::atomic<bool> stop = false;
  for (int i = 0; i < 3; ++i) {
    askers.emplace_back([&world, &stop] {
      while (!stop) {
        BlockingPeer peer(world.address());
        world.greet(peer);
        world.subscribe(peer, kFeed, 300);
        peer.say(Fetch{1, FetchChunk{kBucket, Seq(100), Seq(200)}});
        for (int frames = 0; frames < 20 && peer.say(Ping{1}); ++frames) static_cast<void>(peer.frame());
      }
    });
  }
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 20; ++i) world.maker.batch(kFeed, 1, 1000);
    world.publish();
    REQUIRE(world.log->retain(256 * kKiB));
    world.log->collect();
    world.pool->wake();
  }
  REQUIRE(world.log->clear());
  world.log->collect();
  world.pool->wake();
  stop = true;
  for (std::thread& asker : askers) asker.join();
}

TEST_CASE("All loops share one port, and one that is taken is an error", "[loop]") {
  Node world;
  world.start(3);
  REQUIRE(world.pool->addresses().size() == 1);
  CHECK(world.address().port() != 0);
  ServingPoolOptions options;
  options.addresses = {SocketAddress::parse("192.0.2.1:1").value()};  // not ours
  const auto refused =
      ServingPool::start(world.node, {world.log.get()}, std::make_shared<ServeFacts>(world.facts), options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kIo);
}

TEST_CASE("Peers are told of breaches, and of the end", "[loop]") {
  Node world;
  world.start(2);
  SECTION("a breach: the error arrives before the end") {
    BlockingPeer peer(world.address());
    peer.say(ByteView(kNativeMagic));
    peer.say(Ping{1});
    const Bytes frame = peer.frame();
    REQUIRE_FALSE(frame.empty());
    CHECK(static_cast<FrameType>(frame[4]) == FrameType::error);
    CHECK(peer.frame().empty());
  }
  SECTION("no protocol at all") {
    BlockingPeer peer(world.address());
    peer.say(as_bytes("\x16\x03\x01\x00"));
    CHECK_FALSE(peer.hear());
  }
  SECTION("the pool's end") {
    BlockingPeer peer(world.address());
    world.greet(peer);
    CHECK_FALSE(peer.frame().empty());
    world.pool.reset();
    while (peer.hear()) continue;
    SUCCEED();
  }
}

TEST_CASE("Counts of all loops add up, and peers that go are forgotten", "[loop]") {
  Node world;
  world.start(3);
  {
    std::vector<std::unique_ptr<BlockingPeer>> peers;
    for (int i = 0; i < 20; ++i) {
      peers.push_back(std::make_unique<BlockingPeer>(world.address()));
      world.greet(*peers.back());
      REQUIRE_FALSE(peers.back()->frame().empty());
    }
    while (world.pool->stats().readers < 20) std::this_thread::yield();
    CHECK(world.pool->stats().connections_total == 20);
  }
  while (world.pool->stats().connections > 0) std::this_thread::yield();
  CHECK(world.pool->stats().readers == 0);
}

TEST_CASE("Who catches up quickly gets one unit a turn, and the others have theirs in between", "[serve]") {
  Node node;
  for (int i = 0; i < 100; ++i) node.maker.batch(kFeed, 1, 20'000);
  for (; node.published < node.maker.frames.size(); node.published += 50) {
    REQUIRE(node.log->append(node.maker.records(node.published, 50)));
  }
  node.log->publish();

  Loop loop;
  BucketLog* const logs[] = {node.log.get()};
  ServingLoop serving(loop, node.node, logs, std::make_shared<ServeFacts>(node.facts));
  BlockingPeer peer(serving.listen(SocketAddress::parse("127.0.0.1:0").value()).value(), 8 * 1024 * 1024);
  node.greet(peer);
  node.subscribe(peer, kFeed);
  const std::uint64_t unit = ServeLimits{}.unit_bytes_max + 64 * kKiB;  // and what else is said
  std::uint64_t before = 0;
  while (serving.stats().feed_subscriptions == 0 || serving.stats().sent_bytes > before) {
    before = serving.stats().sent_bytes;
    loop.run_once();
    REQUIRE(serving.stats().sent_bytes - before <= unit);
  }
  CHECK(before > 2 * unit);
}

}  // namespace xylem
