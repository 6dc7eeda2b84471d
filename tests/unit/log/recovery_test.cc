// What lies in a folder becomes the window: after kills, torn writes, damage and missing files.
#include <algorithm>
#include <catch2/catch.hpp>

#include "relay/log/bucket_log.h"
#include "relay/log/log_folder.h"
#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

BucketLogOptions options_for(bool keep_everything) {
  BucketLogOptions options;
  options.segment_bytes = 2 * kKiB;
  options.keep_everything = keep_everything;
  return options;
}

// 24 records of three feeds with notices, in sealed segments and an open one.
LogMaker fill(Storage& storage, const BucketLogOptions& options = options_for(false)) {
  const auto log = BucketLog::open(storage, "b00005", kLogBucket, options).value();
  LogMaker maker;
  for (std::size_t i = 0; i < 24; ++i) {
    const FeedId feed = log_feed(i % 3);
    if (i < 3) {
      maker.notice(feed, RecordType::open);
    } else if (i == 17) {
      maker.reopen(feed);
    } else if (i % 5 == 0) {
      maker.notice(feed, RecordType::snapshot);
    } else {
      maker.batch(feed, 1 + i % 4, 10 + i);
    }
    REQUIRE(append_and_publish(*log, maker, i, 1));
  }
  return maker;
}

struct Opened {
  RecoveryReport report;
  std::unique_ptr<BucketLog> log;
  std::unique_ptr<LogReader> reader;
};
Opened reopen(Storage& storage, const BucketLogOptions& options = options_for(false)) {
  Opened opened;
  auto log = BucketLog::open(storage, "b00005", kLogBucket, options, &opened.report);
  REQUIRE(log);
  opened.log = std::move(*log);
  opened.reader = std::make_unique<LogReader>(*opened.log);
  return opened;
}

std::string only_open_file(Storage& storage) {
  const auto names = storage.list("b00005").value();
  for (const std::string& name : names) {
    if (name.ends_with(".open")) return "b00005/" + name;
  }
  FAIL("no open segment");
  return {};
}

bool same(const LoggedFeed& a, const LoggedFeed& b) {
  return a.epoch == b.epoch && a.first_version == b.first_version && a.last_version == b.last_version &&
         a.newest_batch == b.newest_batch && a.newest_batch_link == b.newest_batch_link && a.open == b.open &&
         a.close == b.close && a.expire == b.expire && a.erase == b.erase && a.snapshot == b.snapshot;
}

}  // namespace

TEST_CASE("a log that is opened again is the same log") {
  const bool keep = GENERATE(false, true);
  MemoryStorage storage;
  const LogMaker maker = fill(storage, options_for(keep));
  const Opened first = reopen(storage, options_for(keep));
  CHECK(first.report.records == 24);
  CHECK(first.report.cut_bytes == 0);
  CHECK(first.report.first_damage.empty());
  CHECK(first.log->tail() == ChainPosition{true, maker.epoch, Seq(24), maker.link, from_ms(maker.time_ms - 1)});
  CHECK(first.reader->window().link == maker.link);
  CHECK(first.reader->window().origin_time == from_ms(maker.time_ms - 1));
  CHECK(all_bytes(*first.reader) == joined(maker.frames));

  // As if it had never been closed: compare with a log that was not.
  MemoryStorage other;
  const auto log = BucketLog::open(other, "b00005", kLogBucket, options_for(keep)).value();
  REQUIRE(append_and_publish(*log, maker, 0));
  LogReader reader(*log);
  for (std::uint64_t number = 0; number < 4; ++number) {
    const FeedId feed = log_feed(number);
    REQUIRE(first.reader->feed(feed).has_value() == reader.feed(feed).has_value());
    if (reader.feed(feed)) CHECK(same(*first.reader->feed(feed), *reader.feed(feed)));
    for (std::uint64_t i = 0; i < 26; ++i) {
      CHECK(first.reader->next_of_feed(feed, Seq(i)) == reader.next_of_feed(feed, Seq(i)));
      CHECK(first.reader->seq_of(feed, Version(i)) == reader.seq_of(feed, Version(i)));
    }
  }
}

TEST_CASE("a log that is opened again goes on where it was") {
  MemoryStorage storage;
  LogMaker maker = fill(storage);
  for (int round = 0; round < 30; ++round) {
    const Opened opened = reopen(storage);
    const std::size_t from = maker.frames.size();
    maker.batch(log_feed(static_cast<std::uint64_t>(round % 4)), 2);
    REQUIRE(append_and_publish(*opened.log, maker, from));
    CHECK(all_bytes(*opened.reader) == joined(maker.frames));
    CHECK(opened.reader->feed(log_feed(static_cast<std::uint64_t>(round % 4)))->newest_batch_link == maker.link);
  }
}

TEST_CASE("killed at every length of the open segment: the whole records of it are there, and nothing else") {
  const bool keep = GENERATE(false, true);
  MemoryStorage storage;
  const LogMaker maker = fill(storage, options_for(keep));
  const std::string open_file = only_open_file(storage);
  const std::uint64_t size = storage.open(open_file).value()->size();
  const Bytes all = joined(maker.frames);
  const std::uint64_t sealed = all.size() - size;  // bytes of records in sealed segments

  std::vector<std::uint64_t> ends{sealed};
  for (std::uint64_t end = 0, i = 0; i < maker.frames.size(); ++i) {
    end += maker.frames[i].size();
    if (end > sealed) ends.push_back(end);
  }
  for (std::uint64_t length = 0; length <= size; ++length) {
    const auto killed = storage.copy();
    REQUIRE(killed->open(open_file).value()->truncate(length));
    const Opened opened = reopen(*killed, options_for(keep));
    const std::uint64_t whole = *std::prev(std::upper_bound(ends.begin(), ends.end(), sealed + length));
    REQUIRE(all_bytes(*opened.reader) == Bytes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(whole)));
    REQUIRE(opened.report.cut_bytes == sealed + length - whole);
    REQUIRE(opened.report.dropped_segments == 0);
    const Seq head = opened.reader->window().head;
    REQUIRE(append_and_publish(*opened.log, maker, head.value));
    REQUIRE(all_bytes(*opened.reader) == all);
  }
}

TEST_CASE("a flipped bit anywhere in the open segment cuts it there") {
  MemoryStorage storage;
  const LogMaker maker = fill(storage);
  const std::string open_file = only_open_file(storage);
  const std::uint64_t size = storage.open(open_file).value()->size();
  const Bytes all = joined(maker.frames);
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    const auto damaged = storage.copy();
    REQUIRE(damaged->flip(open_file, offset, static_cast<std::uint8_t>(1U << (offset % 8))));
    const Opened opened = reopen(*damaged);
    const Bytes held = all_bytes(*opened.reader);
    REQUIRE(held.size() <= all.size() - size + offset);
    REQUIRE(std::equal(held.begin(), held.end(), all.begin()));
    REQUIRE(opened.report.cut_bytes == all.size() - held.size());
    REQUIRE(opened.report.first_damage.find(open_file) == 0);
  }
}

TEST_CASE("where everything is kept, what is cut stays beside the log") {
  MemoryStorage storage;
  const LogMaker maker = fill(storage, options_for(true));
  const std::string open_file = only_open_file(storage);
  const Bytes before = read_file(storage, open_file, kMiB).value();
  const std::uint64_t first_end = maker.frames[24 - 1].size();
  REQUIRE(storage.flip(open_file, before.size() - first_end + 100, 1));
  const Bytes torn = read_file(storage, open_file, kMiB).value();
  const Opened opened = reopen(storage, options_for(true));
  CHECK(opened.reader->window().head == Seq(23));
  std::string cut;
  const auto names = storage.list("b00005").value();
  for (const std::string& name : names) {
    if (name.ends_with(".cut")) cut = name;
  }
  REQUIRE_FALSE(cut.empty());
  CHECK(read_file(storage, "b00005/" + cut, kMiB).value() ==
        Bytes(torn.end() - static_cast<std::ptrdiff_t>(first_end), torn.end()));
  CHECK(reopen(storage, options_for(true)).report.cut_bytes == 0);
}

TEST_CASE("a damaged footer drops its segment with everything below it, or is refused where everything is kept") {
  MemoryStorage storage;
  const LogMaker maker = fill(storage);
  const auto names = storage.list("b00005").value();
  REQUIRE(names.size() >= 4);
  const std::string damaged_file = "b00005/" + names[1];
  const std::uint64_t size = storage.open(damaged_file).value()->size();
  const std::uint64_t frames = [&] {
    const auto log = reopen(storage);
    return log.reader->cold_run(parse_segment_name(names[1])->first, kMiB)->bytes;
  }();
  for (std::uint64_t offset = frames; offset < size; ++offset) {
    const auto damaged = storage.copy();
    REQUIRE(damaged->flip(damaged_file, offset, 0x40));
    const auto refused = BucketLog::open(*damaged, "b00005", kLogBucket, options_for(true));
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == ErrorCode::kCorrupt);
    REQUIRE(refused.error().detail.find(damaged_file + " at ") == 0);
    REQUIRE(damaged->list("b00005") == names);

    const Opened opened = reopen(*damaged);
    REQUIRE(opened.report.dropped_segments == 2);
    REQUIRE(opened.report.first_damage.find(damaged_file) == 0);
    const LogWindow window = opened.reader->window();
    REQUIRE(window.floor == parse_segment_name(names[2])->first);
    REQUIRE(window.head == Seq(24));
    REQUIRE(all_bytes(*opened.reader) == joined(maker.frames, window.floor.value - 1));
    REQUIRE(damaged->list("b00005").value().front() == names[2]);
  }
}

TEST_CASE("every length of a sealed segment but the right one is damage") {
  MemoryStorage storage;
  fill(storage);
  const std::string name = "b00005/" + storage.list("b00005").value()[1];
  const std::uint64_t size = storage.open(name).value()->size();
  for (std::uint64_t length = 0; length <= size + 1; length += 7) {
    if (length == size) continue;
    const auto damaged = storage.copy();
    REQUIRE(damaged->open(name).value()->truncate(length));
    REQUIRE(reopen(*damaged).report.dropped_segments == 2);
  }
}

TEST_CASE("a segment that is missing is a hole") {
  MemoryStorage storage;
  const LogMaker maker = fill(storage);
  const auto names = storage.list("b00005").value();
  REQUIRE(storage.remove("b00005/" + names[1]));
  const auto refused = BucketLog::open(storage, "b00005", kLogBucket, options_for(true));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kCorrupt);
  CHECK(refused.error().detail.find("a segment is missing") != std::string::npos);
  const Opened opened = reopen(storage);
  CHECK(opened.report.dropped_segments == 1);
  CHECK(opened.reader->window().floor == parse_segment_name(names[2])->first);
  CHECK(all_bytes(*opened.reader) == joined(maker.frames, opened.reader->window().floor.value - 1));
}

TEST_CASE("segments of two histories do not become one") {
  MemoryStorage storage, other;
  fill(storage);
  LogMaker another;
  {
    const auto log = BucketLog::open(other, "b00005", kLogBucket, options_for(false)).value();
    for (std::size_t i = 0; i < 24; ++i) {
      another.batch(log_feed(7), 1, 30 + i % 2);
      REQUIRE(append_and_publish(*log, another, i, 1));
    }
  }
  // Its first sealed segment, under the same name.
  const auto names = other.list("b00005").value();
  const std::string name = "b00005/" + names[0];
  if (storage.list("b00005").value()[0] == names[0]) REQUIRE(storage.remove(name));
  REQUIRE(replace_file(storage, name, read_file(other, name, kMiB).value()));
  const Opened opened = reopen(storage);
  CHECK(opened.report.dropped_segments >= 1);
  CHECK(opened.report.first_damage.find("link") + opened.report.first_damage.find("missing") != 2 * std::string::npos);
}

TEST_CASE("a crash between sealing and the new name loses nothing") {
  MemoryStorage storage;
  const LogMaker maker = fill(storage);
  const auto names = storage.list("b00005").value();
  const SegmentName newest_sealed = parse_segment_name(names[names.size() - 2]).value();
  REQUIRE(storage.remove("b00005/" + names.back()));
  REQUIRE(storage.rename("b00005/" + to_string(newest_sealed), "b00005/" + to_string({newest_sealed.first, false})));
  for (const bool successor : {false, true}) {
    const auto crashed = storage.copy();
    if (successor) REQUIRE(crashed->create("b00005/" + names.back()));
    const Opened opened = reopen(*crashed, options_for(true));
    CHECK(opened.report.cut_bytes == 0);
    CHECK(opened.report.first_damage.empty());
    const std::uint64_t head = opened.reader->window().head.value;
    CHECK(head == parse_segment_name(names.back())->first.value - 1);
    REQUIRE(append_and_publish(*opened.log, maker, head));
    CHECK(all_bytes(*opened.reader) == joined(maker.frames));
  }
}

TEST_CASE("a file that cannot be read is no damage: the log does not open and nothing is removed") {
  const bool keep = GENERATE(false, true);
  MemoryStorage storage;
  fill(storage, options_for(keep));
  const auto names = storage.list("b00005").value();
  const auto counting = storage.copy();
  reopen(*counting, options_for(keep));
  for (std::uint64_t nth = 1; nth <= counting->operations(); ++nth) {
    const auto failing = storage.copy();
    failing->fail_operation(nth, ErrorCode::kIo);
    const auto log = BucketLog::open(*failing, "b00005", kLogBucket, options_for(keep));
    REQUIRE_FALSE(log);
    CHECK(log.error().code == ErrorCode::kIo);
    CHECK(failing->list("b00005").value() == names);
  }
}

TEST_CASE("files that were begun and not finished are removed, strange ones stay") {
  MemoryStorage storage;
  fill(storage);
  REQUIRE(storage.create("b00005/kept.new"));
  REQUIRE(storage.create("b00005/notes.txt"));
  REQUIRE(storage.create("b00005/7.log"));
  CHECK(reopen(storage).report.records == 24);
  const auto names = storage.list("b00005").value();
  CHECK(std::find(names.begin(), names.end(), "kept.new") == names.end());
  CHECK(std::find(names.begin(), names.end(), "notes.txt") != names.end());
  CHECK(std::find(names.begin(), names.end(), "7.log") != names.end());
}
