// What a log costs in memory.
#include <catch2/catch.hpp>

#include "relay/log/bucket_log.h"
#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

TEST_CASE("the index takes at most 16 bytes a record, and a feed at most 256") {
  const std::size_t feeds = GENERATE(1, 5000);
  constexpr std::size_t kRecords = 30'000;
  MemoryStorage storage;
  BucketLogOptions options;
  options.segment_bytes = 8 * kMiB;
  options.hot_bytes = 64 * kKiB;
  options.chunk_bytes = 64 * kKiB;
  auto log = BucketLog::open(storage, "b00005", kLogBucket, options).value();
  LogMaker maker;
  for (std::size_t i = 0; i < kRecords; ++i) maker.batch(log_feed(i % feeds), 1, 8);
  for (std::size_t i = 0; i < kRecords; i += 1000) REQUIRE(append_and_publish(*log, maker, i, 1000));
  log->collect();
  CAPTURE(feeds, log->memory_bytes(), log->hot_bytes());
  const std::uint64_t allowed = 16 * kRecords + 256 * feeds + 24 * kKiB;  // and what one open segment has begun
  CHECK(log->memory_bytes() - log->hot_bytes() <= allowed);

  log.reset();
  log = BucketLog::open(storage, "b00005", kLogBucket, options).value();
  CHECK(log->hot_bytes() == 0);
  CHECK(log->memory_bytes() <= allowed);
  CHECK(LogReader(*log).window().head == Seq(kRecords));
}
