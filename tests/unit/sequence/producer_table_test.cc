#include "origin/sequence/producer_table.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

const FeedId kFeed(7);

ProducerState taken(std::uint64_t epoch, std::uint64_t seq, std::uint32_t events, bool whole = true) {
  ProducerState state;
  state.epoch = epoch;
  state.last_seq = seq;
  state.last = Version(100);
  state.events = events;
  state.whole = whole;
  state.used = from_ms(1000);
  return state;
}

}  // namespace

TEST_CASE("a producer begins with seq 0 and goes on without gaps") {
  ProducerTable table;
  CHECK(table.judge(kFeed, {"a", 1, 0}, 3) == ProducerVerdict::next);
  CHECK(table.judge(kFeed, {"a", 1, 1}, 3) == ProducerVerdict::gap);
  table.record(kFeed, producer_hash("a"), taken(1, 4, 3));
  CHECK(table.judge(kFeed, {"a", 1, 5}, 3) == ProducerVerdict::next);
  CHECK(table.judge(kFeed, {"a", 1, 6}, 3) == ProducerVerdict::gap);
  CHECK(table.judge(kFeed, {"a", 1, 4}, 3) == ProducerVerdict::duplicate);
  CHECK(table.judge(kFeed, {"a", 1, 0}, 3) == ProducerVerdict::duplicate);
}

TEST_CASE("a new epoch of a producer begins anew and ends the old one") {
  ProducerTable table;
  table.record(kFeed, producer_hash("a"), taken(2, 4, 3));
  CHECK(table.judge(kFeed, {"a", 3, 0}, 1) == ProducerVerdict::next);
  CHECK(table.judge(kFeed, {"a", 3, 1}, 1) == ProducerVerdict::gap);
  CHECK(table.judge(kFeed, {"a", 1, 5}, 1) == ProducerVerdict::stale);
}

TEST_CASE("producers of different feeds and names do not mix") {
  ProducerTable table;
  table.record(kFeed, producer_hash("a"), taken(1, 4, 3));
  CHECK(table.judge(FeedId(8), {"a", 1, 0}, 1) == ProducerVerdict::next);
  CHECK(table.judge(kFeed, {"b", 1, 0}, 1) == ProducerVerdict::next);
}

TEST_CASE("a request known only in part goes on where it stopped") {
  ProducerTable table;
  table.record(kFeed, producer_hash("a"), taken(1, 4, 3, false));
  CHECK(table.judge(kFeed, {"a", 1, 4}, 10) == ProducerVerdict::continues);
  CHECK(table.judge(kFeed, {"a", 1, 4}, 3) == ProducerVerdict::duplicate);
}

TEST_CASE("the checkpoint holds everything and any damage of it shows") {
  ProducerTable table;
  table.record(kFeed, producer_hash("a"), taken(1, 4, 3));
  table.record(FeedId(9), producer_hash("b"), taken(2, 0, 1, false));
  const std::map<Bucket, Seq> sealed{{Bucket(1), Seq(10)}, {Bucket(2), Seq(0)}};
  const Bytes bytes = table.encode(sealed);
  ProducerTable again;
  CHECK(again.decode(bytes).value() == sealed);
  CHECK(again.size() == 2);
  CHECK(again.judge(kFeed, {"a", 1, 4}, 3) == ProducerVerdict::duplicate);
  CHECK(again.judge(FeedId(9), {"b", 2, 0}, 2) == ProducerVerdict::continues);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 1;
    CHECK_FALSE(ProducerTable(again).decode(damaged));
  }
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(ProducerTable().decode(ByteView(bytes).first(length)));
  }
}

TEST_CASE("producers that were not used for long are forgotten") {
  ProducerTable table;
  table.record(kFeed, producer_hash("a"), taken(1, 4, 3));
  CHECK(table.expire(from_ms(1000)) == 0);
  CHECK(table.expire(from_ms(1001)) == 1);
}

}  // namespace xylem
