// A reading whose position a server cannot serve: dropped, begun anew, lost, from the future.
#include "tests/unit/session/feed_world.h"

namespace xylem {
namespace {

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

TEST_CASE("what all servers of the bucket have dropped is had from those one label up") {
  FeedWorld world(2);
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  world.servers[0].held_from = 7;
  world.named = 1;
  world.begin();
  CHECK(world.asked_above == 1);
  CHECK(world.heard.take() == Lines{"open"});
  world.run(kAboveAnswerMax - 1s);
  CHECK(world.dialled == std::vector<std::string>{"a"});
  CHECK(world.state() == FeedState::connecting);
  world.named = 2;
  world.reader->on_servers(world.all(), world.now);
  world.run(0ms);
  CHECK(world.heard.take() == numbers(1, 9));
  CHECK(world.state() == FeedState::live);
  CHECK(world.dialled == std::vector<std::string>{"a", "b"});
}

TEST_CASE("what is held nowhere ends the reading, or is told and passed over") {
  FeedWorld world(2);
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  for (FakeServer& server : world.servers) server.held_from = 7;
  SECTION("ends") {
    world.begin();
    world.run(2 * kAboveAnswerMax);
    CHECK(world.state() == FeedState::failed);
    CHECK(world.heard.statuses.back().error->code == ErrorCode::kTooOld);
    CHECK(world.heard.take() == Lines{"open"});
  }
  SECTION("passed over") {
    world.options.skip_lost = true;
    world.begin();
    world.run(2 * kAboveAnswerMax);
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
    while (world.servers[0].cursors.size() < 3) world.run(1s);
    CHECK(world.servers[0].cursors.at(1).version == Version(2));
    CHECK(world.servers[0].cursors.at(2).version == Version());
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
  world.run(2 * kAboveAnswerMax);
  CHECK(world.state() == FeedState::finished);
  CHECK(world.heard.news() == std::vector{FeedNews::server_lost, FeedNews::versions_lost});
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

}  // namespace
}  // namespace xylem
