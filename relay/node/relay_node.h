// A relay: finds its upstream through DNS, follows it, serves what it has. Wiring only.
#pragma once

#include <memory>

#include "client/discovery/discovery.h"
#include "relay/follow/follower.h"
#include "relay/node/serving_node.h"
#include "relay/node/upstream_link.h"

namespace xylem {

class RelayNode final : private FollowShell {
 public:
  // Opens the folder and the logs; serves once a manifest is known (from disk, or from the upstream).
  static Result<std::unique_ptr<RelayNode>> open(Loop& loop, const RelaySettings& settings);
  ~RelayNode();
  bool serving() const { return node_->serving(); }
  // Why it stopped its loop by itself.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  RelayNode(Loop& loop, const RelaySettings& settings);

  Result<void> start();
  Result<void> learn_zone(const ZoneId& zone);
  void serve();
  void find_upstream();
  void find_named_upstreams();
  void on_found(const Result<Found>& found);
  void ask_manifest_origins();
  void tell_found(const Found& found);
  void add_named(const Result<Found>& found);
  void fatal(const Error& error);

  // FollowShell
  void dial(const FoundServer& server) override { link_.dial(server); }
  void send(Bytes bytes) override { link_.send(std::move(bytes)); }
  void hang_up() override { link_.hang_up(); }
  Nonce nonce() override;
  void published() override { node_->published(); }
  void manifest_changed() override;
  void path_changed(const std::vector<RelayId>& path) override { node_->set_path(path); }
  void beacon_arrived(const Beacon& beacon, ByteView frame) override;
  void connected(const FoundServer& server, const UpstreamPeer& peer) override;
  void disconnected(const FoundServer& server, const SessionFailure& failure) override;
  void append_failed(Bucket bucket, const Error& error) override;

  Loop& loop_;
  const RelaySettings& settings_;
  BucketRange range_;
  std::unique_ptr<ServingNode> node_;
  std::unique_ptr<Discovery> discovery_;
  std::unique_ptr<Trust> trust_;  // once the zone's id is known
  RedactionBook redactions_;
  UpstreamLink link_;
  std::unique_ptr<Follower> follower_;
  Watch watch_;
  std::vector<Lookup> lookups_;
  std::vector<FoundServer> named_;  // of --upstream, or the manifest's origins
  std::optional<Error> failure_;
};

}  // namespace xylem
