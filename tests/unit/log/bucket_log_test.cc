#include "relay/log/bucket_log.h"

#include <catch2/catch.hpp>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

BucketLogOptions small_segments() {
  BucketLogOptions options;
  options.segment_bytes = 4 * kKiB;
  options.hot_bytes = 2 * kKiB;
  options.chunk_bytes = kKiB;
  return options;
}

std::unique_ptr<BucketLog> open_log(Storage& storage, const BucketLogOptions& options = small_segments(),
                                    RecoveryReport* report = nullptr) {
  auto log = BucketLog::open(storage, "b00005", kLogBucket, options, report);
  REQUIRE(log);
  return std::move(*log);
}

}  // namespace

TEST_CASE("a new log holds nothing and takes any first seq") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  CHECK(reader.window().floor == Seq(1));
  CHECK(reader.window().head == Seq(0));
  CHECK(reader.window().epoch == Epoch(0));
  CHECK(log->tail().held == false);
  CHECK(log->disk_bytes() == 0);
  CHECK_FALSE(reader.hot_run(Seq(1), 1000));
  CHECK(reader.cold_run(Seq(1), 1000).error().code == ErrorCode::kFromTheFuture);
  CHECK_FALSE(reader.feed(log_feed(1)));

  LogMaker maker(Seq(700));
  maker.batch(log_feed(1));
  REQUIRE(append_and_publish(*log, maker, 0));
  CHECK(reader.window().floor == Seq(700));
  CHECK(reader.window().head == Seq(700));
  CHECK(reader.window().link == maker.link);
  CHECK(reader.window().epoch == maker.epoch);
  CHECK(reader.cold_run(Seq(699), 1000).error().code == ErrorCode::kTooOld);
}

TEST_CASE("records are visible when they are published, not before") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  maker.notice(log_feed(1), RecordType::open);
  maker.batch(log_feed(1), 3);
  maker.batch(log_feed(1), 2);
  REQUIRE(log->append(maker.views()));
  CHECK(log->tail().seq == Seq(3));
  CHECK(log->tail().link == maker.link);
  CHECK(reader.window().head == Seq(0));
  CHECK_FALSE(reader.feed(log_feed(1)));
  CHECK_FALSE(reader.seq_of(log_feed(1), Version(1)));
  CHECK_FALSE(reader.next_of_feed(log_feed(1), Seq(0)));
  CHECK_FALSE(reader.hot_run(Seq(1), 1000));
  CHECK(reader.feed_count() == 0);

  log->publish(Seq(2));
  CHECK(reader.window().head == Seq(2));
  CHECK(reader.window().link == link_of(view_of(maker.frames[1]).decoded));
  CHECK(reader.feed(log_feed(1))->last_version == Version(3));
  CHECK(reader.feed(log_feed(1))->newest_batch_link == reader.window().link);
  CHECK(reader.seq_of(log_feed(1), Version(3)) == Seq(2));
  CHECK_FALSE(reader.seq_of(log_feed(1), Version(4)));
  CHECK(reader.hot_run(Seq(1), 10'000)->last == Seq(2));
  CHECK(reader.cold_run(Seq(1), 10'000)->last == Seq(2));
  CHECK(reader.feed_count() == 1);

  log->publish();
  CHECK(reader.feed(log_feed(1))->last_version == Version(5));
  CHECK(reader.seq_of(log_feed(1), Version(4)) == Seq(3));
  CHECK(all_bytes(reader) == joined(maker.frames));
}

TEST_CASE("what is read is what was appended, hot and cold, over many segments") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  for (int i = 0; i < 200; ++i) {
    maker.batch(log_feed(static_cast<std::uint64_t>(i % 7)), 1 + static_cast<std::size_t>(i % 5),
                static_cast<std::size_t>(20 + i * 3));
    REQUIRE(append_and_publish(*log, maker, static_cast<std::size_t>(i)));
  }
  CHECK(storage.list("b00005")->size() > 10);
  CHECK(all_bytes(reader) == joined(maker.frames));
  CHECK(all_bytes(reader, 1) == joined(maker.frames));
  const auto hot = reader.hot_run(Seq(200), 1);
  REQUIRE(hot);
  CHECK(Bytes(hot->bytes.begin(), hot->bytes.end()) == maker.frames[199]);
  CHECK_FALSE(reader.hot_run(Seq(1), 1000));
  CHECK(log->hot_bytes() <= 3 * kKiB);
  for (std::size_t i = 0; i < 200; ++i) {
    const RecordView view = view_of(maker.frames[i]);
    CHECK(reader.header_at(Seq(i + 1)) == Bytes(view.decoded.all.begin(), view.decoded.all.end()));
  }
  CHECK(reader.header_at(Seq(201)).error().code == ErrorCode::kFromTheFuture);
}

TEST_CASE("a run ends with the segment, the chunk, or where bytes_max is reached") {
  MemoryStorage storage;
  BucketLogOptions options = small_segments();
  options.segment_bytes = 100 * kKiB;
  options.hot_bytes = 100 * kKiB;
  options.chunk_bytes = 3500;
  const auto log = open_log(storage, options);
  LogReader reader(*log);
  LogMaker maker;
  for (int i = 0; i < 20; ++i) maker.batch(log_feed(1), 1, 48);  // 348 bytes a frame, ten a chunk
  REQUIRE(append_and_publish(*log, maker, 0));
  CHECK(reader.hot_run(Seq(1), 0)->last == Seq(1));
  CHECK(reader.hot_run(Seq(1), 347)->last == Seq(1));
  CHECK(reader.hot_run(Seq(1), 348)->last == Seq(1));
  CHECK(reader.hot_run(Seq(1), 696)->last == Seq(2));
  CHECK(reader.hot_run(Seq(1), 1'000'000)->last == Seq(10));
  CHECK(reader.hot_run(Seq(11), 1'000'000)->last == Seq(20));
  CHECK(reader.cold_run(Seq(1), 1'000'000)->last == Seq(20));
  CHECK(reader.cold_run(Seq(3), 348 * 4)->last == Seq(6));
  CHECK(reader.cold_run(Seq(3), 348 * 4)->offset == 348 * 2);
}

TEST_CASE("a group that does not follow is refused") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogMaker maker;
  for (int i = 0; i < 4; ++i) maker.batch(log_feed(1));
  REQUIRE(log->append(maker.views(0, 2)));
  CHECK(log->append(maker.views(3, 1)).error().code == ErrorCode::kWrongSeq);
  CHECK(log->append(maker.views(1, 2)).error().code == ErrorCode::kWrongSeq);
  const std::vector<RecordView> gap{maker.records[3], maker.records[2]};
  CHECK(log->append(gap).error().code == ErrorCode::kWrongSeq);
  CHECK(log->append({}));
  CHECK(log->append(maker.views(2)));
  CHECK(log->tail().seq == Seq(4));
}

TEST_CASE("a group of more than four MiB is refused as a whole") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogMaker maker;
  for (int i = 0; i < 80; ++i) maker.batch(log_feed(1), 1, 55 * kKiB);
  CHECK(log->append(maker.views()).error().code == ErrorCode::kTooLarge);
  CHECK(log->tail().held == false);
  CHECK(log->append(maker.views(0, 74)));
}

TEST_CASE("a group longer than a segment stands in one of its own") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  maker.batch(log_feed(1));
  REQUIRE(append_and_publish(*log, maker, 0));
  for (int i = 0; i < 100; ++i) maker.batch(log_feed(2), 1, 500);
  REQUIRE(append_and_publish(*log, maker, 1));
  maker.batch(log_feed(1));
  REQUIRE(append_and_publish(*log, maker, 101));
  CHECK(storage.list("b00005") ==
        std::vector<std::string>{"00000000000000000001.log", "00000000000000000002.log", "00000000000000000102.open"});
  CHECK(all_bytes(reader) == joined(maker.frames));
}

TEST_CASE("an append that fails leaves nothing, and the next one succeeds") {
  const auto effect = GENERATE(MemoryStorage::Effect::none, MemoryStorage::Effect::half, MemoryStorage::Effect::whole);
  const auto code = GENERATE(ErrorCode::kDiskFull, ErrorCode::kIo);
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  for (int i = 0; i < 5; ++i) maker.batch(log_feed(1), 1, 30);
  REQUIRE(append_and_publish(*log, maker, 0, 3));
  const std::uint64_t before = storage.bytes();
  storage.fail_operation(1, code, effect);
  CHECK(log->append(maker.views(3)).error().code == code);
  CHECK(storage.bytes() == before);
  CHECK(log->tail().seq == Seq(3));
  log->publish();
  CHECK(reader.window().head == Seq(3));
  REQUIRE(append_and_publish(*log, maker, 3));
  CHECK(all_bytes(reader) == joined(maker.frames));
}

TEST_CASE("a first append that fails does not decide where the log begins") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker early(Seq(10)), late(Seq(90));
  early.batch(log_feed(1));
  late.batch(log_feed(1));
  storage.fail_operation(3, ErrorCode::kDiskFull);  // create, sync of the folder, append
  CHECK(log->append(early.views()).error().code == ErrorCode::kDiskFull);
  REQUIRE(append_and_publish(*log, late, 0));
  CHECK(reader.window().floor == Seq(90));
  CHECK(storage.list("b00005") == std::vector<std::string>{"00000000000000000090.open"});
}

TEST_CASE("when not even the cut succeeds the log refuses, and is whole when opened again") {
  MemoryStorage storage;
  LogMaker maker;
  for (int i = 0; i < 4; ++i) maker.batch(log_feed(1), 1, 30);
  {
    const auto log = open_log(storage);
    LogReader reader(*log);
    REQUIRE(append_and_publish(*log, maker, 0, 2));
    storage.fail_operation(1, ErrorCode::kDiskFull, MemoryStorage::Effect::half);
    storage.stop_operation(2);
    CHECK(log->append(maker.views(2)).error().code == ErrorCode::kDiskFull);
    storage.clear_faults();
    CHECK(log->append(maker.views(2)).error().code == ErrorCode::kDiskFull);
    CHECK(log->append(maker.views(2)).error().detail.find("opened again") != std::string::npos);
    CHECK_FALSE(log->sync());
    CHECK_FALSE(log->roll());
    CHECK_FALSE(log->retain(0));
    CHECK_FALSE(log->clear());
    CHECK(all_bytes(reader) == joined(maker.frames, 0, 2));
  }
  RecoveryReport report;
  const auto log = open_log(storage, small_segments(), &report);
  LogReader reader(*log);
  CHECK(report.records == 2);
  CHECK(report.cut_bytes > 0);
  REQUIRE(append_and_publish(*log, maker, 2));
  CHECK(all_bytes(reader) == joined(maker.frames));
}

TEST_CASE("a sync can wait elsewhere while the writer goes on") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  for (int i = 0; i < 40; ++i) maker.batch(log_feed(1), 1, 200);
  REQUIRE(log->append(maker.views(0, 3)));
  const BucketLog::Sync sync = log->begin_sync();
  CHECK(sync.up_to == Seq(3));
  for (std::size_t i = 3; i < 40; ++i) REQUIRE(log->append(maker.views(i, 1)));  // over segments
  REQUIRE(log->end_sync(sync.run()));
  log->publish(sync.up_to);
  CHECK(reader.window().head == Seq(3));
  CHECK(all_bytes(reader) == joined(maker.frames, 0, 3));
  const BucketLog::Sync rest = log->begin_sync();
  REQUIRE(log->end_sync(rest.run()));
  log->publish(rest.up_to);
  CHECK(all_bytes(reader) == joined(maker.frames));
}

TEST_CASE("after a sync that failed nothing more becomes visible, and what was not durable is cut") {
  MemoryStorage storage;
  BucketLogOptions options = small_segments();
  options.keep_everything = true;
  LogMaker maker;
  for (int i = 0; i < 6; ++i) maker.batch(log_feed(1), 1, 30);
  {
    const auto log = open_log(storage, options);
    LogReader reader(*log);
    REQUIRE(log->append(maker.views(0, 3)));
    REQUIRE(log->sync());
    log->publish();
    REQUIRE(log->append(maker.views(3)));
    storage.fail_operation(1, ErrorCode::kIo);
    CHECK(log->sync().error().code == ErrorCode::kIo);
    log->publish();
    CHECK(reader.window().head == Seq(3));
  }
  // The pages of a failed sync may be in memory only: nobody may take them for durable after a restart.
  storage.clear_faults();
  const auto log = open_log(storage, options);
  LogReader reader(*log);
  CHECK(reader.window().head == Seq(3));
  REQUIRE(log->append(maker.views(3)));
  REQUIRE(log->sync());
  log->publish();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto after = storage.copy();
    after->cut_power(seed);
    const auto again = open_log(*after, options);
    LogReader reader_again(*again);
    CHECK(all_bytes(reader_again) == joined(maker.frames));
  }
}

TEST_CASE("versions go on in a new feed epoch, and begin anew after an erasure") {
  MemoryStorage storage;
  auto log = open_log(storage);
  LogMaker maker;
  const FeedId feed = log_feed(1);
  maker.notice(feed, RecordType::open);
  maker.batch(feed, 3);
  maker.notice(feed, RecordType::snapshot);
  maker.next_epoch(feed);
  maker.batch(feed, 2);
  REQUIRE(append_and_publish(*log, maker, 0));
  for (const bool restarted : {false, true}) {
    if (restarted) {
      REQUIRE(log->roll());
      log.reset();
      log = open_log(storage);
    }
    LogReader reader(*log);
    const LoggedFeed state = reader.feed(feed).value();
    CHECK(state.epoch == maker.feeds[feed].epoch);
    CHECK(state.first_version == Version(1));
    CHECK(state.last_version == Version(5));
    CHECK(state.open == Seq(4));
    CHECK(state.snapshot == Seq(3));
    CHECK(reader.seq_of(feed, Version(3)) == Seq(2));
    CHECK(reader.seq_of(feed, Version(4)) == Seq(5));
  }
  maker.notice(feed, RecordType::erase);
  maker.reopen(feed);
  maker.batch(feed, 2);
  REQUIRE(append_and_publish(*log, maker, 5));
  for (const bool restarted : {false, true}) {
    if (restarted) {
      REQUIRE(log->roll());
      log.reset();
      log = open_log(storage);
    }
    LogReader reader(*log);
    const LoggedFeed state = reader.feed(feed).value();
    CHECK(state.first_version == Version(1));
    CHECK(state.last_version == Version(2));
    CHECK(state.open == Seq(7));
    CHECK(state.snapshot == Seq(0));
    CHECK(state.erase == Seq(0));
    CHECK(reader.seq_of(feed, Version(1)) == Seq(8));
    CHECK_FALSE(reader.seq_of(feed, Version(3)));
    CHECK(reader.next_of_feed(feed, Seq(0)) == Seq(1));
  }
}

TEST_CASE("clear makes another history possible, and old readers cannot mistake it") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker old, fresh;
  fresh.epoch = Epoch(old.epoch.value + 1);
  for (int i = 0; i < 50; ++i) old.batch(log_feed(1), 1, 100);
  for (int i = 0; i < 30; ++i) fresh.batch(log_feed(2), 1, 100);
  for (std::size_t i = 0; i < 50; ++i) REQUIRE(append_and_publish(*log, old, i, 1));
  REQUIRE(reader.window().head == Seq(50));
  const ColdRun before = reader.cold_run(Seq(1), 1000).value();

  REQUIRE(log->clear());
  REQUIRE(append_and_publish(*log, fresh, 0));
  // This reader has not looked since.
  CHECK_FALSE(reader.hot_run(Seq(1), 1000));
  CHECK(reader.cold_run(Seq(1), 1000).error().code == ErrorCode::kEpochChanged);
  CHECK(reader.header_at(Seq(1)).error().code == ErrorCode::kEpochChanged);
  CHECK_FALSE(reader.feed(log_feed(1)));
  CHECK_FALSE(reader.next_of_feed(log_feed(2), Seq(0)));
  Bytes first(before.bytes);
  CHECK(read_exactly(*before.file, before.offset, first));
  CHECK(first == joined(old.frames, 0, before.last.value));

  CHECK(reader.window().epoch == fresh.epoch);
  CHECK(reader.window().head == Seq(30));
  CHECK_FALSE(reader.feed(log_feed(1)));
  CHECK(reader.feed(log_feed(2)));
  CHECK(all_bytes(reader) == joined(fresh.frames));
  CHECK(log->disk_bytes() >= joined(fresh.frames).size());
}

TEST_CASE("memory of what was dropped is freed when every reader has passed a quiescent point") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader busy(*log), idle(*log);
  LogMaker maker;
  for (int i = 0; i < 100; ++i) maker.batch(log_feed(static_cast<std::uint64_t>(i % 3)), 1, 200);
  for (std::size_t i = 0; i < 100; ++i) REQUIRE(append_and_publish(*log, maker, i, 1));
  log->collect();
  const std::uint64_t full = log->memory_bytes();

  const auto held = busy.hot_run(Seq(100), 1000);
  REQUIRE(held);
  const Bytes copy(held->bytes.begin(), held->bytes.end());
  REQUIRE(log->roll());
  REQUIRE(log->retain(0));
  log->collect();
  CHECK(log->memory_bytes() > full * 9 / 10);  // it all waits for the one reader that is inside
  CHECK(Bytes(held->bytes.begin(), held->bytes.end()) == copy);
  busy.quiescent();
  log->collect();
  CHECK(log->memory_bytes() < full / 2);
}
