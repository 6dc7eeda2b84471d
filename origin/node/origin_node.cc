#include "origin/node/origin_node.h"

#include <fmt/core.h>

#include "client/logging/log.h"
#include "origin/node/keygen.h"
#include "relay/keys/key_file.h"

namespace xylem {
namespace {

constexpr auto kDrainLook = std::chrono::milliseconds(5);

// The buckets that the key may sign for now: its open grants, which must be one run.
Result<BucketRange> range_of_key(const Manifest& manifest, const PublicKey& key) {
  std::optional<BucketRange> range;
  for (const Grant& grant : manifest.grants) {
    if (grant.origin_key != key || grant.until_seq || manifest.current_epoch(grant.range.first) != grant.epoch)
      continue;
    if (!range) {
      range = grant.range;
    } else if (grant.range.first.value == range->last.value + 1) {
      range->last = grant.range.last;
    } else {
      return fail(ErrorCode::kConfig,
                  "the manifest grants this key several runs of buckets; start one origin for each");
    }
  }
  if (!range) return fail(ErrorCode::kNoGrant, "the manifest has no open grant for this key");
  return *range;
}

Result<std::string> read_token(const std::string& path) {
  auto bytes = read_public_file(path, 4096);
  if (!bytes) return fail(bytes.error());
  std::string token(as_text(*bytes));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) token.pop_back();
  if (token.size() < 16)
    return fail(ErrorCode::kConfig, fmt::format("{}: the token must have 16 characters or more", path));
  return token;
}

}  // namespace

void add_origin_options(OptionTable& table, OriginSettings& settings) {
  table.group("Zone");
  table.text("key", &settings.key, "FILE", "the origin's secret key; its open grants say which buckets it signs for")
      .required();
  table.text("manifest", &settings.manifest, "FILE", "the zone's signed manifest").required();
  table.group("Writers");
  table.text("ingest", &settings.ingest, "ADDRESS:PORT", "take events here");
  table.text("token-file", &settings.token_file, "FILE", "what writers must show, as Authorization: Bearer TOKEN")
      .required();
  table.duration("batch-window", &settings.batch_window, "collect a busy feed's events for so long into one record");
  table.group("Node");
  add_serving_options(table, settings.serving);
  table.toggle("accept-readers", &settings.accept_readers,
               "also serve readers; else relays only, so that the origin is left in peace");
}

OriginNode::~OriginNode() = default;

Result<std::unique_ptr<OriginNode>> OriginNode::open(Loop& loop, const OriginSettings& settings) {
  std::unique_ptr<OriginNode> origin(new OriginNode(loop, settings));
  if (auto started = origin->start(); !started) return fail(started.error());
  return origin;
}

Result<void> OriginNode::start() {
  if (settings_.batch_window.count() < 1 || settings_.batch_window > kBatchWindowMax) {
    return fail(ErrorCode::kConfig, fmt::format("batch-window must be from 1ms to {}ms", kBatchWindowMax.count()));
  }
  auto key = read_key_file(settings_.key, KeyUse::origin);
  if (!key) return fail(key.error());
  auto bytes = read_public_file(settings_.manifest, kManifestBytesMax);
  if (!bytes) return fail(bytes.error());
  auto manifest = open_manifest_unpinned(*bytes);
  if (!manifest) return fail(manifest.error().code, fmt::format("{}: {}", settings_.manifest, manifest.error().detail));
  auto range = range_of_key(*manifest, key->public_key());
  if (!range) return fail(range.error());

  ServingNode::Options options;
  options.settings = settings_.serving;
  options.range = *range;
  options.node_name =
      manifest->names.empty() ? to_string(*range) : fmt::format("{}.{}", to_string(*range), manifest->names.front());
  options.keep_everything = true;
  options.accept_readers = settings_.accept_readers;
  auto node = ServingNode::open(loop_, std::move(options));
  if (!node) return fail(node.error());
  node_ = std::move(*node);
  trust_ = std::make_unique<Trust>(manifest->zone_id());
  // What was seen before must not go back.
  if (auto saved = node_->saved_manifest()) {
    if (auto admitted = trust_->admit(*saved); !admitted) return fail(admitted.error());
  }
  if (auto admitted = trust_->admit(*bytes); !admitted) return fail(admitted.error());
  if (auto saved = node_->save_manifest(*bytes); !saved) return saved;
  return start_writing(std::move(*key));
}

Result<void> OriginNode::start_writing(SigningKey key) {
  auto listen = SocketAddress::parse(settings_.ingest);
  if (!listen) return fail(ErrorCode::kConfig, fmt::format("ingest: {}", listen.error().detail));
  auto token = read_token(settings_.token_file);
  if (!token) return fail(token.error());
  SequencerOptions options;
  options.batch_window = settings_.batch_window;
  auto sequencer =
      Sequencer::open(node_->storage(), node_->logs(), *trust_, std::move(key), options, loop_.now(), Loop::now_utc());
  if (!sequencer) return fail(sequencer.error());
  sequencer_ = std::move(*sequencer);
  if (const auto held = sequencer_->clock_held(Loop::now_utc()); held.count() > 0) {
    log_warning("the clock stands behind what was signed; signed time is held until it catches up",
                {{"behind_ms", held.count()}});
  }
  writer_ = std::make_unique<OriginWriter>(loop_, *sequencer_, node_->logs(), static_cast<OriginWriterEvents&>(*this));
  on_beacons(sequencer_->beacons(Loop::now_utc()));
  if (auto started = node_->start(*trust_); !started) return started;
  IngestOptions ingest;
  ingest.listen = *listen;
  ingest.token = *token;
  auto server = IngestServer::open(loop_, ingest, *writer_);
  if (!server) return fail(server.error());
  ingest_ = std::move(*server);
  return node_->announce("xylem-origin", {{"ingest", ingest_->address().to_string()}});
}

void OriginNode::drain(std::function<void()> done) {
  drained_ = std::move(done);
  ingest_->stop_listening();
  drain_timer_.start_every(kDrainLook);
}

void OriginNode::look_for_end() {
  if (!writer_->idle()) return;
  drain_timer_.stop();
  if (drained_) std::exchange(drained_, nullptr)();
}

void OriginNode::on_beacons(const std::vector<Bytes>& beacons) {
  for (const Bytes& bytes : beacons) {
    if (auto beacon = decode_beacon(bytes)) node_->set_beacon(beacon->bucket, bytes);
  }
}

void OriginNode::on_write_failed(const Error& error) {
  log_error("events cannot be written; what is acknowledged is safe, it is tried again", {{"cause", error.message()}});
}

void OriginNode::on_log_uncertain(const Error& error) {
  if (!failure_) failure_ = error;
  loop_.stop();
}

}  // namespace xylem
