// A life of a log, to be stopped or disturbed at every one of its operations on files: groups of records of five feeds
// with notices, syncs, rolls, and on a relay retention.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>

#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"

namespace xylem {

inline LogMaker script_records(std::size_t count = 60) {
  LogMaker maker;
  constexpr RecordType kNotices[] = {RecordType::snapshot, RecordType::expire, RecordType::close, RecordType::erase};
  for (std::size_t i = 0; i < count; ++i) {
    const FeedId feed = log_feed(i % 5);
    if (i < 5) {
      maker.notice(feed, RecordType::open);
    } else if (i % 7 == 0) {
      maker.notice(feed, kNotices[i / 7 % 4]);
    } else if (i == 31) {
      maker.reopen(feed);
    } else if (i == 38) {
      maker.next_epoch(feed);
    } else {
      maker.batch(feed, 1 + i % 3, 20 + 11 * (i % 40));
    }
  }
  return maker;
}

struct LogScript {
  bool origin;  // syncs before it publishes, and keeps everything
  const LogMaker& maker;

  BucketLogOptions options() const {
    BucketLogOptions options;
    options.segment_bytes = 3 * kKiB;
    options.hot_bytes = 2 * kKiB;
    options.chunk_bytes = kKiB;
    options.kept_bytes_max = 4 * kKiB;
    options.keep_everything = origin;
    return options;
  }
  Result<std::unique_ptr<BucketLog>> open(Storage& storage, RecoveryReport* report = nullptr) const {
    return BucketLog::open(storage, "b00005", kLogBucket, options(), report);
  }

  // Goes on from where the log ends, until the end or the first error. `durable`: the newest record that a sync
  // reached.
  Result<void> run(BucketLog& log, Seq& durable) const {
    if (auto ok = make_visible(log, durable); !ok) return ok;
    for (std::size_t next = log.tail().seq.value; next < maker.frames.size();) {
      const std::size_t group = std::min<std::size_t>(1 + next % 4, maker.frames.size() - next);
      if (auto ok = log.append(maker.views(next, group)); !ok) return ok;
      next += group;
      if (auto ok = make_visible(log, durable); !ok) return ok;
      if (next % 17 == 0) {
        if (auto ok = log.roll(); !ok) return ok;
      }
      if (auto ok = log.retain(11 * kKiB); !ok) return fail(ok.error());
      log.collect();
    }
    return {};
  }

 private:
  Result<void> make_visible(BucketLog& log, Seq& durable) const {
    if (origin) {
      if (auto ok = log.sync(); !ok) return ok;
      durable = log.tail().seq;
    }
    log.publish();
    return {};
  }
};

// Newest of a type among the first `count` records, since the feed began anew; 0 if there is none.
inline Seq newest_in(const LogMaker& maker, FeedId feed, RecordType type, std::size_t count) {
  FeedEpoch epoch;
  Seq newest;
  for (std::size_t i = 0; i < count; ++i) {
    const RecordHeader& header = maker.header(i);
    if (header.feed != feed) continue;
    if (header.feed_epoch != epoch && header.prev_batch == Hash256{}) newest = Seq();
    epoch = header.feed_epoch;
    if (header.type == type) newest = header.seq;
  }
  return newest;
}

// The log is a window without holes of what was made; its index says what is in it; what is kept below is not out of
// date.
inline void check_log(BucketLog& log, const LogMaker& maker) {
  LogReader reader(log);
  const LogWindow window = reader.window();
  REQUIRE(window.floor <= window.head.next());
  REQUIRE(all_bytes(reader) ==
          joined(maker.frames, window.floor.value - 1, window.head.value + 1 - window.floor.value));
  for (std::uint64_t number = 0; number < 5; ++number) {
    const FeedId feed = log_feed(number);
    std::vector<Seq> expected, found;
    for (std::uint64_t seq = window.floor.value; seq <= window.head.value; ++seq) {
      if (maker.header(seq - 1).feed == feed) expected.emplace_back(seq);
    }
    for (auto next = reader.next_of_feed(feed, Seq(0)); next; next = reader.next_of_feed(feed, *next)) {
      found.push_back(*next);
    }
    REQUIRE(found == expected);
    const auto state = reader.feed(feed);
    if (!expected.empty()) REQUIRE(state);
    if (!state) continue;
    const std::pair<RecordType, Seq> newest[] = {
        {RecordType::batch, state->newest_batch}, {RecordType::open, state->open},
        {RecordType::close, state->close},        {RecordType::expire, state->expire},
        {RecordType::erase, state->erase},        {RecordType::snapshot, state->snapshot}};
    for (const auto& [type, seq] : newest) {
      const Seq expected_seq = newest_in(maker, feed, type, window.head.value);
      REQUIRE((seq == expected_seq || (seq == Seq() && expected_seq < window.floor)));
      if (seq == Seq()) continue;
      const Bytes& frame = maker.frames[seq.value - 1];
      const auto held = reader.notice(feed, type);
      REQUIRE(held);
      REQUIRE(*held == (type == RecordType::batch && seq < window.floor ? withhold_record(view_of(frame)) : frame));
    }
    if (state->newest_batch != Seq()) {
      REQUIRE(state->newest_batch_link == link_of(view_of(maker.frames[state->newest_batch.value - 1]).decoded));
      REQUIRE(state->last_version == maker.header(state->newest_batch.value - 1).last_version());
    }
  }
}

}  // namespace xylem
