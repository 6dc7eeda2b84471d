#include "relay/log/segment_table.h"

#include <catch2/catch.hpp>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

LogMaker sample() {
  LogMaker maker(Seq(1000));
  maker.notice(log_feed(1), RecordType::open);
  maker.batch(log_feed(1), 3);
  maker.batch(log_feed(2), 4);
  maker.batch(log_feed(1), 5);
  maker.reopen(log_feed(1));
  maker.batch(log_feed(1), 1);
  maker.feeds[log_feed(2)].version = Version(50);  // a gap
  maker.batch(log_feed(2), 2);
  return maker;
}

SegmentTable table_of(const LogMaker& maker) {
  SegmentTableBuilder builder(kLogBucket, maker.header(0).seq);
  for (const RecordView& record : maker.records) {
    builder.add(record);
    builder.set_link(link_of(record.decoded));
  }
  return builder.take();
}

std::unique_ptr<File> sealed(MemoryStorage& storage, const LogMaker& maker, const Bytes& footer) {
  auto file = storage.create("segment").value();
  REQUIRE(file->append(joined(maker.frames)));
  REQUIRE(file->append(footer));
  return file;
}

}  // namespace

TEST_CASE("a table has a row for each feed in each epoch, and a new one where versions leave a gap") {
  const LogMaker maker = sample();
  const SegmentTable table = table_of(maker);
  CHECK(table.first == Seq(1000));
  CHECK(table.next() == Seq(1007));
  CHECK(table.frames_bytes == joined(maker.frames).size());
  CHECK(table.link_before == Hash256{});
  CHECK(table.link == maker.link);
  CHECK(table.epoch == maker.epoch);
  REQUIRE(table.feeds.size() == 4);
  const FeedEpoch first_epoch(maker.feeds.at(log_feed(2)).epoch);
  CHECK(table.feeds[0] == FeedRow{log_feed(1), first_epoch, Version(1), Seq(1003), link_of(maker.records[3].decoded)});
  CHECK(table.feeds[1] == FeedRow{log_feed(2), first_epoch, Version(1), Seq(1002), link_of(maker.records[2].decoded)});
  CHECK(table.feeds[2] == FeedRow{log_feed(1), FeedEpoch(first_epoch.value + 1), Version(1), Seq(1005),
                                  link_of(maker.records[5].decoded)});
  CHECK(table.feeds[3] == FeedRow{log_feed(2), first_epoch, Version(51), Seq(1006), maker.link});
  CHECK(table.records[1].events == 3);
  CHECK(table.records[1].type == RecordType::batch);
  CHECK(table.records[4].type == RecordType::open);
  CHECK(table.records[4].feed_row == 2);
  CHECK_FALSE(table.records[4].follows_batch);
  CHECK(table.records[3].follows_batch);
}

TEST_CASE("a footer says what was put into it") {
  const LogMaker maker = sample();
  MemoryStorage storage;
  const SegmentTable table = table_of(maker);
  const Bytes footer = encode_footer(table);
  CHECK(footer.size() == footer_bytes(4, 7));
  const auto file = sealed(storage, maker, footer);
  const auto found = read_footer(*file, kLogBucket, Seq(1000));
  REQUIRE(found);
  CHECK(*found == table);
  CHECK(read_footer(*file, Bucket(6), Seq(1000)).error().code == ErrorCode::kCorrupt);
  CHECK(read_footer(*file, kLogBucket, Seq(1001)).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("every bit of a footer counts") {
  const LogMaker maker = sample();
  const Bytes footer = encode_footer(table_of(maker));
  for (std::size_t bit = 0; bit < footer.size() * 8; ++bit) {
    MemoryStorage storage;
    Bytes flipped = footer;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto found = read_footer(*sealed(storage, maker, flipped), kLogBucket, Seq(1000));
    REQUIRE_FALSE(found);
    REQUIRE(found.error().code == ErrorCode::kCorrupt);
  }
}

TEST_CASE("a footer of sound checksums and senseless numbers is refused") {
  const LogMaker maker = sample();
  const auto refused = [&](const auto& change) {
    SegmentTable table = table_of(maker);
    change(table);
    MemoryStorage storage;
    const auto found = read_footer(*sealed(storage, maker, encode_footer(table)), kLogBucket, Seq(1000));
    return !found && found.error().code == ErrorCode::kCorrupt;
  };
  CHECK_FALSE(refused([](SegmentTable&) {}));
  CHECK(refused([](SegmentTable& table) { table.records[2].feed_row = 4; }));
  CHECK(refused([](SegmentTable& table) { table.records[2].frame_bytes += 1; }));
  CHECK(refused([](SegmentTable& table) { table.records[2].frame_bytes = 10; }));
  CHECK(refused([](SegmentTable& table) { table.records[2].frame_bytes = UINT32_MAX; }));
  CHECK(refused([](SegmentTable& table) { table.records[2].events = 0; }));
  CHECK(refused([](SegmentTable& table) { table.records[0].events = 1; }));
  CHECK(refused([](SegmentTable& table) { table.records[0].type = RecordType(8); }));
  CHECK(refused([](SegmentTable& table) { table.records[0].type = RecordType(0); }));
  CHECK(refused([](SegmentTable& table) { table.records[0].form = RecordForm(3); }));
  CHECK(refused([](SegmentTable& table) { table.feeds[1].newest_batch = Seq(999); }));
  CHECK(refused([](SegmentTable& table) { table.feeds[1].newest_batch = Seq(1007); }));
  CHECK(refused([](SegmentTable& table) { table.frames_bytes -= 1; }));
  CHECK(refused([](SegmentTable& table) { table.records.pop_back(); }));
}

TEST_CASE("a file too short for a footer has none") {
  MemoryStorage storage;
  auto file = storage.create("segment").value();
  CHECK(read_footer(*file, kLogBucket, Seq(1)).error().code == ErrorCode::kCorrupt);
  REQUIRE(file->append(Bytes(kTrailerBytes, 0)));
  CHECK(read_footer(*file, kLogBucket, Seq(1)).error().code == ErrorCode::kCorrupt);
}
