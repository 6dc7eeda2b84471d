// How fresh a reading is, and when the origin counts as silent.
#include "tests/unit/session/feed_world.h"

namespace xylem {
namespace {

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

}  // namespace
}  // namespace xylem
