// Where tests of FeedChain begin, and what they expect of a group that is refused.
#pragma once

#include <catch2/catch.hpp>

#include "tests/unit/proto/record_maker.h"

namespace xylem {

inline constexpr FeedId kFeed{31337};
inline const BucketRange kAll{Bucket(1), Bucket(kSampleBuckets)};

// A group that is refused changes nothing and says why.
inline Rejected rejection(FeedChain& chain, std::span<const RecordView> group) {
  const FeedPosition before = chain.position();
  auto accepted = chain.accept(group);
  REQUIRE_FALSE(accepted);
  CHECK(chain.position().version == before.version);
  CHECK(chain.position().link == before.link);
  CHECK(chain.position().held == before.held);
  CHECK(chain.position().seq == before.seq);
  CHECK(chain.position().epoch == before.epoch);
  CHECK_FALSE(accepted.error().error.detail.empty());
  return accepted.error();
}

// A reader that knows where it stood, but holds no batch any more.
inline FeedPosition cursor(std::uint64_t version, std::optional<std::uint32_t> hash = std::nullopt) {
  FeedPosition position;
  position.epoch = FeedEpoch(kSampleEpoch.value);
  position.version = Version(version);
  position.cursor_hash = hash;
  return position;
}

inline std::uint32_t cursor_hash(const RecordView& batch) {
  const Hash256 link = link_of(batch.decoded);
  return ByteReader(link).u32();
}

}  // namespace xylem
