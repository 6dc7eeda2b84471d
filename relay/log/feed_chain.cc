#include "relay/log/feed_chain.h"

#include <bit>

namespace xylem {
namespace {

// The smallest term of n > 0 in skew binary: n as a sum of numbers 2^k - 1, the largest first.
std::uint64_t smallest_term(std::uint64_t n) {
  std::uint64_t term = 0;
  while (n > 0) {
    term = (std::uint64_t{1} << (std::bit_width(n + 1) - 1)) - 1;
    n -= term;
  }
  return term;
}

std::uint32_t low(Version version) { return static_cast<std::uint32_t>(version.value); }

ChainLinks links_at(const RecordPlace& place) { return place.segment->index.links(place.entry); }

// How far back the jump of the chain's next record goes, `back` being the distance to the record before. No jump passes
// 2^32 versions, so that a version's low half is enough to know it from the version where the jump began.
std::uint32_t jump_for(const SegmentList& segments, Seq seq, std::uint32_t back, std::uint32_t version,
                       std::uint64_t depth) {
  if (smallest_term(depth) == 1) return back;
  std::uint64_t distance = back, versions = 0;
  for (int hop = 0; hop < 2; ++hop) {
    const auto place = segments.appended(Seq(seq.value - distance));
    if (!place) return 0;
    const ChainLinks links = links_at(*place);
    versions += version - links.version;
    version = links.version;
    if (links.jump == 0) return 0;
    distance += links.jump;
  }
  const auto target = segments.appended(Seq(seq.value - distance));
  if (!target || distance > UINT32_MAX) return 0;
  versions += version - links_at(*target).version;
  return versions > UINT32_MAX ? back : static_cast<std::uint32_t>(distance);
}

void take_up(FeedRecord& feed, const RecordFacts& record) {
  if (feed.epoch != record.feed_epoch && !record.follows_batch) {
    FeedRecord anew;
    anew.newest = feed.newest;
    anew.depth = feed.depth;
    anew.dense_from = record.seq;
    feed = anew;
  }
  feed.epoch = record.feed_epoch;
  if (record.type == RecordType::batch) {
    if (record.first_version != feed.last_version.next()) feed.dense_from = record.seq;
    feed.last_version = Version(record.first_version.value + record.events - 1);
  }
  if (const auto newest = newest_of(record.type)) feed.*newest = record.seq;
  feed.newest = record.seq;
}

// Where a walk back through a chain stands.
struct Step {
  Seq seq;
  ChainLinks links;
  std::uint64_t version;
};

std::optional<Step> newest_step(const SegmentList& segments, Seq newest, Version next_version) {
  const auto place = segments.published(newest);
  if (!place) return std::nullopt;
  const ChainLinks links = links_at(*place);
  return Step{newest, links, next_version.value - (low(next_version) - links.version)};
}

std::optional<Step> step_back(const SegmentList& segments, const Step& from, std::uint32_t distance) {
  if (distance == 0) return std::nullopt;
  const Seq seq(from.seq.value - distance);
  const auto place = segments.published(seq);
  if (!place) return std::nullopt;
  const ChainLinks links = links_at(*place);
  return Step{seq, links, from.version - (from.links.version - links.version)};
}

// The oldest step that `holds`, which holds for `from` and for none that is older than one for which it does not.
template <typename Holds>
Step go_back_while(const SegmentList& segments, Step from, Holds holds) {
  while (true) {
    auto next = step_back(segments, from, from.links.jump);
    if (!next || !holds(*next)) next = step_back(segments, from, from.links.prev);
    if (!next || !holds(*next)) return from;
    from = *next;
  }
}

}  // namespace

Seq FeedRecord::* newest_of(RecordType type) {
  switch (type) {
    case RecordType::batch:
      return &FeedRecord::newest_batch;
    case RecordType::open:
      return &FeedRecord::open;
    case RecordType::close:
      return &FeedRecord::close;
    case RecordType::expire:
      return &FeedRecord::expire;
    case RecordType::erase:
      return &FeedRecord::erase;
    case RecordType::snapshot:
      return &FeedRecord::snapshot;
    case RecordType::redaction:
      return nullptr;
  }
  return nullptr;
}

RecordFacts facts_of(const RecordHeader& header) {
  return {header.seq,
          header.feed,
          header.feed_epoch,
          header.type,
          header.first_version,
          header.event_count,
          header.prev_batch != Hash256{}};
}

ChainLinks add_to_chain(const SegmentList& segments, FeedRecord& feed, const RecordFacts& record) {
  const std::uint64_t back = record.seq.value - feed.newest.value;
  const bool in_reach = back <= UINT32_MAX && segments.appended(feed.newest).has_value();
  take_up(feed, record);
  ChainLinks links;
  links.version = low(record.type == RecordType::batch ? record.first_version : feed.last_version.next());
  feed.depth = in_reach ? feed.depth + 1 : 1;
  if (in_reach) {
    links.prev = static_cast<std::uint32_t>(back);
    links.jump = jump_for(segments, record.seq, links.prev, links.version, feed.depth);
  }
  return links;
}

void add_kept(FeedRecord& feed, const RecordFacts& record) { take_up(feed, record); }

std::optional<Seq> oldest_after(const SegmentList& segments, Seq newest, Seq after) {
  const auto from = newest_step(segments, newest, Version());
  if (newest <= after || !from) return std::nullopt;
  return go_back_while(segments, *from, [after](const Step& step) { return step.seq > after; }).seq;
}

std::optional<Seq> batch_with(const SegmentList& segments, const FeedRecord& feed, Version version) {
  const auto from = newest_step(segments, feed.newest, feed.last_version.next());
  if (!from) return std::nullopt;
  const auto later = [&](const Step& step) { return step.version > version.value && step.seq >= feed.dense_from; };
  if (!later(*from)) return from->seq;
  const Step last_later = go_back_while(segments, *from, later);
  const auto found = step_back(segments, last_later, last_later.links.prev);
  if (!found || found->seq < feed.dense_from) return std::nullopt;
  return found->seq;
}

Version first_version_held(const SegmentList& segments, const FeedRecord& feed) {
  const auto from = newest_step(segments, feed.newest, feed.last_version.next());
  if (!from || from->seq < feed.dense_from) return feed.last_version.next();
  const auto dense = [&](const Step& step) { return step.seq >= feed.dense_from; };
  return Version(go_back_while(segments, *from, dense).version);
}

}  // namespace xylem
