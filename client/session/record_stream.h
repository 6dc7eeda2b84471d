// One subscription of a session: the chain that verifies it, the records that arrived together, and what waits until a
// redaction or a manifest is there. Subscriptions drives it; alone it decides nothing.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include "proto/frames.h"
#include "proto/verify.h"

namespace xylem {

// What is subscribed to: a whole bucket, or one feed.
using StreamKey = std::variant<Bucket, FeedId>;

// What to ask for, standing there.
FeedCursor cursor_of(const FeedPosition& position);

class RecordStream {
 public:
  RecordStream(const Trust& trust, Bucket bucket, const ChainPosition& from);
  RecordStream(const Trust& trust, FeedId feed, const FeedPosition& from, const FeedSubscription& asked);

  const StreamKey& key() const { return key_; }
  const FeedPosition* feed_position() const;  // nullptr of a bucket, and the next of a feed
  const ChainPosition* bucket_position() const;
  BucketCursor bucket_cursor() const;
  const FeedSubscription& feed_subscription() const { return asked_; }

  // Not after what was accepted or collected already: to be passed over.
  bool is_repeat(const RecordHeader& header) const;
  tl::expected<void, Rejected> accept(std::span<const RecordView> records, const RedactionKnown& known);

  // The records that arrived together and wait for their verification; views into the bytes that are being read.
  std::vector<RecordView> group;
  std::size_t group_bytes = 0;
  // What arrived after a record that lacks redactions: whole frames, in order, until `missing` is fetched.
  Bytes held_back;
  std::set<Seq> missing;
  // An earlier subscription of the same may still be arriving: all is passed over until this PONG.
  std::optional<std::uint64_t> fence;
  bool removed = false;

 private:
  StreamKey key_;
  FeedSubscription asked_;  // of a feed
  std::variant<BucketChain, FeedChain> chain_;
};

}  // namespace xylem
