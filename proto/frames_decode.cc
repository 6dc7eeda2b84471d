#include <algorithm>

#include "proto/field_reader.h"
#include "proto/frames.h"
#include "proto/limits.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

std::size_t count_of(int size) { return static_cast<std::size_t>(size); }

Bytes to_bytes(const std::string& field) {
  const ByteView view = as_bytes(field);
  return {view.begin(), view.end()};
}

// Each from_wire reads one message; what is wrong is noted in `read`.

Hello from_wire(const wire::Hello& message, FieldReader& read) {
  Hello hello{.version_min = read.u8(message.version_min(), "lowest version"),
              .version_max = read.u8(message.version_max(), "highest version"),
              .zone = read.array<32>(message.zone_id(), "zone id"),
              .role = read.enumerator(message.role(), Role::reader, Role::monitor, "role"),
              .nonce = read.array<32>(message.nonce(), "nonce"),
              .host = read.host(message.host(), "host as dialled"),
              .port = read.port(message.port(), "port as dialled"),
              .relay = {},
              .agent = read.text(message.agent(), kFrameTextBytesMax, "agent")};
  if (!message.relay_id().empty()) hello.relay = read.relay_id(message.relay_id(), "relay id");
  read.require(1 <= hello.version_min && hello.version_min <= hello.version_max, "versions");
  read.require(hello.role != Role::relay || hello.relay, "a relay without relay id");
  return hello;
}

Welcome from_wire(const wire::Welcome& message, FieldReader& read) {
  Welcome welcome{
      .version = read.u8(message.version(), "version"),
      .key = read.key(message.key(), "key"),
      .nonce = read.array<32>(message.nonce(), "nonce"),
      .signature = read.optional_array<64>(message.signature(), "signature"),
      .manifest_hash = read.optional_array<32>(message.manifest_hash(), "manifest hash").value_or(Hash256{}),
      .manifest_serial = read.position(message.manifest_serial(), "manifest serial"),
      .node_name = {},
      .agent = read.text(message.agent(), kFrameTextBytesMax, "agent")};
  if (!message.node_name().empty()) welcome.node_name = read.dns_name(message.node_name(), "node name");
  return welcome;
}

Prove from_wire(const wire::Prove& message, FieldReader& read) {
  return {.key = read.key(message.key(), "key"), .signature = read.array<64>(message.signature(), "signature")};
}

BucketState from_wire(const wire::BucketState& message, FieldReader& read) {
  BucketState state{.bucket = read.bucket(message.bucket(), "bucket"),
                    .epoch = Epoch(read.epoch_or_none(message.epoch(), "epoch")),
                    .floor = Seq(read.position(message.floor(), "floor")),
                    .head = Seq(read.position(message.head(), "head"))};
  read.require(1 <= message.floor() && message.floor() <= message.head() + 1, "floor beyond the head");
  const auto link = read.optional_array<32>(message.head_link(), "link of the head");
  read.require(link.has_value() == (message.head() > 0), "link of the head");
  state.head_link = link.value_or(Hash256{});
  return state;
}

Buckets from_wire(const wire::Buckets& message, FieldReader& read) {
  Buckets buckets{.buckets = {}, .last = message.last()};
  if (!read.fits(count_of(message.buckets_size()), kBucketsPerFrameMax, "buckets")) return buckets;
  for (const wire::BucketState& state : message.buckets()) buckets.buckets.push_back(from_wire(state, read));
  return buckets;
}

Bytes read_header(const std::string& field, FieldReader& read) {
  read.require(field.size() >= kHeaderBytes && field.size() <= kHeaderBytes + kHeaderExtensionBytesMax, "header");
  return to_bytes(field);
}

Have from_wire(const wire::Have& message, FieldReader& read) {
  Have have{.buckets = {}, .last = message.last()};
  if (!read.fits(count_of(message.buckets_size()), kHavePerFrameMax, "buckets")) return have;
  for (const wire::HaveBucket& bucket : message.buckets()) {
    have.buckets.push_back({.bucket = read.bucket(bucket.bucket(), "bucket"),
                            .header = bucket.header().empty() ? Bytes{} : read_header(bucket.header(), read)});
  }
  return have;
}

Path from_wire(const wire::Path& message, FieldReader& read) {
  Path path;
  if (!read.fits(count_of(message.relay_ids_size()), kPathRelaysMax, "relays in a path")) return path;
  for (const std::string& id : message.relay_ids()) path.relays.push_back(read.relay_id(id, "relay id"));
  return path;
}

std::optional<std::uint32_t> hash_of(const wire::Cursor& cursor) {
  return cursor.has_hash() ? std::optional<std::uint32_t>(cursor.hash()) : std::nullopt;
}

Subscribe from_wire(const wire::Subscribe& message, FieldReader& read) {
  Subscribe subscribe;
  const std::size_t count = count_of(message.buckets_size()) + count_of(message.feeds_size());
  if (!read.fits(count, kSubscriptionsPerFrameMax, "subscriptions")) return subscribe;
  for (const wire::BucketSubscription& bucket : message.buckets()) {
    subscribe.buckets.push_back({.bucket = read.bucket(bucket.bucket(), "bucket"),
                                 .epoch = Epoch(read.epoch_or_none(bucket.from().epoch(), "epoch")),
                                 .seq = Seq(read.position(bucket.from().position(), "seq")),
                                 .hash = hash_of(bucket.from())});
  }
  for (const wire::FeedSubscription& feed : message.feeds()) {
    const FeedCursor from{.epoch = FeedEpoch(read.epoch_or_none(feed.from().epoch(), "feed epoch")),
                          .version = Version(read.position(feed.from().position(), "version")),
                          .hash = hash_of(feed.from())};
    subscribe.feeds.push_back(
        {.feed = FeedId(feed.feed()),
         .from = from,
         .mode = read.enumerator(feed.mode(), FeedMode::events, FeedMode::state, "mode of a subscription")});
  }
  return subscribe;
}

Unsubscribe from_wire(const wire::Unsubscribe& message, FieldReader& read) {
  Unsubscribe unsubscribe;
  const std::size_t count = count_of(message.buckets_size()) + count_of(message.feeds_size());
  if (!read.fits(count, kSubscriptionsPerFrameMax, "subscriptions")) return unsubscribe;
  for (const std::uint32_t bucket : message.buckets()) unsubscribe.buckets.push_back(read.bucket(bucket, "bucket"));
  for (const std::uint64_t feed : message.feeds()) unsubscribe.feeds.emplace_back(feed);
  return unsubscribe;
}

Status from_wire(const wire::Status& message, FieldReader& read) {
  Status status;
  read.require(message.subject_case() != wire::Status::SUBJECT_NOT_SET, "a status of nothing");
  if (message.has_bucket()) status.bucket = read.bucket(message.bucket(), "bucket");
  status.feed = FeedId(message.feed());
  status.code = read.enumerator(message.code(), StatusCode::live, StatusCode::not_mine, "code of a status");
  status.floor_epoch = read.epoch_or_none(message.floor().epoch(), "epoch of the floor");
  status.floor_position = read.position(message.floor().position(), "floor");
  status.head_epoch = read.epoch_or_none(message.head().epoch(), "epoch of the head");
  status.head_position = read.position(message.head().position(), "head");
  if (read.fits(message.snapshot().size(), kStatusSnapshotBytesMax, "bytes of a snapshot notice")) {
    status.snapshot = to_bytes(message.snapshot());
  }
  if (read.fits(count_of(message.owners_size()), kStatusOwnersMax, "owners")) {
    for (const std::string& owner : message.owners()) status.owners.push_back(read.dns_name(owner, "owner"));
  }
  status.text = read.text(message.text(), kFrameTextBytesMax, "text");
  return status;
}

Fetch from_wire(const wire::Fetch& message, FieldReader& read) {
  Fetch fetch{.request = message.request(), .what = {}};
  switch (message.what_case()) {
    case wire::Fetch::kHash:
      fetch.what = FetchHash{read.array<32>(message.hash(), "hash")};
      break;
    case wire::Fetch::kFeedHead:
      fetch.what = FetchFeedHead{FeedId(message.feed_head())};
      break;
    case wire::Fetch::kFeedRange: {
      const wire::Fetch::FeedRange& range = message.feed_range();
      read.require(1 <= range.from() && range.from() <= range.to(), "versions from … to");
      fetch.what =
          FetchFeedRange{FeedId(range.feed()), Version(range.from()), Version(read.position(range.to(), "to"))};
      break;
    }
    case wire::Fetch::kChunk: {
      const wire::Fetch::Chunk& chunk = message.chunk();
      read.require(1 <= chunk.from() && chunk.from() <= chunk.to(), "seqs from … to");
      fetch.what =
          FetchChunk{read.bucket(chunk.bucket(), "bucket"), Seq(chunk.from()), Seq(read.position(chunk.to(), "to"))};
      break;
    }
    case wire::Fetch::WHAT_NOT_SET:
      read.require(false, "a fetch of nothing");
      break;
  }
  return fetch;
}

ErrorCode read_error(std::uint32_t number, FieldReader& read) {
  read.require(number >= 1 && number <= 0xFFFF, "number of an error");
  return error_info_of_number(static_cast<std::uint16_t>(number)).code;
}

Blob from_wire(const wire::Blob& message, FieldReader& read) {
  Blob blob;
  blob.request = message.request();
  blob.offset = message.offset();
  blob.total = message.total();
  blob.last = message.last();
  if (message.error() > 0) {
    blob.error = read_error(message.error(), read);
    read.require(message.data().empty() && message.last(), "an error with data");
  }
  if (!read.fits(message.total(), kFetchBytesMax, "bytes in an answer") ||
      !read.fits(message.data().size(), kBlobDataBytesMax, "bytes in a blob")) {
    return blob;
  }
  read.require(message.offset() <= message.total() && message.data().size() <= message.total() - message.offset(),
               "a blob beyond the end of its answer");
  const bool reaches_end = message.offset() + message.data().size() == message.total();
  read.require(message.error() > 0 || message.last() == reaches_end, "the last blob of an answer");
  blob.data = to_bytes(message.data());
  return blob;
}

Skipped from_wire(const wire::Skipped& message, FieldReader& read) {
  read.require(1 <= message.from() && message.from() <= message.to(), "versions from … to");
  return {.feed = FeedId(message.feed()),
          .from = Version(message.from()),
          .to = Version(read.position(message.to(), "to"))};
}

Evidence from_wire(const wire::Evidence& message, FieldReader& read) {
  Evidence evidence;
  read.require(message.headers_size() > 0, "evidence without a header");
  if (!read.fits(count_of(message.headers_size()), 2, "headers")) return evidence;
  for (const std::string& header : message.headers()) evidence.headers.push_back(read_header(header, read));
  return evidence;
}

GoAway from_wire(const wire::GoAway& message, FieldReader& read) {
  GoAway go_away{.reason = read_error(message.error(), read),
                 .relays = {},
                 .wait_min = std::chrono::milliseconds(message.wait_min_ms()),
                 .wait_max = std::chrono::milliseconds(message.wait_max_ms())};
  read.require(message.wait_min_ms() <= message.wait_max_ms(), "waiting times");
  if (!read.fits(count_of(message.relay_ids_size()), kGoAwayRelaysMax, "relays")) return go_away;
  for (const std::string& id : message.relay_ids()) go_away.relays.push_back(read.relay_id(id, "relay id"));
  return go_away;
}

ErrorFrame from_wire(const wire::ErrorFrame& message, FieldReader& read) {
  return {.code = read_error(message.number(), read), .text = read.text(message.text(), kFrameTextBytesMax, "text")};
}

Ping from_wire(const wire::Ping& message, FieldReader&) { return {.token = message.token()}; }

template <typename Message>
Result<ControlFrame> decode(ByteView body) {
  Message message;
  if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return fail(ErrorCode::kBadFrame, "the body is no Protocol Buffers message");
  }
  FieldReader read(ErrorCode::kBadFrame);
  ControlFrame frame = from_wire(message, read);
  if (!read.ok()) return fail(read.error());
  return frame;
}

Result<ControlFrame> decode_pong(ByteView body) {
  return decode<wire::Ping>(body).map(
      [](const ControlFrame& ping) -> ControlFrame { return Pong{std::get<Ping>(ping).token}; });
}

}  // namespace

Result<ControlFrame> decode_frame(const Envelope& envelope) {
  switch (envelope.type) {
    case FrameType::record:
    case FrameType::beacon:
      return fail(ErrorCode::kBadFrame, "not a control frame");
    case FrameType::hello:
      return decode<wire::Hello>(envelope.body);
    case FrameType::welcome:
      return decode<wire::Welcome>(envelope.body);
    case FrameType::prove:
      return decode<wire::Prove>(envelope.body);
    case FrameType::buckets:
      return decode<wire::Buckets>(envelope.body);
    case FrameType::have:
      return decode<wire::Have>(envelope.body);
    case FrameType::path:
      return decode<wire::Path>(envelope.body);
    case FrameType::subscribe:
      return decode<wire::Subscribe>(envelope.body);
    case FrameType::unsubscribe:
      return decode<wire::Unsubscribe>(envelope.body);
    case FrameType::status:
      return decode<wire::Status>(envelope.body);
    case FrameType::ping:
      return decode<wire::Ping>(envelope.body);
    case FrameType::pong:
      return decode_pong(envelope.body);
    case FrameType::fetch:
      return decode<wire::Fetch>(envelope.body);
    case FrameType::blob:
      return decode<wire::Blob>(envelope.body);
    case FrameType::skipped:
      return decode<wire::Skipped>(envelope.body);
    case FrameType::evidence:
      return decode<wire::Evidence>(envelope.body);
    case FrameType::goaway:
      return decode<wire::GoAway>(envelope.body);
    case FrameType::error:
      return decode<wire::ErrorFrame>(envelope.body);
  }
  return fail(ErrorCode::kBadFrame, "unknown type of frame");
}

}  // namespace xylem
