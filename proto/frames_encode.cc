#include <algorithm>

#include "proto/frames.h"
#include "proto/limits.h"
#include "proto/text.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

std::string to_field(ByteView bytes) { return std::string(as_text(bytes)); }
std::string to_text(std::string_view text) { return clean_text(text, kFrameTextBytesMax); }

template <typename Element>
std::span<const Element> first_of(const std::vector<Element>& list, std::size_t count_max) {
  return std::span(list).first(std::min(list.size(), count_max));
}

Bytes finish(FrameType type, const google::protobuf::MessageLite& message) {
  const std::string body = message.SerializeAsString();
  XYLEM_ASSERT(body.size() <= body_bytes_max(type, RecordForm::full));
  return make_frame(type, as_bytes(body));
}

template <typename Position>
void fill_cursor(wire::Cursor* out, std::uint64_t epoch, Position position, std::optional<std::uint32_t> hash) {
  out->set_epoch(epoch);
  out->set_position(position);
  if (hash) out->set_hash(*hash);
}

Bytes encode_one(const Hello& hello) {
  wire::Hello message;
  message.set_version_min(hello.version_min);
  message.set_version_max(hello.version_max);
  message.set_zone_id(to_field(hello.zone));
  message.set_role(static_cast<std::uint32_t>(hello.role));
  message.set_nonce(to_field(hello.nonce));
  message.set_host(hello.host);
  message.set_port(hello.port);
  if (hello.relay) message.set_relay_id(to_field(hello.relay->bytes));
  message.set_agent(to_text(hello.agent));
  return finish(FrameType::hello, message);
}

Bytes encode_one(const Welcome& welcome) {
  wire::Welcome message;
  message.set_version(welcome.version);
  message.set_key(to_field(welcome.key));
  message.set_nonce(to_field(welcome.nonce));
  if (welcome.signature) message.set_signature(to_field(*welcome.signature));
  if (welcome.manifest_hash != Hash256{}) message.set_manifest_hash(to_field(welcome.manifest_hash));
  message.set_manifest_serial(welcome.manifest_serial);
  message.set_node_name(welcome.node_name);
  message.set_agent(to_text(welcome.agent));
  return finish(FrameType::welcome, message);
}

Bytes encode_one(const Prove& prove) {
  wire::Prove message;
  message.set_key(to_field(prove.key));
  message.set_signature(to_field(prove.signature));
  return finish(FrameType::prove, message);
}

Bytes encode_one(const Buckets& buckets) {
  XYLEM_ASSERT(buckets.buckets.size() <= kBucketsPerFrameMax);
  wire::Buckets message;
  for (const BucketState& state : buckets.buckets) {
    wire::BucketState* out = message.add_buckets();
    out->set_bucket(state.bucket.value);
    out->set_epoch(state.epoch.value);
    out->set_floor(state.floor.value);
    out->set_head(state.head.value);
    if (state.head.value > 0) out->set_head_link(to_field(state.head_link));
  }
  message.set_last(buckets.last);
  return finish(FrameType::buckets, message);
}

Bytes encode_one(const Have& have) {
  XYLEM_ASSERT(have.buckets.size() <= kHavePerFrameMax);
  wire::Have message;
  for (const HaveBucket& bucket : have.buckets) {
    wire::HaveBucket* out = message.add_buckets();
    out->set_bucket(bucket.bucket.value);
    out->set_header(to_field(bucket.header));
  }
  message.set_last(have.last);
  return finish(FrameType::have, message);
}

Bytes encode_one(const Path& path) {
  wire::Path message;
  for (const RelayId& relay : first_of(path.relays, kPathRelaysMax)) message.add_relay_ids(to_field(relay.bytes));
  return finish(FrameType::path, message);
}

Bytes encode_one(const Subscribe& subscribe) {
  XYLEM_ASSERT(subscribe.buckets.size() + subscribe.feeds.size() <= kSubscriptionsPerFrameMax);
  wire::Subscribe message;
  for (const BucketCursor& cursor : subscribe.buckets) {
    wire::BucketSubscription* out = message.add_buckets();
    out->set_bucket(cursor.bucket.value);
    fill_cursor(out->mutable_from(), cursor.epoch.value, cursor.seq.value, cursor.hash);
  }
  for (const FeedSubscription& feed : subscribe.feeds) {
    wire::FeedSubscription* out = message.add_feeds();
    out->set_feed(feed.feed.value);
    fill_cursor(out->mutable_from(), feed.from.epoch.value, feed.from.version.value, feed.from.hash);
    out->set_mode(static_cast<std::uint32_t>(feed.mode));
  }
  return finish(FrameType::subscribe, message);
}

Bytes encode_one(const Unsubscribe& unsubscribe) {
  XYLEM_ASSERT(unsubscribe.buckets.size() + unsubscribe.feeds.size() <= kSubscriptionsPerFrameMax);
  wire::Unsubscribe message;
  for (const Bucket bucket : unsubscribe.buckets) message.add_buckets(bucket.value);
  for (const FeedId feed : unsubscribe.feeds) message.add_feeds(feed.value);
  return finish(FrameType::unsubscribe, message);
}

Bytes encode_one(const Status& status) {
  XYLEM_ASSERT(status.snapshot.size() <= kStatusSnapshotBytesMax);
  wire::Status message;
  if (status.bucket) {
    message.set_bucket(status.bucket->value);
  } else {
    message.set_feed(status.feed.value);
  }
  message.set_code(static_cast<std::uint32_t>(status.code));
  fill_cursor(message.mutable_floor(), status.floor_epoch, status.floor_position, std::nullopt);
  fill_cursor(message.mutable_head(), status.head_epoch, status.head_position, std::nullopt);
  message.set_snapshot(to_field(status.snapshot));
  for (const std::string& owner : first_of(status.owners, kStatusOwnersMax)) message.add_owners(owner);
  message.set_text(to_text(status.text));
  return finish(FrameType::status, message);
}

Bytes encode_one(const Ping& ping) {
  wire::Ping message;
  message.set_token(ping.token);
  return finish(FrameType::ping, message);
}

Bytes encode_one(const Pong& pong) {
  wire::Ping message;
  message.set_token(pong.token);
  return finish(FrameType::pong, message);
}

void fill(wire::Fetch& out, const FetchHash& what) { out.set_hash(to_field(what.hash)); }
void fill(wire::Fetch& out, const FetchFeedHead& what) { out.set_feed_head(what.feed.value); }
void fill(wire::Fetch& out, const FetchFeedRange& what) {
  wire::Fetch::FeedRange* range = out.mutable_feed_range();
  range->set_feed(what.feed.value);
  range->set_from(what.from.value);
  range->set_to(what.to.value);
}
void fill(wire::Fetch& out, const FetchChunk& what) {
  wire::Fetch::Chunk* chunk = out.mutable_chunk();
  chunk->set_bucket(what.bucket.value);
  chunk->set_from(what.from.value);
  chunk->set_to(what.to.value);
}

Bytes encode_one(const Fetch& fetch) {
  wire::Fetch message;
  message.set_request(fetch.request);
  std::visit([&](const auto& what) { fill(message, what); }, fetch.what);
  return finish(FrameType::fetch, message);
}

Bytes encode_one(const Blob& blob) {
  XYLEM_ASSERT(blob.data.size() <= kBlobDataBytesMax);
  wire::Blob message;
  message.set_request(blob.request);
  message.set_offset(blob.offset);
  message.set_total(blob.total);
  message.set_last(blob.last);
  if (blob.error) message.set_error(static_cast<std::uint32_t>(*blob.error));
  message.set_data(to_field(blob.data));
  return finish(FrameType::blob, message);
}

Bytes encode_one(const Skipped& skipped) {
  wire::Skipped message;
  message.set_feed(skipped.feed.value);
  message.set_from(skipped.from.value);
  message.set_to(skipped.to.value);
  return finish(FrameType::skipped, message);
}

Bytes encode_one(const Evidence& evidence) {
  XYLEM_ASSERT(!evidence.headers.empty() && evidence.headers.size() <= 2);
  wire::Evidence message;
  for (const Bytes& header : evidence.headers) message.add_headers(to_field(header));
  return finish(FrameType::evidence, message);
}

Bytes encode_one(const GoAway& go_away) {
  wire::GoAway message;
  message.set_error(static_cast<std::uint32_t>(go_away.reason));
  for (const RelayId& relay : first_of(go_away.relays, kGoAwayRelaysMax)) {
    message.add_relay_ids(to_field(relay.bytes));
  }
  message.set_wait_min_ms(static_cast<std::uint32_t>(go_away.wait_min.count()));
  message.set_wait_max_ms(static_cast<std::uint32_t>(go_away.wait_max.count()));
  return finish(FrameType::goaway, message);
}

Bytes encode_one(const ErrorFrame& error) {
  wire::ErrorFrame message;
  message.set_number(static_cast<std::uint32_t>(error.code));
  message.set_name(std::string(error_info(error.code).name));
  message.set_text(to_text(error.text));
  return finish(FrameType::error, message);
}

}  // namespace

Bytes encode(const ControlFrame& frame) {
  return std::visit([](const auto& kind) { return encode_one(kind); }, frame);
}

std::vector<Bytes> encode_have(std::span<const HaveBucket> buckets) {
  std::vector<Bytes> frames;
  do {
    const auto some = buckets.first(std::min(buckets.size(), kHavePerFrameMax));
    buckets = buckets.subspan(some.size());
    frames.push_back(encode(Have{{some.begin(), some.end()}, buckets.empty()}));
  } while (!buckets.empty());
  return frames;
}

}  // namespace xylem
