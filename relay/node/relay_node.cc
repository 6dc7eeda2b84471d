#include "relay/node/relay_node.h"

#include <fmt/core.h>

#include <filesystem>

#include "client/logging/log.h"
#include "client/session/random_values.h"
#include "relay/node/zone_pin.h"

namespace xylem {
namespace {

Result<BucketRange> range_of(const RelaySettings& settings) {
  if (!settings.bucket.empty()) return parse_bucket_range(settings.bucket);
  return parse_bucket_range(std::string_view(settings.name).substr(0, settings.name.find('.')));
}

std::string server_text(const FoundServer& server) { return address_of(server).to_string(); }

}  // namespace

RelayNode::RelayNode(Loop& loop, const RelaySettings& settings) : loop_(loop), settings_(settings), link_(loop) {}

RelayNode::~RelayNode() = default;

Result<std::unique_ptr<RelayNode>> RelayNode::open(Loop& loop, const RelaySettings& settings) {
  auto range = range_of(settings);
  if (!range) return fail(ErrorCode::kUsage, range.error().message());
  std::unique_ptr<RelayNode> relay(new RelayNode(loop, settings));
  relay->range_ = *range;
  if (auto started = relay->start(); !started) return fail(started.error());
  return relay;
}

Result<void> RelayNode::start() {
  ServingNode::Options options;
  options.settings = settings_.serving;
  options.range = range_;
  if (!settings_.name.empty())
    options.node_name =
        settings_.name.ends_with(settings_.zone) ? settings_.name : settings_.name + "." + settings_.zone;
  options.disk_bytes = settings_.disk_bytes;
  options.keep_everything = settings_.archive;
  auto node = ServingNode::open(loop_, std::move(options));
  if (!node) return fail(node.error());
  node_ = std::move(*node);

  DiscoveryOptions discovery;
  if (!settings_.dns.empty()) {
    auto dns = parse_dns_option(settings_.dns);
    if (!dns) return fail(dns.error());
    discovery.dns = *dns;
  }
  discovery.cache_file = std::filesystem::path(settings_.serving.data) / "dns-cache";
  discovery.allow_private = settings_.allow_private;
  discovery_ = std::make_unique<Discovery>(loop_, discovery);

  std::optional<ZoneId> zone;
  if (!settings_.zone_id.empty()) {
    auto given = parse_zone_id(settings_.zone_id);
    if (!given) return fail(given.error());
    zone = *given;
  } else {
    auto pinned = read_zone_pin(node_->storage());
    if (!pinned) return fail(pinned.error());
    zone = *pinned;
  }
  if (zone) {
    if (auto learned = learn_zone(*zone); !learned) return learned;
  }
  find_upstream();
  return {};
}

// From now on it is clear whose signatures count. A manifest from an earlier run lets this node serve before anything
// above answers.
Result<void> RelayNode::learn_zone(const ZoneId& zone) {
  if (auto pinned = pin_zone(node_->storage(), zone); !pinned) return pinned;
  if (trust_) return {};
  trust_ = std::make_unique<Trust>(zone);
  if (auto saved = node_->saved_manifest()) {
    if (auto admitted = trust_->admit(*saved); !admitted) {
      log_warning("the manifest on disk is not used", {{"cause", admitted.error().message()}});
    }
  }
  FollowerOptions options;
  options.agent = fmt::format("xylem-relay/{}", kVersionText);
  follower_ = std::make_unique<Follower>(static_cast<FollowShell&>(*this), node_->logs(), *trust_, redactions_,
                                         node_->identity(), system_random(), options);
  link_.attach(*follower_);
  if (trust_->manifest() != nullptr) serve();
  return {};
}

void RelayNode::serve() {
  if (node_->serving()) return node_->set_manifest(*trust_);
  if (auto started = node_->start(*trust_); !started) return fatal(started.error());
  if (auto announced = node_->announce("xylem-relay"); !announced) fatal(announced.error());
}

void RelayNode::find_upstream() {
  if (!settings_.upstream.empty()) return find_named_upstreams();
  const FindRequest request = settings_.name.empty() ? FindRequest::upstream_of_bucket(settings_.zone, range_.first)
                                                     : FindRequest::upstream_of_node(settings_.zone, settings_.name);
  watch_ = discovery_->watch(request, [this](const Result<Found>& found) { on_found(found); });
}

void RelayNode::on_found(const Result<Found>& found) {
  if (!found) {
    log_warning("DNS does not tell the upstream", {{"cause", found.error().message()}});
    return;
  }
  if (found->record) {
    if (auto learned = learn_zone(found->record->id); !learned) return fatal(learned.error());
  }
  if (!follower_) return;
  tell_found(*found);
  switch (found->upstream) {
    case Upstream::is_origin:
      return fatal(
          {ErrorCode::kConfig, fmt::format("the node above {} is the zone itself: an origin stands here, not a relay",
                                           settings_.name.empty() ? settings_.bucket : settings_.name)});
    case Upstream::by_manifest:
      return ask_manifest_origins();
    case Upstream::servers:
    case Upstream::not_asked:
      break;
  }
  follower_->set_servers(found->servers, loop_.now());
  link_.keep_deadline();
}

void RelayNode::tell_found(const Found& found) {
  if (found.node && settings_.name.empty()) node_->set_node_name(found.node->to_string());
  log_info("upstream found",
           {{"node", found.upstream_node ? found.upstream_node->to_string() : "the origin"},
            {"servers", found.servers.size()},
            {"stale", found.stale_age ? "yes: DNS does not answer, these are the last known" : "no"}});
}

// A one-tier zone: the manifest says who the origin is. Without one yet, DNS cannot help; it must be given
// (--upstream).
void RelayNode::ask_manifest_origins() {
  if (trust_->manifest() == nullptr) {
    log_warning("the zone has no node names, and no manifest is known yet",
                {{"cure", "start once with --upstream HOST:PORT of the origin and --zone-id HEX"}});
    return;
  }
  lookups_.clear();
  named_.clear();
  for (const OriginServer& origin : trust_->manifest()->origins) {
    if (!origin.range.contains(range_)) continue;
    lookups_.push_back(
        discovery_->find_server({origin.host, origin.port}, [this](const Result<Found>& found) { add_named(found); }));
  }
}

void RelayNode::find_named_upstreams() {
  for (const std::string& text : settings_.upstream) {
    auto server = parse_host_port(text);
    if (!server) return fatal({ErrorCode::kUsage, fmt::format("upstream: {}", server.error().detail)});
    lookups_.push_back(discovery_->find_server(*server, [this](const Result<Found>& found) { add_named(found); }));
  }
}

void RelayNode::add_named(const Result<Found>& found) {
  if (!found) {
    log_warning("upstream not found", {{"cause", found.error().message()}});
    return;
  }
  named_.insert(named_.end(), found->servers.begin(), found->servers.end());
  follower_->set_servers(named_, loop_.now());
  link_.keep_deadline();
}

Nonce RelayNode::nonce() { return draw_nonce(system_random()); }

void RelayNode::manifest_changed() {
  if (auto saved = node_->save_manifest(trust_->manifest_bytes()); !saved) {
    log_error("the manifest could not be kept", {{"cause", saved.error().message()}});
  }
  log_info("manifest", {{"serial", trust_->manifest()->serial}, {"buckets", trust_->manifest()->buckets}});
  serve();
}

void RelayNode::beacon_arrived(const Beacon& beacon, ByteView frame) {
  const ByteView body = frame.subspan(kEnvelopeBytes);
  node_->set_beacon(beacon.bucket, Bytes(body.begin(), body.end()));
}

void RelayNode::connected(const FoundServer& server, const UpstreamPeer& peer) {
  log_info("upstream connected",
           {{"server", server_text(server)}, {"relay", peer.id.to_string()}, {"node", peer.node_name}});
}

void RelayNode::disconnected(const FoundServer& server, const SessionFailure& failure) {
  if (failure.cause == FailureCause::dishonest) {
    log_warning("upstream sent what does not verify; it is left alone for a while",
                {{"server", server_text(server)}, {"cause", failure.error.message()}});
    return;
  }
  log_info("upstream lost", {{"server", server_text(server)}, {"cause", failure.error.message()}});
}

void RelayNode::append_failed(Bucket bucket, const Error& error) {
  log_error("records cannot be written; what is held goes on being served",
            {{"bucket", bucket.value}, {"cause", error.message()}});
}

void RelayNode::fatal(const Error& error) {
  if (!failure_) failure_ = error;
  loop_.stop();
}

}  // namespace xylem
