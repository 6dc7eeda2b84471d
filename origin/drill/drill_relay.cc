#include "origin/drill/drill_relay.h"

#include <fmt/format.h>

#include "relay/log/log_folder.h"

namespace xylem {
namespace {

// Small, so that a run of minutes rolls segments and reads cold.
LogSetOptions log_options(const PlannedNode& node) {
  LogSetOptions options;
  options.log.segment_bytes = 128 * kKiB;
  options.log.hot_bytes = 64 * kKiB;
  options.log.chunk_bytes = 16 * kKiB;
  options.disk_bytes_max = node.disk_bytes;
  return options;
}

}  // namespace

DrillRelay::DrillRelay(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk, std::uint64_t life, Lies& lies)
    : world_(world),
      node_(node),
      disk_(disk),
      lies_(lies),
      random_(world.seed, fmt::format("{} life {}", node.label(), life)),
      identity_(SigningKey::from_seed(node.identity)),
      timer_(world.queue,
             [this] {
               follower_->on_deadline(world_.now());
               keep_deadline();
             }),
      find_timer_(world.queue, [this] { find_upstream(); }) {}

DrillRelay::~DrillRelay() = default;

Result<std::unique_ptr<DrillRelay>> DrillRelay::start(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk,
                                                      std::uint64_t life, Lies& lies) {
  std::unique_ptr<DrillRelay> relay(new DrillRelay(world, node, disk, life, lies));
  auto logs = LogSet::open(disk, node.place.own(), log_options(node));
  if (!logs) return fail(logs.error());
  relay->logs_ = std::move(*logs);
  relay->shown_.emplace(*relay->logs_);
  relay->show();
  relay->find_upstream();
  return relay;
}

void DrillRelay::find_upstream() {
  lookup_.emplace(world_.queue, world_.plan.names, random_,
                  FindRequest::upstream_of_node(world_.plan.zone, node_.label()), [this](const Result<Found>& found) {
                    if (!found) {
                      world_.tell(node_.label(), "DNS does not tell its upstream: " + found.error().message());
                      return find_timer_.start_after(kFindAgain);
                    }
                    learn_zone(found->record->id);
                    follower_->set_servers(found->servers, world_.now());
                    keep_deadline();
                  });
}

void DrillRelay::learn_zone(const ZoneId& zone) {
  if (trust_) return;
  trust_ = std::make_unique<Trust>(zone);
  if (const auto saved = read_file(disk_, kManifestName, kManifestBytesMax)) {
    // A power cut may have left nothing of it: it comes again from above.
    if (auto admitted = trust_->admit(*saved); !admitted) world_.tell(node_.label(), admitted.error().message());
  }
  FollowerOptions options;
  options.agent = "xylem-relay/drill";
  follower_ = std::make_unique<Follower>(static_cast<FollowShell&>(*this), *logs_, *trust_, redactions_, identity_,
                                         random_.function(), options);
  if (trust_->manifest() != nullptr) serve();
}

void DrillRelay::serve() {
  const auto path = facts_.path;
  const auto beacons = facts_.beacons;
  facts_ = drill_facts(node_, *trust_);
  if (!path.empty()) facts_.path = path;
  facts_.beacons = beacons;
  if (server_) return server_->set_facts(facts_);
  server_ = std::make_unique<DrillServer>(world_, node_, *logs_, facts_, random_, &lies_);
}

void DrillRelay::show() {
  shown_->walk([this](Bucket bucket, Seq seq, ByteView frame) {
    world_.observer.on_relay_record(node_.label(), bucket, seq, frame);
  });
  logs_->collect();
  if (server_) server_->published();
}

// --- what the follower wants and tells ---

void DrillRelay::dial(const FoundServer& server) {
  stream_ = world_.network.dial(node_.label(), server.addresses.front(), *this);
}

void DrillRelay::manifest_changed() {
  if (auto kept = replace_file(disk_, kManifestName, trust_->manifest_bytes()); !kept) {
    world_.tell(node_.label(), "cannot keep the manifest: " + kept.error().message());
  }
  serve();
}

void DrillRelay::path_changed(const std::vector<RelayId>& path) {
  facts_.path = {relay_id_of(identity_.public_key())};
  facts_.path.insert(facts_.path.end(), path.begin(), path.end());
  if (server_) server_->set_facts(facts_);
}

void DrillRelay::beacon_arrived(const Beacon& beacon, ByteView frame) {
  const ByteView body = frame.subspan(kEnvelopeBytes);
  facts_.beacons[beacon.bucket] = std::make_shared<const Bytes>(body.begin(), body.end());
  if (server_) server_->set_facts(facts_);
}

void DrillRelay::connected(const FoundServer&, const UpstreamPeer& peer) {
  world_.tell(node_.label(), "follows " + peer.node_name);
}

void DrillRelay::disconnected(const FoundServer&, const SessionFailure& failure) {
  const bool lie = failure.cause == FailureCause::dishonest;
  world_.tell(node_.label(), fmt::format("{}: {}", lie ? "does not believe its upstream" : "lost its upstream",
                                         failure.error.message()));
}

void DrillRelay::append_failed(Bucket bucket, const Error& error) {
  world_.tell(node_.label(), fmt::format("cannot write bucket {}: {}", bucket.value, error.message()));
}

// --- the connection ---

void DrillRelay::on_connected() {
  follower_->on_connected(world_.now());
  keep_deadline();
}

void DrillRelay::on_bytes(ByteView bytes) {
  follower_->on_bytes(bytes, world_.now());
  keep_deadline();
}

void DrillRelay::on_closed(const Error& error) {
  follower_->on_closed(error, world_.now());
  keep_deadline();
}

}  // namespace xylem
