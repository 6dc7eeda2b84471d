// Pages that leave piece by piece, in memory and from files, and what can go wrong on the way.
#include <algorithm>

#include "tests/unit/edge/page_world.h"

namespace xylem {

TEST_CASE("A large page leaves piece by piece, as the reader takes it", "[edge]") {
  BucketLogOptions options;
  options.segment_bytes = kMiB;
  options.hot_bytes = 64 * kKiB;
  options.chunk_bytes = 64 * kKiB;
  PageWorld world(options);
  world.open_as(kFeed, "text/plain");
  for (int i = 0; i < 900; ++i) world.five.maker.batch_of(kFeed, {std::string(3000, static_cast<char>('a' + i % 26))});
  world.five.publish();
  world.start();
  WebReader reader(world);
  reader.connection.link->room = 0;
  reader.say("GET " + kPath + " HTTP/1.1\r\nHost: a\r\n\r\n");
  world.settle();
  std::size_t most = 0;
  while (reader.connection.link->queued_bytes() > 0) {
    most = std::max(most, reader.connection.link->queued_bytes());
    world.now += 100ms;
    world.drain(reader.connection);
    reader.connection.link->room = 0;
    world.settle();
  }
  const WebAnswer answer = reader.take();
  CHECK(answer.body.size() == 900 * 3000);
  CHECK(answer.body.substr(3000 * 25, 3000) == std::string(3000, 'z'));
  CHECK(reader.chunks > 5);
  CHECK(most < kMiB);
}

TEST_CASE("Few stored bytes that unpack to many leave piece by piece, too", "[edge]") {
  PageWorld world;
  world.five.maker.open(kFeed);
  const std::string event = "{\"t\":\"" + std::string(2000, 'x') + "\"}";
  std::string whole;
  for (int batch = 0; batch < 16; ++batch) {
    world.five.maker.batch_of(kFeed, std::vector<std::string>(25, event));
    for (int i = 0; i < 25; ++i) whole += "," + event;
  }
  world.five.publish();
  world.start();
  WebReader reader(world);
  reader.connection.link->room = 0;
  reader.say("GET " + kPath + " HTTP/1.1\r\nHost: a\r\n\r\n");
  world.settle();
  std::size_t most = 0;
  while (reader.connection.link->queued_bytes() > 0) {
    most = std::max(most, reader.connection.link->queued_bytes());
    world.drain(reader.connection);
    reader.connection.link->room = 0;
    world.settle();
  }
  CHECK(most > 16 * kKiB);
  CHECK(most <= 32 * kKiB + 2 * event.size() + 1000);  // and the head
  CHECK(reader.take().body == "[" + whole.substr(1) + "]");
}

TEST_CASE("A page is cut when its log begins again", "[edge]") {
  PageWorld world;
  world.open_as(kFeed, "text/plain");
  for (int i = 0; i < 100; ++i) world.five.maker.batch(kFeed, 1, 3000);
  world.five.publish();
  world.start();
  WebReader reader(world);
  reader.connection.link->room = 0;
  reader.say("GET " + kPath + " HTTP/1.1\r\nHost: a\r\n\r\n");
  world.settle();
  REQUIRE(world.five.log->clear());
  world.five.maker = RecordMaker(world.zone);
  world.five.published = 0;
  world.open_as(kFeed, "text/plain");
  for (int i = 0; i < 100; ++i) world.five.maker.batch(kFeed, 1, 3000);
  world.publish();
  world.drain(reader.connection);
  world.settle();
  CHECK(reader.connection.link->aborted);
}

TEST_CASE("A page that cannot be completed is cut, or not begun", "[edge]") {
  BucketLogOptions options;
  options.segment_bytes = 256 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  PageWorld world(options);
  world.open_as(kFeed, "text/plain");
  for (int i = 0; i < 300; ++i) world.five.maker.batch(kFeed, 1, 3000);
  SECTION("a withheld record at the beginning") {
    world.five.maker.frames[1] = withhold_record(world.five.maker.record(1));
    world.five.publish();
    world.start();
    WebReader reader(world);
    const WebAnswer answer = reader.get(kPath);
    CHECK(answer.status == 503);
    CHECK(answer.has("E_NOT_HELD"));
    CHECK(reader.get(kPath + "?limit=1&offset=1").status == 200);
  }
  SECTION("a read that fails in the middle") {
    world.five.publish();
    world.start();
    WebReader reader(world);
    reader.say("GET " + kPath + " HTTP/1.1\r\nHost: a\r\n\r\n");
    world.settle(false);
    world.answer_read();
    world.settle(false);
    REQUIRE_FALSE(world.shell.reads.empty());
    world.core->on_read(world.shell.reads.front().first, fail(ErrorCode::kIo), world.now);
    CHECK(reader.connection.link->aborted);
    world.shell.reads.clear();
  }
}

TEST_CASE("Pipelined reads of a cold feed are answered in order", "[edge]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  PageWorld world(options);
  world.open_as(kFeed, "text/plain");
  for (int i = 0; i < 200; ++i)
    world.five.maker.batch_of(kFeed, {std::to_string(i + 1) + std::string(1000, 'x') + "\n"});
  world.five.publish();
  world.start();
  WebReader reader(world);
  std::string all;
  for (int i = 0; i < 5; ++i)
    all += "GET " + kPath + "?limit=1&offset=" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  reader.say(all);
  CHECK_FALSE(reader.connection.link->reading);
  world.settle();
  for (int i = 0; i < 5; ++i) CHECK(reader.take().body.starts_with(std::to_string(i + 1) + "x"));
  CHECK(reader.connection.link->reading);
}

}  // namespace xylem
