// What a log gives up at its front, and what stays known of the feeds there.
#include <algorithm>
#include <catch2/catch.hpp>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_script.h"

using namespace xylem;

namespace {

BucketLogOptions options_with(std::uint64_t kept_bytes_max = kMiB) {
  BucketLogOptions options;
  options.segment_bytes = 3 * kKiB;
  options.hot_bytes = 4 * kKiB;
  options.chunk_bytes = 2 * kKiB;
  options.kept_bytes_max = kept_bytes_max;
  return options;
}

std::unique_ptr<BucketLog> open_log(Storage& storage, const BucketLogOptions& options = options_with()) {
  return BucketLog::open(storage, "b00005", kLogBucket, options).value();
}

void append_each(BucketLog& log, const LogMaker& maker, std::size_t from = 0) {
  for (std::size_t i = from; i < maker.frames.size(); ++i) REQUIRE(append_and_publish(log, maker, i, 1));
}

std::uint64_t kept_bytes(Storage& storage) {
  const auto file = storage.open("b00005/kept");
  return file ? (*file)->size() : 0;
}

}  // namespace

TEST_CASE("retention drops whole segments at the front, and counts what it freed") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogReader reader(*log);
  LogMaker maker;
  for (int i = 0; i < 60; ++i) maker.batch(log_feed(1), 1, 200);
  append_each(*log, maker);
  const std::uint64_t before = log->disk_bytes();
  CHECK(log->retain(before).value() == 0);
  const auto dropped = log->retain(12 * kKiB);
  CHECK(log->disk_bytes() <= 12 * kKiB);
  CHECK(dropped.value() == before - log->disk_bytes());
  CHECK(storage.bytes() <= log->disk_bytes());
  const LogWindow window = reader.window();
  CHECK(window.floor > Seq(1));
  CHECK(window.head == Seq(60));
  CHECK(all_bytes(reader) == joined(maker.frames, window.floor.value - 1));
  CHECK(reader.cold_run(Seq(1), 1000).error().code == ErrorCode::kTooOld);
  CHECK(reader.feed(log_feed(1))->first_version == Version(window.floor.value));
  CHECK_FALSE(reader.seq_of(log_feed(1), Version(1)));
  CHECK(reader.seq_of(log_feed(1), Version(window.floor.value)) == window.floor);

  REQUIRE(log->retain(0));
  CHECK(reader.window().floor > window.floor);
  CHECK(reader.window().floor <= Seq(60));  // the open segment stays
  REQUIRE(log->roll());
  REQUIRE(log->retain(0));
  CHECK(reader.window().floor == Seq(61));
  CHECK(reader.window().head == Seq(60));
  CHECK(all_bytes(reader).empty());
  maker.batch(log_feed(1));
  REQUIRE(append_and_publish(*log, maker, 60));
  CHECK(all_bytes(reader) == maker.frames[60]);
}

TEST_CASE("where everything is kept nothing is dropped") {
  MemoryStorage storage;
  BucketLogOptions options = options_with();
  options.keep_everything = true;
  const auto log = open_log(storage, options);
  LogMaker maker;
  for (int i = 0; i < 40; ++i) maker.batch(log_feed(1), 1, 200);
  append_each(*log, maker);
  CHECK_FALSE(log->can_drop());
  CHECK_FALSE(log->can_roll());
  CHECK(log->retain(0).value() == 0);
  CHECK(LogReader(*log).window().floor == Seq(1));
}

TEST_CASE("a segment with records that nobody can see yet is not dropped") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogMaker maker;
  for (int i = 0; i < 20; ++i) maker.batch(log_feed(1), 1, 200);
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(log->append(maker.views(i, 1)));
  CHECK_FALSE(log->can_drop());
  CHECK(log->retain(0).value() == 0);
  log->publish();
  CHECK(log->can_drop());
  CHECK(log->retain(0).value() > 0);
}

TEST_CASE("below the floor each feed's newest notices and newest header stay, over a restart too") {
  MemoryStorage storage;
  LogMaker maker;
  const FeedId quiet = log_feed(1), busy = log_feed(2), gone = log_feed(3);
  maker.notice(quiet, RecordType::open);
  maker.batch(quiet, 3);
  maker.notice(quiet, RecordType::expire);
  maker.notice(quiet, RecordType::expire);
  maker.batch(quiet, 2);
  maker.notice(quiet, RecordType::redaction);
  maker.notice(quiet, RecordType::close);
  maker.notice(gone, RecordType::open);
  maker.batch(gone);
  maker.notice(gone, RecordType::snapshot);
  maker.notice(gone, RecordType::erase);
  maker.notice(busy, RecordType::open);
  for (int i = 0; i < 60; ++i) maker.batch(busy, 1, 150);
  auto log = open_log(storage);
  append_each(*log, maker);
  REQUIRE(log->retain(5 * kKiB));

  for (const bool restarted : {false, true}) {
    CAPTURE(restarted);
    if (restarted) {
      log.reset();
      log = open_log(storage);
    }
    LogReader reader(*log);
    REQUIRE(reader.window().floor > Seq(20));
    CHECK(reader.feed_count() == 3);
    const LoggedFeed state = reader.feed(quiet).value();
    CHECK(state.epoch == maker.feeds[quiet].epoch);
    CHECK(state.open == Seq(1));
    CHECK(state.expire == Seq(4));
    CHECK(state.close == Seq(7));
    CHECK(state.snapshot == Seq(0));
    CHECK(state.newest_batch == Seq(5));
    CHECK(state.newest_batch_link == maker.feeds[quiet].link);
    CHECK(state.last_version == Version(5));
    CHECK(state.first_version == Version(6));
    CHECK_FALSE(reader.seq_of(quiet, Version(5)));
    CHECK_FALSE(reader.next_of_feed(quiet, Seq(0)));
    CHECK(reader.notice(quiet, RecordType::open) == maker.frames[0]);
    CHECK(reader.notice(quiet, RecordType::expire) == maker.frames[3]);
    CHECK(reader.notice(quiet, RecordType::close) == maker.frames[6]);
    CHECK(reader.notice(quiet, RecordType::batch) == withhold_record(maker.records[4]));
    CHECK(reader.notice(quiet, RecordType::erase).error().code == ErrorCode::kNotHeld);
    CHECK(reader.notice(quiet, RecordType::redaction).error().code == ErrorCode::kNotHeld);
    CHECK(reader.notice(gone, RecordType::erase) == maker.frames[10]);
    CHECK(reader.notice(gone, RecordType::snapshot) == maker.frames[9]);
    CHECK(reader.notice(busy, RecordType::open) == maker.frames[11]);
    CHECK(reader.notice(busy, RecordType::batch) == maker.frames.back());
    CHECK(reader.notice(log_feed(9), RecordType::open).error().code == ErrorCode::kUnknownFeed);
  }
}

TEST_CASE("a feed that was quiet goes on where it was, though its batches are gone") {
  MemoryStorage storage;
  LogMaker maker;
  maker.notice(log_feed(1), RecordType::open);
  maker.batch(log_feed(1), 7);
  for (int i = 0; i < 60; ++i) maker.batch(log_feed(2), 1, 150);
  auto log = open_log(storage);
  append_each(*log, maker);
  REQUIRE(log->retain(4 * kKiB));
  const bool restart = GENERATE(false, true);
  if (restart) {
    log.reset();
    log = open_log(storage);
  }
  const std::size_t before = maker.frames.size();
  maker.notice(log_feed(1), RecordType::snapshot);
  maker.batch(log_feed(1), 2);
  REQUIRE(append_and_publish(*log, maker, before));
  LogReader reader(*log);
  const LoggedFeed state = reader.feed(log_feed(1)).value();
  CHECK(state.first_version == Version(8));
  CHECK(state.last_version == Version(9));
  CHECK(reader.seq_of(log_feed(1), Version(8)) == maker.header(before + 1).seq);
  CHECK_FALSE(reader.seq_of(log_feed(1), Version(7)));
  CHECK(reader.next_of_feed(log_feed(1), Seq(0)) == maker.header(before).seq);
}

TEST_CASE("notices that newer ones replaced do not fill the disk") {
  MemoryStorage storage;
  const auto log = open_log(storage);
  LogMaker maker;
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    maker.notice(log_feed(i % 10), RecordType::snapshot);
    REQUIRE(append_and_publish(*log, maker, i, 1));
    REQUIRE(log->retain(8 * kKiB));
    largest = std::max(largest, kept_bytes(storage));
  }
  CHECK(largest < 60 * kKiB);
  check_log(*log, maker);
}

TEST_CASE("when more is kept than allowed, the feeds that were quiet longest are forgotten") {
  MemoryStorage storage;
  constexpr std::uint64_t kMax = 24 * kKiB;
  LogMaker maker;
  auto log = open_log(storage, options_with(kMax));
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    maker.notice(log_feed(i), RecordType::open);
    maker.batch(log_feed(i));
    maker.batch(log_feed(0));  // an old feed, but never quiet
    REQUIRE(append_and_publish(*log, maker, 3 * i));
    REQUIRE(log->retain(40 * kKiB));
    largest = std::max(largest, kept_bytes(storage));
  }
  CHECK(largest <= kMax);
  CHECK(largest > kMax / 2);
  for (const bool restarted : {false, true}) {
    if (restarted) {
      log.reset();
      log = open_log(storage, options_with(kMax));
    }
    LogReader reader(*log);
    CHECK(reader.feed(log_feed(0))->open == Seq(1));
    CHECK(reader.notice(log_feed(0), RecordType::open) == maker.frames[0]);
    CHECK_FALSE(reader.feed(log_feed(1)));
    CHECK(reader.notice(log_feed(1), RecordType::open).error().code == ErrorCode::kUnknownFeed);
    CHECK(reader.feed(log_feed(399)));
    CHECK(reader.feed_count() < 200);
  }
}

TEST_CASE("what is kept is not believed when something between it and the floor is missing") {
  MemoryStorage storage;
  LogMaker maker;
  maker.notice(log_feed(1), RecordType::open);
  for (int i = 0; i < 30; ++i) maker.batch(log_feed(2), 1, 150);
  maker.notice(log_feed(1), RecordType::erase);
  for (int i = 0; i < 60; ++i) maker.batch(log_feed(2), 1, 150);
  {
    const auto log = open_log(storage);
    append_each(*log, maker);
    REQUIRE(log->retain(log->disk_bytes() - 1));  // feed 1 is known by what is kept
    REQUIRE(LogReader(*log).notice(log_feed(1), RecordType::open) == maker.frames[0]);
  }
  // The segment with the erasure is damaged: that the feed is open must not be said any more.
  const auto names = storage.list("b00005").value();
  const auto damaged = "b00005/" + names[3];
  REQUIRE(storage.flip(damaged, storage.open(damaged).value()->size() - 20, 1));
  const auto log = open_log(storage);
  LogReader reader(*log);
  CHECK(reader.window().floor > Seq(32));
  CHECK_FALSE(reader.feed(log_feed(1)));
  CHECK(kept_bytes(storage) == 0);
}

TEST_CASE("a segment that rotted since it was sealed goes without its notices, and takes the others with it") {
  MemoryStorage storage;
  LogMaker maker;
  maker.notice(log_feed(1), RecordType::open);
  for (int i = 0; i < 60; ++i) maker.batch(log_feed(2), 1, 150);
  const auto log = open_log(storage);
  append_each(*log, maker);
  REQUIRE(log->retain(log->disk_bytes() - 1));
  LogReader reader(*log);
  REQUIRE(reader.notice(log_feed(1), RecordType::open));
  const std::string front = "b00005/" + storage.list("b00005").value().front();
  REQUIRE(storage.flip(front, storage.open(front).value()->size() - 20, 1));
  REQUIRE(log->retain(log->disk_bytes() - 1));
  CHECK(reader.notice(log_feed(1), RecordType::open).error().code == ErrorCode::kNotHeld);
  CHECK(kept_bytes(storage) == 0);
  CHECK(all_bytes(reader) == joined(maker.frames, reader.window().floor.value - 1));
}

TEST_CASE("a removal that fails can be tried again") {
  MemoryStorage storage;
  LogMaker maker = script_records(60);
  const auto log = open_log(storage);
  append_each(*log, maker);
  const auto counting = storage.copy();
  for (std::uint64_t nth = 1; nth < 12; ++nth) {
    storage.fail_operation(nth, ErrorCode::kIo);
    const auto failed = log->retain(log->disk_bytes() - 1);
    storage.clear_faults();
    if (!failed && failed.error().detail.find("opened again") != std::string::npos) break;
    check_log(*log, maker);
    if (!log->can_drop()) break;
  }
}
