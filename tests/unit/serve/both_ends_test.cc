// The serving core and the child's session, the one's output being the other's input: what each believes of the other.
#include "client/session/upstream_session.h"
#include "tests/unit/serve/serving.h"
#include "tests/unit/session/heard_upstream.h"

namespace xylem {

namespace {

using Lines = std::vector<std::string>;

// A child with a real session on a connection of a Serving.
class Child {
 public:
  Child(Serving& serving, Role role, const std::string& host = "relay.example")
      : world(serving), trust(serving.zone.id) {
    UpstreamOptions options;
    options.role = role;
    options.host = host;
    options.port = 7720;
    options.agent = "child";
    if (role == Role::relay) options.key = &key;
    connection = world.connect();
    session = std::make_unique<UpstreamSession>(trust, book, options, Nonce{42}, heard, world.now);
    exchange();
  }

  // Both ends say what they have, until neither has more.
  void exchange() {
    for (int round = 0; round < 100'000; ++round) {
      const Bytes up = session->take_output(world.now);
      if (!up.empty() && !connection.link->released()) world.core->on_bytes(connection.id, up, world.now);
      world.settle();
      const Bytes down = std::exchange(connection.link->received, {});
      if (!down.empty()) session->on_bytes(down, world.now);
      if (connection.link->room != SIZE_MAX) world.drain(connection, 700);
      if (up.empty() && down.empty() && connection.link->queued_bytes() == 0) return;
    }
    FAIL("never done");
  }
  void subscribe(FeedId feed, const FeedPosition& from = {}) {
    REQUIRE(session->subscribe(feed, from));
    exchange();
  }
  void subscribe(Bucket bucket, const ChainPosition& from = {}) {
    REQUIRE(session->subscribe(bucket, from));
    exchange();
  }

  Serving& world;
  SigningKey key = sample_key(21);
  Trust trust;
  RedactionBook book;
  HeardUpstream heard;
  Serving::Connection connection{};
  std::unique_ptr<UpstreamSession> session;
};

void make_history(TestLog& log, int batches) {
  log.maker.open(kFeed);
  for (int i = 0; i < batches; ++i) {
    log.maker.batch(kFeed, 2, 300);
    log.maker.batch(kOtherFeed, 1, 300);
  }
}

std::vector<std::string> marks_of(const TestLog& log, FeedId feed) {
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < log.maker.frames.size(); ++i) {
    if (log.maker.record(i).header().feed == feed) marks.push_back(HeardUpstream::mark_of(log.maker.frames[i]));
  }
  return marks;
}

BucketLogOptions mostly_cold() {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 8 * kKiB;
  return options;
}

}  // namespace

TEST_CASE("A reader learns the manifest and every record of its feed", "[serve][both]") {
  Serving world;
  make_history(world.five, 3);
  world.five.publish();
  world.start();
  Child child(world, Role::reader);
  CHECK(child.heard.take() == Lines{"2 buckets", "path of 2", "manifest 1", "ready, identified"});
  child.subscribe(kFeed);
  CHECK(child.heard.frames == marks_of(world.five, kFeed));
  CHECK(child.heard.lines.back() == "status 1 head 6");
  world.five.maker.batch(kFeed);
  world.publish();
  child.exchange();
  CHECK(child.heard.frames == marks_of(world.five, kFeed));
  CHECK_FALSE(child.session->failed());
}

TEST_CASE("A reader resumes where it was, on another connection", "[serve][both]") {
  Serving world;
  make_history(world.five, 3);
  world.five.publish();
  world.start();
  FeedPosition position;
  {
    Child child(world, Role::reader);
    child.subscribe(kFeed);
    position = *child.session->position(kFeed);
    world.core->on_closed(child.connection.id, world.now);
    child.connection.link->aborted = true;
  }
  world.five.maker.batch(kFeed);
  world.five.maker.batch(kFeed);
  world.publish();
  Child child(world, Role::reader);
  child.subscribe(kFeed, position);
  const auto all = marks_of(world.five, kFeed);
  CHECK(child.heard.frames == std::vector(all.end() - 2, all.end()));
  CHECK_FALSE(child.session->failed());
}

TEST_CASE("A relay verifies a whole bucket, cold and live, on a quick and on a slow connection", "[serve][both]") {
  Serving world(mostly_cold());
  world.facts.accept_any_relay = true;
  make_history(world.five, 300);
  world.five.publish();
  world.start();
  Child child(world, Role::relay);
  SECTION("quick") {}
  SECTION("slow") { child.connection.link->room = 0; }
  SECTION("from files") { child.connection.link->plain = true; }
  child.subscribe(kBucket);
  CHECK(world.core->stats().relays == 1);
  CHECK(child.session->position(kBucket)->seq == world.five.maker.seq);
  CHECK(child.session->position(kBucket)->link == world.five.maker.link);
  make_history(world.five, 20);
  world.publish();
  child.exchange();
  CHECK(child.session->position(kBucket)->link == world.five.maker.link);
  CHECK_FALSE(child.session->failed());
}

TEST_CASE("A relay that dialled a host which is not advertised leaves", "[serve][both]") {
  Serving world;
  world.start();
  Child child(world, Role::relay, "elsewhere.example");
  CHECK(child.session->failed());
  CHECK(child.session->failure().error.code == ErrorCode::kNotMe);
}

TEST_CASE("A newer manifest reaches children that are connected", "[serve][both]") {
  Serving world;
  world.start();
  Child child(world, Role::reader);
  world.zone.manifest.serial = 2;
  const ServeFacts newer = facts_of(world.zone);
  world.facts.manifest = newer.manifest;
  world.facts.manifest_bytes = newer.manifest_bytes;
  world.facts.manifest_hash = newer.manifest_hash;
  world.set_facts();
  child.heard.take();
  child.exchange();
  CHECK(child.heard.take() == Lines{"manifest 2"});
}

TEST_CASE("What a child fetches is what the log holds", "[serve][both]") {
  Serving world(mostly_cold());
  make_history(world.five, 100);
  world.five.publish();
  world.start();
  Child child(world, Role::reader);
  child.heard.take();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < 50; ++i) bytes += world.five.maker.frames[i].size();
  REQUIRE(child.session->fetch(FetchChunk{kBucket, Seq(1), Seq(50)}));
  REQUIRE(child.session->fetch(FetchFeedHead{FeedId(17)}));
  child.exchange();
  CHECK(child.heard.lines.size() == 2);
  CHECK(std::ranges::any_of(child.heard.lines, [&](const std::string& line) {
    return line.ends_with(": " + std::to_string(bytes) + " bytes");
  }));
  CHECK(
      std::ranges::any_of(child.heard.lines, [](const std::string& line) { return line.ends_with("E_UNKNOWN_FEED"); }));
}

TEST_CASE("An idle pair stays alive for an hour", "[serve][both]") {
  Serving world;
  world.facts.accept_any_relay = true;
  make_history(world.five, 1);
  world.five.publish();
  world.start();
  Child relay(world, Role::relay), reader(world, Role::reader);
  relay.subscribe(kBucket);
  reader.subscribe(kFeed);
  const MonoTime end = world.now + 1h;
  while (world.now < end) {
    const MonoTime due = std::min({world.core->deadline(), relay.session->deadline(), reader.session->deadline(), end});
    world.now = std::max(world.now, due);
    world.settle();
    for (Child* child : {&relay, &reader}) {
      child->session->on_deadline(world.now);
      child->exchange();
    }
  }
  CHECK_FALSE(relay.session->failed());
  CHECK_FALSE(reader.session->failed());
  CHECK(world.core->stats().connections == 2);
}

TEST_CASE("A relay below is sent denied records withheld, and takes them as missing", "[serve][both]") {
  Serving world;
  world.facts.accept_any_relay = true;
  world.facts.denied = {kOtherFeed};
  make_history(world.five, 2);
  world.five.publish();
  world.start();
  Child relay(world, Role::relay);
  relay.subscribe(kBucket);
  const Lines lines = relay.heard.take();
  CHECK(std::ranges::any_of(lines, [](const std::string& line) { return line == "bucket 5: 1 2 3w 4 5w"; }));
  CHECK_FALSE(relay.session->failed());
}

}  // namespace xylem
