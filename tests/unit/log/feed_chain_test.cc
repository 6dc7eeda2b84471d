#include "relay/log/feed_chain.h"

#include <catch2/catch.hpp>
#include <random>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

// Segments of so many records, and one feed's records among others', with what brute force would answer.
class Chain {
 public:
  explicit Chain(std::size_t records_in_segment) : in_segment_(records_in_segment) {}

  void add(FeedRecord& feed, const RecordFacts& facts) {
    if (list.segments.empty() || list.segments.back()->index.size() == in_segment_) {
      list.segments.push_back(std::make_shared<Segment>(facts.seq, nullptr, in_segment_));
    }
    RecordIndex& index = list.segments.back()->index;
    index.append(300, add_to_chain(list, feed, facts));
    index.publish(index.size());
  }

  SegmentList list;

 private:
  std::size_t in_segment_;
};

std::size_t steps_back(const SegmentList& segments, Seq from, Seq to) {
  std::size_t steps = 0;
  for (; from > to; ++steps) {
    const auto place = segments.published(from);
    const ChainLinks links = place->segment->index.links(place->entry);
    const bool jumps = links.jump != 0 && from.value - links.jump >= to.value;
    from = Seq(from.value - (jumps ? links.jump : links.prev));
  }
  return steps;
}

}  // namespace

TEST_CASE("any record of a long chain is reached in few steps") {
  Chain chain(1000);
  FeedRecord feed;
  for (std::uint64_t seq = 1; seq <= 100'000; ++seq) {
    chain.add(feed, {Seq(seq), FeedId(5), FeedEpoch(1), RecordType::batch, Version(seq), 1});
  }
  CHECK(feed.depth == 100'000);
  for (std::uint64_t to = 1; to <= 100'000; to += 997) CHECK(steps_back(chain.list, Seq(100'000), Seq(to)) <= 40);
}

TEST_CASE("records of a feed are found by seq and by version, whatever was dropped") {
  std::mt19937 random(7);
  Chain chain(64);
  std::map<std::uint64_t, FeedRecord> feeds;
  std::vector<RecordFacts> all;
  for (std::uint64_t seq = 1; seq <= 3000; ++seq) {
    const std::uint64_t number = std::min<std::uint64_t>(random() % 12, random() % 12);
    FeedRecord& feed = feeds[number];
    RecordFacts facts{Seq(seq),          FeedId(number),           feed.epoch,
                      RecordType::batch, feed.last_version.next(), static_cast<std::uint16_t>(1 + random() % 9)};
    if (feed.epoch == FeedEpoch() || random() % 300 == 0) {
      facts = {Seq(seq), FeedId(number), FeedEpoch(feed.epoch.value + 1), RecordType::open, {}, 0, random() % 2 == 0};
    } else if (random() % 6 == 0) {
      facts = {Seq(seq), FeedId(number), feed.epoch, RecordType::redaction, {}, 0};
    } else if (random() % 400 == 0) {
      facts.first_version = Version(feed.last_version.value + 1000);  // an origin that breaks the rules
    }
    chain.add(feed, facts);
    all.push_back(facts);
  }
  for (int drops = 0; drops < 40; ++drops) {
    const Seq floor = chain.list.segments.front()->first;
    for (const auto& [number, feed] : feeds) {
      std::vector<const RecordFacts*> held, dense;
      for (const RecordFacts& facts : all) {
        if (facts.feed != FeedId(number) || facts.seq < floor) continue;
        held.push_back(&facts);
        if (facts.seq >= feed.dense_from) dense.push_back(&facts);
      }
      Seq after;
      std::size_t wrong = 0;
      for (const RecordFacts* facts : held) {
        wrong += oldest_after(chain.list, feed.newest, after) != facts->seq;
        after = facts->seq;
      }
      REQUIRE_FALSE(oldest_after(chain.list, feed.newest, after));
      Version first = feed.last_version.next();
      for (const RecordFacts* facts : dense) {
        if (facts->type != RecordType::batch) continue;
        first = std::min(first, facts->first_version);
        for (std::uint16_t i = 0; i < facts->events; ++i) {
          wrong += batch_with(chain.list, feed, facts->first_version.plus(i)) != facts->seq;
        }
      }
      REQUIRE(wrong == 0);
      REQUIRE(first_version_held(chain.list, feed) == first);
      REQUIRE_FALSE(batch_with(chain.list, feed, Version(first.value - 1)));
    }
    chain.list.segments.erase(chain.list.segments.begin());
  }
}

TEST_CASE("versions are told apart beyond 32 bits") {
  Chain chain(64);
  FeedRecord feed;
  const std::uint64_t start = (std::uint64_t{1} << 40) - 3000;
  std::uint64_t version = start;
  for (std::uint64_t seq = 1; seq <= 300; ++seq, version += 1000) {
    chain.add(feed, {Seq(seq), FeedId(5), FeedEpoch(1), RecordType::batch, Version(version), 1000});
  }
  for (std::uint64_t seq = 1; seq <= 300; ++seq) {
    CHECK(batch_with(chain.list, feed, Version(start + (seq - 1) * 1000)) == Seq(seq));
    CHECK(batch_with(chain.list, feed, Version(start + (seq - 1) * 1000 + 999)) == Seq(seq));
  }
  CHECK(first_version_held(chain.list, feed) == Version(start));
}

TEST_CASE("a record's place is known with its end, also across blocks") {
  RecordIndex index(1000);
  std::vector<std::uint64_t> offsets{0};
  std::mt19937 random(3);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::size_t bytes = i % 50 == 0 ? kElidedRecordBytesMax : 300 + random() % 70'000;
    index.append(bytes, {i, i / 2, i * 3});
    offsets.push_back(offsets.back() + bytes);
  }
  for (std::uint32_t i = 0; i < 1000; ++i) {
    CHECK(index.offset(i) == offsets[i]);
    CHECK(index.links(i).prev == i);
    CHECK(index.links(i).jump == i / 2);
    CHECK(index.links(i).version == i * 3);
  }
  CHECK(index.offset(1000) == offsets.back());
  CHECK(index.room() == 0);
}
