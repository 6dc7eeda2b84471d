// One feed read through several servers: every event once and in order, whatever they do.
#include "tests/unit/session/feed_world.h"

namespace xylem {
namespace {

Lines numbers(int first, int last) {
  Lines out;
  for (int i = first; i <= last; ++i) out.push_back(std::to_string(i));
  return out;
}

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

TEST_CASE("what a server has dropped is fetched through it") {
  FeedWorld world;
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  world.servers[0].held_from = 7;
  world.servers[0].fetches_from_above = true;
  SECTION("from the start") {
    world.begin();
    CHECK(world.heard.take() == Lines{"open", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  }
  SECTION("from a cursor") {
    world.options.from = {FeedEpoch(kSampleEpoch.value), Version(3), {}};
    world.begin();
    CHECK(world.heard.take() == numbers(4, 9));
  }
  CHECK(world.state() == FeedState::live);
  world.maker.batch(kFeed);
  world.publish();
  CHECK(world.heard.take() == Lines{"10"});
}

TEST_CASE("what one server has dropped and cannot get is had from another") {
  FeedWorld world(2);
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  world.servers[0].held_from = 7;
  world.begin();
  world.run(1s);
  CHECK(world.status().server->host == "b");
  CHECK(world.heard.take().size() == 10);
}

TEST_CASE("what is held nowhere ends the reading, or is told and passed over") {
  FeedWorld world(2);
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  for (FakeServer& server : world.servers) server.held_from = 7;
  SECTION("ends") {
    world.begin();
    world.run(5s);
    CHECK(world.state() == FeedState::failed);
    CHECK(world.heard.statuses.back().error->code == ErrorCode::kTooOld);
    CHECK(world.heard.take() == Lines{"open"});
  }
  SECTION("passed over") {
    world.options.skip_lost = true;
    world.begin();
    world.run(5s);
    CHECK(world.state() == FeedState::live);
    CHECK(world.heard.news().back() == FeedNews::versions_lost);
    CHECK(world.heard.lines.back() == "9");
    CHECK(std::ranges::count(world.heard.lines, "7") == 1);
    CHECK(std::ranges::count(world.heard.lines, "6") == 0);
  }
}

TEST_CASE("a feed that was begun anew is read from its new start, and that is told") {
  FeedWorld world;
  world.maker.batch(kFeed, 2);
  world.begin();
  world.heard.take();
  world.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 1), Version(), {}};
  world.maker.open(kFeed, OpenNotice::Reason::reset);
  world.maker.batch(kFeed, 1);
  SECTION("while connected") { world.publish(); }
  SECTION("while away") {
    world.cut(world.servers[0]);
    world.servers[0].held_from = 2;  // it has the new epoch only
    Status changed;
    changed.code = StatusCode::epoch_changed;
    world.servers[0].answer = changed;
    while (world.servers[0].cursors.size() < 2) world.run(1s);
    CHECK(world.servers[0].cursors.at(1).version == Version(2));
    world.servers[0].answer.reset();
    world.run(2min);
  }
  CHECK(world.heard.take() == Lines{"open", "1"});
  CHECK(world.heard.news().back() == FeedNews::epoch_changed);
  CHECK(world.heard.events.back().epoch == FeedEpoch(kSampleEpoch.value + 1));
}

TEST_CASE("a word about a new epoch changes nothing for whoever is asked next") {
  FeedWorld world(2);
  world.options.check_servers = false;
  world.maker.batch(kFeed, 2);
  world.begin();
  CHECK(world.heard.take() == Lines{"open", "1", "2"});
  // The first server is cut off, then says that the feed was begun anew, and serves the old one from its start.
  Status changed;
  changed.code = StatusCode::epoch_changed;
  changed.head_epoch = kSampleEpoch.value + 5;
  world.servers[0].answer = changed;
  world.servers[1].unreachable = true;
  world.cut(world.servers[0]);
  while (world.servers[0].cursors.size() < 3) world.run(1s);
  world.servers[1].unreachable = false;
  world.servers[0].unreachable = true;
  world.maker.batch(kFeed, 1);
  world.run(2min);
  CHECK(world.servers[1].cursors.back().version == Version(2));
  CHECK(world.heard.take() == Lines{"3"});
  CHECK(std::ranges::count(world.heard.news(), FeedNews::server_lied) == 0);
}

TEST_CASE("a feed whose versions are lost to its end is read to its end when that is allowed") {
  FeedWorld world;
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.servers[0].held_from = 4;
  world.options.skip_lost = true;
  world.options.until_live = true;
  world.begin();
  world.run(5s);
  CHECK(world.state() == FeedState::finished);
  CHECK(world.heard.news() == std::vector{FeedNews::versions_lost});
  CHECK(world.status().position.version == Version(3));
}

TEST_CASE("a word about a new epoch that no signed record follows leads to another server") {
  FeedWorld world(2);
  world.maker.batch(kFeed, 2);
  world.options.from = {FeedEpoch(kSampleEpoch.value), Version(1), {}};
  Status changed;
  changed.code = StatusCode::epoch_changed;
  changed.head_epoch = kSampleEpoch.value + 5;
  world.servers[0].answer = changed;
  world.begin();
  world.run(5s);
  CHECK(world.status().server->host == "b");
}

TEST_CASE("positions that no server can serve are told") {
  FeedWorld world(2);
  world.maker.batch(kFeed, 2);
  Status status;
  SECTION("forked everywhere: the end") {
    status.code = StatusCode::forked;
    for (FakeServer& server : world.servers) server.answer = status;
    world.begin();
    world.run(5s);
    CHECK(world.state() == FeedState::failed);
    CHECK(world.status().error->code == ErrorCode::kForked);
  }
  SECTION("forked at one: another serves") {
    status.code = StatusCode::forked;
    world.servers[0].answer = status;
    world.begin();
    world.run(5s);
    CHECK(world.state() == FeedState::live);
  }
  SECTION("not held anywhere yet: tried again") {
    status.code = StatusCode::not_held;
    for (FakeServer& server : world.servers) server.answer = status;
    world.begin();
    world.run(1min);
    CHECK(world.status().error->code == ErrorCode::kNotHeld);
    CHECK(!world.reader->over());
    for (FakeServer& server : world.servers) server.answer.reset();
    world.run(3min);
    CHECK(world.state() == FeedState::live);
  }
  SECTION("newer than all servers hold: a follower waits, a reading with an end fails") {
    status.code = StatusCode::from_the_future;
    for (FakeServer& server : world.servers) server.answer = status;
    world.options.from = {FeedEpoch(kSampleEpoch.value), Version(99), {}};
    world.options.until_live = GENERATE(true, false);
    world.begin();
    world.run(5s);
    CHECK(world.status().error->code == ErrorCode::kFromTheFuture);
    CHECK(world.reader->over() == world.options.until_live);
  }
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

TEST_CASE("freshness: the newest signed time, from records and beacons") {
  FeedWorld world;
  world.options.check_servers = false;
  world.maker.batch(kFeed);
  const Timestamp signed_at = world.now.utc;
  world.begin();
  CHECK(*world.status().fresh.as_of - signed_at < 1s);
  CHECK(!world.status().fresh.origin_silent);

  Beacon beacon;
  beacon.bucket = kBucket;
  beacon.epoch = kSampleEpoch;
  beacon.seq = world.maker.seq;
  beacon.head = world.maker.link;
  beacon.time = world.now.utc + 10s;
  world.say(make_frame(FrameType::beacon, sign_beacon(beacon, world.zone.origin, world.zone.id)));
  CHECK(*world.status().fresh.as_of == beacon.time);

  world.run(65s);
  CHECK(!world.status().fresh.origin_silent);
  const std::size_t told = world.heard.statuses.size();
  world.run(10s);
  CHECK(world.status().fresh.origin_silent);
  CHECK(world.heard.statuses.size() == told + 1);
  world.run(10min);
  CHECK(world.heard.statuses.size() == told + 1);

  world.maker.batch(kFeed);
  world.publish();
  CHECK(!world.status().fresh.origin_silent);
}

TEST_CASE("an old signed time alone is no silence before a beacon could have come") {
  FeedWorld world;
  world.options.check_servers = false;
  world.maker.batch(kFeed);
  world.now.utc += 1h;
  world.begin();
  world.run(19s);
  CHECK(!world.status().fresh.origin_silent);
  world.run(2s);
  CHECK(world.status().fresh.origin_silent);
}

TEST_CASE("silence that was told stays told when another server is used") {
  FeedWorld world(2);
  world.options.check_servers = false;
  world.maker.batch(kFeed);
  world.begin();
  world.run(2min);
  CHECK(world.status().fresh.origin_silent);
  const std::size_t told = world.heard.statuses.size();
  world.cut(world.servers[0]);
  world.run(1s);
  CHECK(world.state() == FeedState::live);
  for (std::size_t i = told; i < world.heard.statuses.size(); ++i) CHECK(world.heard.statuses[i].fresh.origin_silent);
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
