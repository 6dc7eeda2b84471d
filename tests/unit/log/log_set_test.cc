#include "relay/log/log_set.h"

#include <catch2/catch.hpp>
#include <random>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

constexpr BucketRange kRange{Bucket(3), Bucket(6)};

FeedId feed_in(Bucket bucket, std::uint64_t number) { return FeedId(12 * number + bucket.value); }

}  // namespace

TEST_CASE("each bucket of the range has its folder and its log") {
  MemoryStorage storage;
  const auto set = LogSet::open(storage, kRange, {}).value();
  CHECK(set->range() == kRange);
  CHECK(storage.list("").value() == std::vector<std::string>{"b00003", "b00004", "b00005", "b00006"});
  for (std::uint16_t bucket = 3; bucket <= 6; ++bucket) CHECK(set->of(Bucket(bucket)).bucket() == Bucket(bucket));
  LogMaker maker;
  maker.batch(feed_in(Bucket(4), 1));
  REQUIRE(set->append(Bucket(4), maker.views()));
  set->of(Bucket(4)).publish();
  CHECK(LogReader(set->of(Bucket(4))).window().head == Seq(1));
  CHECK(LogReader(set->of(Bucket(5))).window().head == Seq(0));
}

TEST_CASE("the cap holds at every moment, whatever is written") {
  const std::uint64_t cap = GENERATE(300 * kKiB, kMiB, 3 * kMiB);
  const std::size_t payload_max = GENERATE(50, 3000, 50'000);
  CAPTURE(cap, payload_max);
  MemoryStorage storage;
  LogSetOptions options;
  options.disk_bytes_max = cap;
  options.hot_bytes_max = 100 * kKiB;
  auto set = LogSet::open(storage, kRange, options).value();
  std::map<Bucket, LogMaker> makers;
  for (std::uint16_t bucket = 3; bucket <= 6; ++bucket) makers.try_emplace(Bucket(bucket));
  std::mt19937 random(11);
  std::uint64_t largest = 0, written = 0;
  for (int turn = 0; written < 4 * cap; ++turn) {
    // One bucket has most of the traffic.
    const Bucket bucket(static_cast<std::uint16_t>(3 + (random() % 8 < 4 ? 0 : random() % 4)));
    LogMaker& maker = makers.at(bucket);
    const std::size_t from = maker.frames.size();
    for (std::size_t i = 0; i <= random() % 4; ++i) {
      const FeedId feed = feed_in(bucket, random() % 40);
      if (random() % 4 == 0) {
        maker.notice(feed, RecordType::snapshot);
      } else {
        maker.batch(feed, 1, random() % payload_max);
      }
      written += maker.frames.back().size();
    }
    const auto ok = set->append(bucket, maker.views(from));
    REQUIRE(ok);
    largest = std::max(largest, storage.bytes());
    REQUIRE(storage.bytes() <= cap);
    REQUIRE(set->disk_bytes() <= cap);
    set->of(bucket).publish();
    set->collect();
    if (turn % 500 == 499) {
      set.reset();
      set = LogSet::open(storage, kRange, options).value();
    }
  }
  CHECK(largest > cap / 2);
  for (const auto& [bucket, maker] : makers) {
    LogReader reader(set->of(bucket));
    const LogWindow window = reader.window();
    if (window.head == Seq()) continue;
    CHECK(window.head.value == maker.frames.size());
    CHECK(all_bytes(reader) == joined(maker.frames, window.floor.value - 1));
  }
}

TEST_CASE("the largest log gives way first") {
  MemoryStorage storage;
  LogSetOptions options;
  options.disk_bytes_max = kMiB;
  const auto set = LogSet::open(storage, kRange, options).value();
  LogMaker small, large;
  for (std::size_t i = 0; i < 20; ++i) {
    small.batch(feed_in(Bucket(3), 1), 1, 1000);
    REQUIRE(set->append(Bucket(3), small.views(i)));
  }
  set->of(Bucket(3)).publish();
  for (std::size_t i = 0; i < 3000; ++i) {
    large.batch(feed_in(Bucket(4), 1), 1, 1000);
    REQUIRE(set->append(Bucket(4), large.views(i)));
    set->of(Bucket(4)).publish();
  }
  CHECK(LogReader(set->of(Bucket(3))).window().floor == Seq(1));
  CHECK(LogReader(set->of(Bucket(4))).window().floor > Seq(1000));
}

TEST_CASE("what cannot go makes the disk full") {
  MemoryStorage storage;
  LogSetOptions options;
  options.disk_bytes_max = 300 * kKiB;
  LogMaker maker;
  for (int i = 0; i < 40; ++i) maker.batch(feed_in(Bucket(3), 1), 1, 10'000);

  SECTION("where everything is kept") {
    options.log.keep_everything = true;
    const auto set = LogSet::open(storage, kRange, options).value();
    std::size_t next = 0;
    Result<void> ok;
    for (; ok && next < 40; ++next) {
      ok = set->append(Bucket(3), maker.views(next, 1));
      set->of(Bucket(3)).publish();
    }
    REQUIRE_FALSE(ok);
    CHECK(ok.error().code == ErrorCode::kDiskFull);
    CHECK(next > 25);
    CHECK(storage.bytes() <= options.disk_bytes_max);
    CHECK(LogReader(set->of(Bucket(3))).window().head.value == next - 1);
    // It opens again, full as it is.
    CHECK(LogSet::open(storage, kRange, options));
  }
  SECTION("a group that is larger than the cap") {
    const auto set = LogSet::open(storage, kRange, options).value();
    CHECK(set->append(Bucket(3), maker.views()).error().code == ErrorCode::kDiskFull);
    CHECK(set->append(Bucket(3), maker.views(0, 20)));
  }
  SECTION("records that are not published yet") {
    const auto set = LogSet::open(storage, kRange, options).value();
    REQUIRE(set->append(Bucket(3), maker.views(0, 20)));
    CHECK(set->append(Bucket(3), maker.views(20, 10)).error().code == ErrorCode::kDiskFull);
    set->of(Bucket(3)).publish();
    CHECK(set->append(Bucket(3), maker.views(20, 10)));
  }
}

TEST_CASE("a cap that was made smaller holds from the start") {
  MemoryStorage storage;
  LogSetOptions options;
  options.log.segment_bytes = 100 * kKiB;
  LogMaker maker;
  {
    const auto set = LogSet::open(storage, kRange, options).value();
    for (std::size_t i = 0; i < 200; ++i) {
      maker.batch(feed_in(Bucket(5), 1), 1, 10'000);
      REQUIRE(set->append(Bucket(5), maker.views(i)));
    }
  }
  CHECK(storage.bytes() > 2 * kMiB - 100 * kKiB);
  options.disk_bytes_max = 500 * kKiB;
  const auto set = LogSet::open(storage, kRange, options).value();
  CHECK(storage.bytes() <= 500 * kKiB);
  LogReader reader(set->of(Bucket(5)));
  CHECK(all_bytes(reader) == joined(maker.frames, reader.window().floor.value - 1));
}

TEST_CASE("the hot tails stay within one budget, and the busiest gives way") {
  MemoryStorage storage;
  LogSetOptions options;
  options.hot_bytes_max = 256 * kKiB;
  const auto set = LogSet::open(storage, kRange, options).value();
  LogMaker quiet, busy;
  quiet.batch(feed_in(Bucket(3), 1));
  REQUIRE(set->append(Bucket(3), quiet.views()));
  set->of(Bucket(3)).publish();
  LogReader quiet_reader(set->of(Bucket(3))), busy_reader(set->of(Bucket(4)));
  for (std::size_t i = 0; i < 400; ++i) {
    busy.batch(feed_in(Bucket(4), 1), 1, 5000);
    REQUIRE(set->append(Bucket(4), busy.views(i)));
    set->of(Bucket(4)).publish();
    std::uint64_t hot = 0;
    for (std::uint16_t bucket = 3; bucket <= 6; ++bucket) hot += set->of(Bucket(bucket)).hot_bytes();
    REQUIRE(hot <= options.hot_bytes_max);
  }
  CHECK(quiet_reader.hot_run(Seq(1), 1000));
  CHECK(busy_reader.hot_run(Seq(400), 1000));
  CHECK_FALSE(busy_reader.hot_run(Seq(1), 1000));
  CHECK(set->of(Bucket(4)).hot_bytes() > 150 * kKiB);
}

TEST_CASE("recovery is reported bucket by bucket") {
  MemoryStorage storage;
  LogMaker maker;
  {
    const auto set = LogSet::open(storage, kRange, {}).value();
    for (int i = 0; i < 3; ++i) maker.batch(feed_in(Bucket(5), 1));
    REQUIRE(set->append(Bucket(5), maker.views()));
  }
  REQUIRE(storage.open("b00005/00000000000000000001.open").value()->truncate(joined(maker.frames).size() - 1));
  std::map<Bucket, RecoveryReport> reports;
  REQUIRE(LogSet::open(storage, kRange, {}, &reports));
  CHECK(reports.size() == 4);
  CHECK(reports[Bucket(5)].records == 2);
  CHECK(reports[Bucket(5)].cut_bytes == maker.frames[2].size() - 1);
  CHECK(reports[Bucket(4)].records == 0);
}
