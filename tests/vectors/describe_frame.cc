// Control frames as named values.
#include "tests/vectors/describer.h"

namespace xylem::example {
namespace {

// Headers are long; their link says which one it is.
Bytes link_of(const Bytes& header) {
  const Hash256 link = sha256(header);
  return {link.begin(), link.end()};
}

void put(Describer out, const Hello& hello) {
  out.number("version_min", hello.version_min);
  out.number("version_max", hello.version_max);
  out.hex("zone_id", hello.zone);
  out.number("role", static_cast<std::uint64_t>(hello.role));
  out.hex("nonce", hello.nonce);
  out.text("host", hello.host);
  out.number("port", hello.port);
  if (hello.relay) out.hex("relay_id", hello.relay->bytes);
  out.text("agent", hello.agent);
}
void put(Describer out, const Welcome& welcome) {
  out.number("version", welcome.version);
  out.hex("key", welcome.key);
  out.hex("nonce", welcome.nonce);
  if (welcome.signature) out.hex("signature", *welcome.signature);
  out.hex("manifest_hash", welcome.manifest_hash);
  out.number("manifest_serial", welcome.manifest_serial);
  out.text("node_name", welcome.node_name);
  out.text("agent", welcome.agent);
}
void put(Describer out, const Prove& prove) {
  out.hex("key", prove.key);
  out.hex("signature", prove.signature);
}
void put(Describer out, const Buckets& buckets) {
  for (std::size_t i = 0; i < buckets.buckets.size(); ++i) {
    const BucketState& state = buckets.buckets[i];
    Describer bucket = out.within("state", i + 1);
    bucket.number("bucket", state.bucket.value);
    bucket.number("epoch", state.epoch.value);
    bucket.number("floor", state.floor.value);
    bucket.number("head", state.head.value);
    bucket.hex("head_link", state.head_link);
  }
  out.number("last", buckets.last ? 1 : 0);
}
void put(Describer out, const Have& have) {
  for (std::size_t i = 0; i < have.buckets.size(); ++i) {
    Describer bucket = out.within("newest", i + 1);
    bucket.number("bucket", have.buckets[i].bucket.value);
    bucket.hex("header_link", have.buckets[i].header.empty() ? Bytes() : link_of(have.buckets[i].header));
  }
  out.number("last", have.last ? 1 : 0);
}
void put(Describer out, const Path& path) {
  for (const RelayId& relay : path.relays) out.text("relay", relay.to_string());
}
void put(Describer out, const Subscribe& subscribe) {
  for (const BucketCursor& cursor : subscribe.buckets) out.text("bucket", cursor.to_string());
  for (const FeedSubscription& feed : subscribe.feeds) {
    out.text("feed",
             fmt::format("{} from {} mode {}", feed.feed.value, feed.from.to_string(), static_cast<int>(feed.mode)));
  }
}
void put(Describer out, const Unsubscribe& unsubscribe) {
  for (const Bucket bucket : unsubscribe.buckets) out.number("bucket", bucket.value);
  for (const FeedId feed : unsubscribe.feeds) out.number("feed", feed.value);
}
void put(Describer out, const Status& status) {
  if (status.bucket) {
    out.number("bucket", status.bucket->value);
  } else {
    out.number("feed", status.feed.value);
  }
  out.number("code", static_cast<std::uint64_t>(status.code));
  out.text("floor", fmt::format("{} {}", status.floor_epoch, status.floor_position));
  out.text("head", fmt::format("{} {}", status.head_epoch, status.head_position));
  out.hex("snapshot", status.snapshot);
  for (const std::string& owner : status.owners) out.text("owner", owner);
  out.text("text", status.text);
}
void put(Describer out, const Ping& ping) { out.number("token", ping.token); }
void put(Describer out, const Pong& pong) { out.number("token", pong.token); }
void put(Describer out, const FetchHash& what) { out.hex("hash", what.hash); }
void put(Describer out, const FetchFeedHead& what) { out.number("feed_head", what.feed.value); }
void put(Describer out, const FetchFeedRange& what) {
  out.number("feed", what.feed.value);
  out.number("from_version", what.from.value);
  out.number("to_version", what.to.value);
}
void put(Describer out, const FetchChunk& what) {
  out.number("bucket", what.bucket.value);
  out.number("from_seq", what.from.value);
  out.number("to_seq", what.to.value);
}
void put(Describer out, const Fetch& fetch) {
  out.number("request", fetch.request);
  std::visit([&](const auto& what) { put(out, what); }, fetch.what);
}
void put(Describer out, const Blob& blob) {
  out.number("request", blob.request);
  out.number("offset", blob.offset);
  out.number("total", blob.total);
  out.number("last", blob.last ? 1 : 0);
  if (blob.error) out.text("error", error_info(*blob.error).name);
  out.hex("data", blob.data);
}
void put(Describer out, const Skipped& skipped) {
  out.number("feed", skipped.feed.value);
  out.number("from", skipped.from.value);
  out.number("to", skipped.to.value);
}
void put(Describer out, const Evidence& evidence) {
  for (const Bytes& header : evidence.headers) out.hex("header_link", link_of(header));
}
void put(Describer out, const GoAway& go_away) {
  out.text("error", error_info(go_away.reason).name);
  for (const RelayId& relay : go_away.relays) out.text("relay", relay.to_string());
  out.number("wait_min_ms", static_cast<std::uint64_t>(go_away.wait_min.count()));
  out.number("wait_max_ms", static_cast<std::uint64_t>(go_away.wait_max.count()));
}
void put(Describer out, const ErrorFrame& error) {
  out.text("error", error_info(error.code).name);
  out.text("text", error.text);
}

}  // namespace

Values describe(const ControlFrame& frame) {
  Values values;
  std::visit([&](const auto& kind) { put(Describer(values), kind); }, frame);
  return values;
}

}  // namespace xylem::example
