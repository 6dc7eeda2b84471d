// One feed read through several servers: every event once and in order, whatever they do.
#include "tests/unit/session/feed_world.h"

namespace xylem {
namespace {

TEST_CASE("history, then live") {
  FeedWorld world;
  world.maker.batch(kFeed, 3);
  world.begin();
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3"});
  CHECK(world.state() == FeedState::live);
  CHECK(world.status().node_name == "5.4-6.1-6.distributed.example");
  CHECK(world.status().position.version == Version(3));
  world.maker.batch(kFeed, 2);
  world.publish();
  CHECK(world.heard.take() == numbers(4, 5));
  CHECK(world.heard.records == 3);
}

TEST_CASE("statuses tell each step once") {
  FeedWorld world;
  world.begin();
  std::vector<FeedState> states;
  for (const FeedStatus& status : world.heard.statuses) states.push_back(status.state);
  CHECK(states == std::vector{FeedState::connecting, FeedState::catching_up, FeedState::live});
}

TEST_CASE("a reading to the end finishes when everything was delivered, and closes") {
  FeedWorld world;
  world.options.until_live = true;
  world.maker.batch(kFeed, 3);
  world.begin();
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3"});
  CHECK(world.state() == FeedState::finished);
  CHECK(world.reader->over());
  CHECK(world.reader->deadline() == kNever);
  CHECK(world.lines_to(world.servers[0]) == 0);
}

TEST_CASE("a feed that nobody has written to is read to its end, too") {
  FeedWorld world;
  world.options.until_live = true;
  world.begin();
  CHECK(world.state() == FeedState::finished);
}

TEST_CASE("a reading up to a version waits for it and ends behind it") {
  FeedWorld world;
  world.options.until_version = Version(2);
  world.options.patience = 5s;
  world.maker.batch(kFeed);
  world.begin();
  world.run(10min);
  CHECK(world.state() == FeedState::live);
  world.maker.batch(kFeed, 3);
  world.publish();
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.state() == FeedState::finished);
}

TEST_CASE("a cursor as text goes on behind its event, at any server") {
  FeedWorld world(2);
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed, 2);
  world.options.until_version = Version(3);
  world.begin();
  const FeedCursor cursor = world.heard.events.back().cursor;
  CHECK(parse_feed_cursor(cursor.to_string()) == cursor);

  world.heard.take();
  world.options.until_version.reset();
  world.options.from = cursor;
  world.servers[0].unreachable = true;
  world.begin();
  world.run(1s);
  CHECK(world.heard.take() == numbers(4, 6));
  CHECK(world.servers[1].cursors.back() == cursor);
}

TEST_CASE("when a server goes away the next one is asked for exactly what is missing") {
  FeedWorld world(2);
  for (int i = 0; i < 20; ++i) world.maker.batch(kFeed, 2);
  world.options.check_servers = false;
  world.begin();
  CHECK(world.heard.take().size() == 41);
  const std::size_t before = world.servers[1].record_bytes_sent;
  world.cut(world.servers[0]);
  world.maker.batch(kFeed, 2);
  world.run(1s);
  CHECK(world.dialled == Lines{"a", "b"});
  CHECK(world.heard.take() == numbers(41, 42));
  CHECK(world.servers[1].cursors.at(0).version == Version(40));
  CHECK(world.servers[1].record_bytes_sent - before == world.maker.frames.back().size());
  CHECK(world.heard.news() == std::vector{FeedNews::server_lost});
}

TEST_CASE("servers that come and go at random: nothing is lost, nothing comes twice") {
  FeedWorld world(3);
  world.begin();
  std::mt19937 chance(5);
  int version = 0;
  Lines expected = {"open"};
  for (int round = 0; round < 300; ++round) {
    const int events = 1 + static_cast<int>(chance() % 3);
    world.maker.batch(kFeed, static_cast<std::size_t>(events));
    for (int i = 0; i < events; ++i) expected.push_back(std::to_string(++version));
    FakeServer& server = world.servers[chance() % 3];
    switch (chance() % 5) {
      case 0:
        world.cut(server);
        break;
      case 1:
        server.unreachable = !server.unreachable;
        break;
      default:
        break;
    }
    world.publish();
    world.run(std::chrono::milliseconds(chance() % 3000));
  }
  for (FakeServer& server : world.servers) server.unreachable = false;
  world.run(2min);
  world.publish();
  CHECK(world.heard.take() == expected);
}

TEST_CASE("a server that lies is left at once, and left alone") {
  FeedWorld world(2);
  for (int i = 0; i < 4; ++i) world.maker.batch(kFeed);
  world.servers[0].forged = 3;
  world.options.check_servers = false;
  world.begin();
  world.run(1s);
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3", "4"});
  CHECK(world.heard.news() == std::vector{FeedNews::server_lied});
  world.cut(world.servers[1]);
  world.run(1min);
  // Though it is first by priority, the other one is asked again.
  CHECK(world.dialled == Lines{"a", "b", "b"});
}

TEST_CASE("a server that stays silent is left after its time") {
  FeedWorld world(2);
  world.servers[0].silent = true;
  world.begin();
  world.run(4s);
  CHECK(world.state() == FeedState::connecting);
  world.run(2s);
  CHECK(world.state() == FeedState::live);
  CHECK(world.status().server->host == "b");
}

TEST_CASE("a server that dies without a word is left within 25 s") {
  FeedWorld world(2);
  world.maker.batch(kFeed);
  world.options.check_servers = false;
  world.begin();
  world.servers[0].silent = true;
  world.run(24s);
  CHECK(world.status().server->host == "a");
  world.run(2s);
  CHECK(world.status().server->host == "b");
  CHECK(world.heard.take() == Lines{"open", "1"});
}

TEST_CASE("an unreachable bucket is tried for ever when following, and its neighbours above are asked") {
  FeedWorld world(2);
  for (FakeServer& server : world.servers) server.unreachable = true;
  world.begin();
  world.run(10min);
  CHECK(world.state() == FeedState::connecting);
  CHECK(world.status().error->code == ErrorCode::kIo);
  CHECK(world.dialled.size() > 10);
  CHECK(world.dialled.size() < 200);
  CHECK(world.asked_above >= 1);
  CHECK(world.asked_above < 200);
  world.servers[1].unreachable = false;
  world.run(2min);
  CHECK(world.state() == FeedState::live);
}

TEST_CASE("with patience it fails, and says why") {
  FeedWorld world;
  world.options.patience = 10s;
  world.servers[0].unreachable = true;
  world.begin();
  world.run(9s);
  CHECK(world.state() == FeedState::connecting);
  world.run(2s);
  CHECK(world.state() == FeedState::failed);
  CHECK(world.heard.statuses.back().error->code == ErrorCode::kIo);
}

TEST_CASE("no servers: a reading with an end fails at once, a follower waits for them") {
  FeedWorld world(0);
  SECTION("with an end") {
    world.options.until_live = true;
    world.begin();
    CHECK(world.state() == FeedState::failed);
    CHECK(world.status().error->code == ErrorCode::kNoServers);
  }
  SECTION("following") {
    world.begin();
    CHECK(world.state() == FeedState::searching);
    world.reader->on_servers(fail(ErrorCode::kDns, "no answer"), world.now);
    CHECK(world.status().error->code == ErrorCode::kDns);
    world.servers.emplace_back(world.zone, world.maker, "a");
    world.reader->on_servers(world.all(), world.now);
    world.run(0ms);
    CHECK(world.state() == FeedState::live);
  }
}

TEST_CASE("what one server withholds is had from another") {
  FeedWorld world(2);
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.servers[0].withheld = {2};
  world.begin();
  world.run(1s);
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3"});
  CHECK(world.status().server->host == "b");
}

TEST_CASE("what every server withholds is an event without content, never a gap") {
  FeedWorld world(2);
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  for (FakeServer& server : world.servers) server.withheld = {2};
  world.options.until_live = true;
  world.begin();
  world.run(5s);
  CHECK(world.heard.take() == Lines{"open", "1", "2 withheld", "3"});
  CHECK(world.state() == FeedState::finished);
}

TEST_CASE("a newer signed header at a second server proves that the first keeps something back") {
  FeedWorld world(2);
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.servers[0].held_to = 3;
  world.begin();
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.status().fresh.newest == Version(3));
  world.run(4s);
  CHECK(world.status().server->host == "a");
  world.run(2s);
  CHECK(world.status().server->host == "b");
  CHECK(world.heard.take() == Lines{"3"});
  CHECK(world.heard.news() == std::vector{FeedNews::server_withheld});
  REQUIRE(world.servers[0].evidence.size() == 1);
  const ByteView newest = world.maker.record(3).decoded.all;
  CHECK(world.servers[0].evidence[0].headers == std::vector<Bytes>{Bytes(newest.begin(), newest.end())});
}

TEST_CASE("a server that lags for a moment is no liar") {
  FeedWorld world(2);
  for (int i = 0; i < 2; ++i) world.maker.batch(kFeed);
  world.servers[0].held_to = 2;
  world.begin();
  world.run(3s);
  world.servers[0].held_to = std::string::npos;
  world.publish();
  world.run(10s);
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.dialled == Lines{"a", "b"});
  CHECK(world.heard.news().empty());
}

TEST_CASE("what is kept back later shows within about a minute") {
  FeedWorld world(2);
  world.maker.batch(kFeed);
  world.begin();
  world.servers[0].held_to = 2;
  world.maker.batch(kFeed);
  world.run(75s);
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  CHECK(world.heard.news() == std::vector{FeedNews::server_withheld});
}

TEST_CASE("a second server that is dead, or that lies, harms nobody") {
  FeedWorld world(2);
  world.maker.batch(kFeed);
  world.options.until_live = true;
  SECTION("dead") { world.servers[1].unreachable = true; }
  SECTION("silent") { world.servers[1].silent = true; }
  SECTION("lying") { world.servers[1].forged = 1; }
  world.begin();
  world.run(4s);
  CHECK(world.state() == FeedState::finished);
  CHECK(world.heard.take() == Lines{"open", "1"});
}

TEST_CASE("a reading to the end is not ended by a server that keeps the newest back") {
  FeedWorld world(2);
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.servers[0].held_to = 2;
  world.options.until_live = true;
  world.begin();
  world.run(10s);
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3"});
  CHECK(world.state() == FeedState::finished);
}

TEST_CASE("a server that says it has sent more than it has is left") {
  FeedWorld world(2);
  world.maker.batch(kFeed);
  world.servers[0].claims_more = 1;
  world.options.until_live = true;
  world.begin();
  world.run(10s);
  CHECK(world.state() == FeedState::finished);
  CHECK(world.dialled.back() == "b");
}

TEST_CASE("SKIPPED is no gap: what was passed over is asked for again") {
  FeedWorld world;
  world.maker.batch(kFeed, 2);
  world.begin();
  world.maker.batch(kFeed, 2);
  world.say(encode(Skipped{kFeed, Version(3), Version(4)}));
  CHECK(world.heard.take() == Lines{"open", "1", "2", "3", "4"});
}

TEST_CASE("a server that asks to be left is left, not at once and not for ever") {
  FeedWorld world(2);
  world.options.check_servers = false;
  world.begin();
  world.say(encode(GoAway{ErrorCode::kDraining, {}, 0ms, 1h}));
  world.run(900ms);
  CHECK(world.status().server->host == "a");
  world.run(2min);
  CHECK(world.status().server->host == "b");
}

TEST_CASE("patience begins anew when a server that was live goes away") {
  FeedWorld world(2);
  world.options.until_version = Version(9);
  world.options.patience = 10s;
  world.begin();
  world.run(5min);
  world.cut(world.servers[0]);
  world.run(5s);
  CHECK(world.state() == FeedState::live);
}

TEST_CASE("two signed records for one place are told, and shown to the server") {
  FeedWorld world(2);
  world.maker.batch(kFeed, 2);
  RecordMaker other(world.zone);
  other.now = world.maker.now;
  other.open(kFeed);
  other.batch(kFeed, 1);
  world.servers.pop_back();
  world.servers.emplace_back(world.zone, other, "b");
  world.begin();
  CHECK(world.heard.news() == std::vector{FeedNews::origin_forked});
  REQUIRE(world.servers[0].evidence.size() == 1);
  CHECK(world.servers[0].evidence[0].headers.size() == 2);
}

TEST_CASE("it may be stopped from any callback, and falls silent") {
  FeedWorld world;
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  SECTION("by an event") {
    world.heard.when_event = [&](const FeedEvent& event) {
      if (event.version == Version(2)) world.reader->stop();
    };
    world.begin();
    CHECK(world.heard.take() == Lines{"open", "1", "2"});
  }
  SECTION("by a status") {
    world.heard.when_status = [&](const FeedStatus& status) {
      if (status.state == FeedState::live) world.reader->stop();
    };
    world.begin();
    CHECK(world.heard.statuses.back().state == FeedState::live);
  }
  SECTION("from outside") {
    world.begin();
    world.reader->stop();
  }
  CHECK(world.reader->over());
  CHECK(world.lines_to(world.servers[0]) == 0);
  CHECK(world.reader->deadline() == kNever);
  world.reader->on_servers(world.all(), world.now);
  world.reader->on_deadline(world.now);
  CHECK(world.lines_to(world.servers[0]) == 0);
}

}  // namespace
}  // namespace xylem
