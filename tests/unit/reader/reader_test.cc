// The library's door, on real sockets and with a DNS server of the test's own.
#include "client/reader/reader.h"

#include <fstream>

#include "client/reader/zone_store.h"
#include "tests/unit/discovery/fake_dns.h"
#include "tests/unit/discovery/temporary_folder.h"
#include "tests/unit/reader/served_relay.h"
#include "tests/unit/session/heard_feed.h"

namespace xylem {
namespace {

struct ReaderWorld {
  Loop loop;
  SampleZone zone;
  RecordMaker maker{zone};
  HeardFeed heard;
  TemporaryFolder folder;
  std::vector<ZoneBelief> beliefs;

  ReaderWorld() { maker.open(kFeed); }

  Reader::Callbacks callbacks() {
    return {[this](const FeedEvent& event) { heard.on_event(event); },
            [this](const FeedStatus& status) { heard.on_status(status); },
            [this](const FeedNotice& notice) { heard.on_notice(notice); },
            [this](const RecordView& record) { heard.on_record(record); }};
  }
  std::unique_ptr<Reader> open(const ReaderOptions& options) {
    auto reader = std::make_unique<Reader>(loop, options);
    reader->on_belief([this](const ZoneBelief& belief) { beliefs.push_back(belief); });
    return reader;
  }
  // Reads to the end and gives the last status.
  FeedStatus read(const ReaderOptions& options, FollowOptions how = {}) {
    how.until_live = how.until_version == 0;
    const auto reader = open(options);
    reader->follow("31337", how, callbacks());
    run_until(loop, [&] { return ended(); });
    return heard.statuses.back();
  }
  bool ended() const {
    if (heard.statuses.empty()) return false;
    const FeedState state = heard.statuses.back().state;
    return state == FeedState::finished || state == FeedState::failed;
  }
};

TEST_CASE("a whole feed is read, and the loop ends by itself") {
  ReaderWorld world;
  world.maker.batch(kFeed, 3);
  {
    Loop& loop = world.loop;
    ServedRelay relay(loop, world.zone, world.maker);
    Reader reader(loop, {.server = relay.address()});
    reader.follow(
        "31337", {.until_live = true}, [&](const FeedEvent& event) { world.heard.on_event(event); },
        [&](const FeedStatus& status) {
          world.heard.on_status(status);
          if (world.ended()) relay.stop_listening();
        });
    run_until(loop, [&] { return world.ended(); });
    loop.run();  // to the polite end of the connection
    CHECK(relay.peers() == 0);
  }
  CHECK(world.heard.take() == Lines{"1", "2", "3"});
}

TEST_CASE("live events, notices and raw records come while it follows; stopped, nothing more") {
  ReaderWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  const auto reader = world.open({.server = relay.address()});
  const Reader::Id id = reader->follow("31337", {}, world.callbacks());
  CHECK(world.heard.statuses.empty());  // never from inside a call
  run_until(world.loop,
            [&] { return !world.heard.statuses.empty() && world.heard.statuses.back().state == FeedState::live; });
  world.maker.batch(kFeed, 2);
  relay.publish();
  run_until(world.loop, [&] { return world.heard.lines.size() == 3; });
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.heard.records == 2);

  reader->stop(id);
  reader->stop(id);
  reader->stop(99);
  run_until(world.loop, [&] { return relay.peers() == 0; });
  CHECK(world.heard.statuses.back().state == FeedState::live);
}

TEST_CASE("it may be stopped by its own event, and followed again from there") {
  ReaderWorld world;
  world.maker.batch(kFeed, 5);
  ServedRelay relay(world.loop, world.zone, world.maker);
  const auto reader = world.open({.server = relay.address()});
  Reader::Id id = 0;
  world.heard.when_event = [&](const FeedEvent& event) {
    if (event.version != Version(2)) return;
    reader->stop(id);
    id = reader->follow("31337", {.from = event.cursor.to_string(), .until_live = true}, world.callbacks());
  };
  id = reader->follow("31337", {}, world.callbacks());
  run_until(world.loop, [&] { return world.ended(); });
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3", "4", "5"});
}

TEST_CASE("several readings of one Reader go their own ways") {
  ReaderWorld world;
  world.maker.batch(kFeed, 5);
  ServedRelay relay(world.loop, world.zone, world.maker);
  const auto reader = world.open({.server = relay.address()});
  int all = 0;
  int some = 0;
  reader->follow("31337", {.until_live = true}, [&](const FeedEvent&) { ++all; });
  reader->follow("31337", {.until_version = 2}, [&](const FeedEvent&) { ++some; });
  run_until(world.loop, [&] { return all == 5 && some == 2; });
}

TEST_CASE("a connection that is cut is made again, and nothing is lost or doubled") {
  ReaderWorld world;
  world.maker.batch(kFeed, 2);
  ServedRelay relay(world.loop, world.zone, world.maker);
  const auto reader = world.open({.server = relay.address()});
  reader->follow("31337", {}, world.callbacks());
  run_until(world.loop, [&] { return world.heard.lines.size() == 3; });
  relay.cut();
  world.maker.batch(kFeed, 2);
  run_until(world.loop, [&] { return world.heard.lines.size() == 5; });
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3", "4"});
  CHECK(world.heard.news() == std::vector{FeedNews::server_lost});
}

TEST_CASE("nobody listens: with an end it fails after its patience") {
  ReaderWorld world;
  std::string address;
  {
    ServedRelay relay(world.loop, world.zone, world.maker);
    address = relay.address();
  }
  SECTION("and the zone is not known") { CHECK(world.read({.server = address}).state == FeedState::failed); }
  SECTION("and the zone is known") {
    const FeedStatus last =
        world.read({.server = address, .zone_id = to_hex(world.zone.id)}, {.patience = std::chrono::milliseconds(50)});
    CHECK(last.state == FeedState::failed);
    CHECK(last.error->code == ErrorCode::kIo);
  }
}

TEST_CASE("a server alone: the zone is learnt from it and told, and not pinned") {
  ReaderWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  CHECK(world.read({.server = relay.address(), .folder = world.folder.path()}).state == FeedState::finished);
  REQUIRE(world.beliefs.size() == 1);
  CHECK(world.beliefs[0].id == world.zone.id);
  CHECK(world.beliefs[0].reason == ZoneBelief::Reason::server);
  CHECK(!std::filesystem::exists(world.folder.path() / "pins"));
}

TEST_CASE("first use pins, later use knows, and another zone under the name is refused") {
  ReaderWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  ReaderOptions options{.zone = "Distributed.Example.", .server = relay.address(), .folder = world.folder.path()};
  CHECK(world.read(options).state == FeedState::finished);
  CHECK(world.read(options).state == FeedState::finished);
  REQUIRE(world.beliefs.size() == 2);
  CHECK(world.beliefs[0].reason == ZoneBelief::Reason::first_use);
  CHECK(world.beliefs[1].reason == ZoneBelief::Reason::pinned);
  CHECK(world.beliefs[1].zone == "distributed.example");

  SampleZone other;
  other.root = sample_key(66);
  other.id = zone_id_of(other.root.public_key());
  other.manifest.root_key = other.root.public_key();
  RecordMaker others(other);
  others.open(kFeed);
  ServedRelay impostor(world.loop, other, others);
  options.server = impostor.address();
  const FeedStatus last = world.read(options);
  CHECK(last.state == FeedState::failed);
  CHECK(last.error->code == ErrorCode::kPinMismatch);
  CHECK(last.error->detail.find((world.folder.path() / "pins").string()) != std::string::npos);
}

TEST_CASE("a zone id that is given counts, and is not pinned") {
  ReaderWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  ReaderOptions options{.zone = "distributed.example", .server = relay.address(), .folder = world.folder.path()};
  SECTION("the right one") {
    options.zone_id = to_hex(world.zone.id);
    CHECK(world.read(options).state == FeedState::finished);
    CHECK(world.beliefs.at(0).reason == ZoneBelief::Reason::given);
    CHECK(!std::filesystem::exists(world.folder.path() / "pins"));
  }
  SECTION("another") {
    options.zone_id = std::string(64, 'a');
    CHECK(world.read(options).error->code == ErrorCode::kPinMismatch);
  }
}

TEST_CASE("the newest manifest seen is kept, and an older one is not believed again") {
  ReaderWorld world;
  world.zone.manifest.serial = 7;
  ReaderOptions options{.zone_id = to_hex(world.zone.id), .folder = world.folder.path()};
  {
    ServedRelay relay(world.loop, world.zone, world.maker);
    options.server = relay.address();
    CHECK(world.read(options).state == FeedState::finished);
  }
  const auto kept = ZoneStore(world.folder.path()).manifest(world.zone.id);
  REQUIRE(kept);
  CHECK(*kept == world.zone.signed_manifest());

  // An older one that gives the bucket to another key: its records find no grant in the newer one.
  world.zone.manifest.serial = 6;
  const SigningKey thief = sample_key(77);
  world.zone.manifest.grants[0].origin_key = thief.public_key();
  RecordMaker forged(world.zone.id, thief);
  forged.open(kFeed);
  forged.batch(kFeed);
  ServedRelay relay(world.loop, world.zone, forged);
  options.server = relay.address();
  const FeedStatus last = world.read(options, {.patience = std::chrono::milliseconds(50)});
  CHECK(last.state == FeedState::failed);
  CHECK(last.error->code == ErrorCode::kNoGrant);
  CHECK(world.heard.events.empty());
}

TEST_CASE("wrong options are the reading's end, told in the next turn") {
  ReaderWorld world;
  const auto code_of = [&](const ReaderOptions& options, std::string_view feed, const FollowOptions& how) {
    const auto reader = world.open(options);
    reader->follow(feed, how, world.callbacks());
    CHECK(world.heard.statuses.empty());
    run_until(world.loop, [&] { return world.ended(); });
    const FeedStatus last = world.heard.statuses.back();
    world.heard.statuses.clear();
    return last.error->code;
  };
  CHECK(code_of({}, "1", {}) == ErrorCode::kUsage);
  CHECK(code_of({.zone = "no zone"}, "1", {}) == ErrorCode::kBadName);
  CHECK(code_of({.server = "somewhere"}, "1", {}) == ErrorCode::kBadName);
  CHECK(code_of({.zone = "a.example", .dns = "no address"}, "1", {}) == ErrorCode::kUsage);
  CHECK(code_of({.zone = "a.example", .zone_id = "12"}, "1", {}) == ErrorCode::kUsage);
  CHECK(code_of({.zone = "a.example"}, "", {}) == ErrorCode::kBadName);
  CHECK(code_of({.zone = "a.example"}, "1", {.from = "x"}) == ErrorCode::kBadCursor);
  std::ofstream(world.folder.path() / "pins") << "distributed.example\n";
  CHECK(code_of({.zone = "a.example", .folder = world.folder.path()}, "1", {}) == ErrorCode::kCorrupt);
}

// --- Through DNS ---

struct DnsWorld : ReaderWorld {
  FakeDns dns{loop};
  ReaderOptions options{
      .zone = "zone.example", .dns = dns.address().to_string(), .folder = folder.path(), .allow_private = true};

  void publish(const ZoneId& id, std::uint16_t port) {
    const DnsQuestion txt{"zone.example", DnsType::txt};
    dns.say(txt, DnsWriter(txt).txt("zone.example", 60, {"v=xylem1 n=12 id=" + to_hex(id)}));
    dns.srv("b5.zone.example", 60, {{0, 0, port, "relay.example"}});
    const DnsQuestion a{"relay.example", DnsType::a};
    dns.say(a, DnsWriter(a).address(a.name, 60, *SocketAddress::parse_ip("127.0.0.1", 0)));
  }
};

TEST_CASE("a zone found in DNS is read, and its id pinned") {
  DnsWorld world;
  world.maker.batch(kFeed, 2);
  ServedRelay relay(world.loop, world.zone, world.maker);
  world.publish(world.zone.id, relay.port());
  CHECK(world.read(world.options).state == FeedState::finished);
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.heard.statuses.back().server->host == "relay.example");
  CHECK(world.beliefs.at(0).reason == ZoneBelief::Reason::first_use);
  CHECK(ZoneStore(world.folder.path()).pinned("zone.example") == world.zone.id);
}

TEST_CASE("when DNS names another zone id than the pinned one, nothing is read") {
  DnsWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  REQUIRE(ZoneStore(world.folder.path()).pin("zone.example", ZoneId{1}));
  world.publish(world.zone.id, relay.port());
  CHECK(world.read(world.options).error->code == ErrorCode::kPinMismatch);
  CHECK(relay.accepted == 0);
}

TEST_CASE("private addresses from DNS are refused unless allowed") {
  DnsWorld world;
  ServedRelay relay(world.loop, world.zone, world.maker);
  world.publish(world.zone.id, relay.port());
  world.options.allow_private = false;
  CHECK(world.read(world.options).error->code == ErrorCode::kPrivateAddress);
  CHECK(relay.accepted == 0);
}

TEST_CASE("a zone that DNS does not know ends a reading that has an end") {
  DnsWorld world;
  CHECK(world.read(world.options).error->code == ErrorCode::kDns);
}

}  // namespace
}  // namespace xylem
