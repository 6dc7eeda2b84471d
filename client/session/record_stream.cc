#include "client/session/record_stream.h"

#include <tuple>

namespace xylem {
namespace {

std::uint32_t cursor_hash_of(const Hash256& link) { return ByteReader(link).u32(); }

}  // namespace

FeedCursor cursor_of(const FeedPosition& position) {
  // With nothing read the start of whatever epoch there is now is wanted; the chain refuses one that goes back.
  if (position.version.value == 0) return {};
  FeedCursor cursor{position.epoch, position.version, position.cursor_hash};
  if (position.held) cursor.hash = cursor_hash_of(position.link);
  return cursor;
}

RecordStream::RecordStream(const Trust& trust, Bucket bucket, const ChainPosition& from)
    : key_(bucket), chain_(std::in_place_type<BucketChain>, trust, bucket, from) {}

RecordStream::RecordStream(const Trust& trust, FeedId feed, const FeedPosition& from, const FeedSubscription& asked)
    : key_(feed), asked_(asked), chain_(std::in_place_type<FeedChain>, trust, feed, from) {}

const FeedPosition* RecordStream::feed_position() const {
  const auto* chain = std::get_if<FeedChain>(&chain_);
  return chain == nullptr ? nullptr : &chain->position();
}

const ChainPosition* RecordStream::bucket_position() const {
  const auto* chain = std::get_if<BucketChain>(&chain_);
  return chain == nullptr ? nullptr : &chain->position();
}

BucketCursor RecordStream::bucket_cursor() const {
  const ChainPosition& at = *bucket_position();
  BucketCursor cursor{.bucket = std::get<Bucket>(key_), .epoch = at.epoch, .seq = at.seq, .hash = {}};
  if (at.held) cursor.hash = cursor_hash_of(at.link);
  return cursor;
}

bool RecordStream::is_repeat(const RecordHeader& header) const {
  if (!group.empty()) {
    const RecordHeader& last = group.back().header();
    return std::tie(header.epoch, header.seq) <= std::tie(last.epoch, last.seq);
  }
  if (const FeedPosition* at = feed_position()) {
    return std::tie(header.epoch, header.seq) <= std::tie(at->range_epoch, at->seq);
  }
  const ChainPosition& at = *bucket_position();
  return header.epoch == at.epoch && header.seq <= at.seq;
}

tl::expected<void, Rejected> RecordStream::accept(std::span<const RecordView> records, const RedactionKnown& known) {
  return std::visit([&](auto& chain) { return chain.accept(records, known); }, chain_);
}

}  // namespace xylem
