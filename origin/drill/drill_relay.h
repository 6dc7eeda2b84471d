// A simulated relay: the production Follower, logs and serving core, wired as relay/node wires them, over the virtual
// network and a disk in memory. The object is the process; its disk outlives it.
#pragma once

#include <memory>
#include <optional>

#include "origin/drill/drill_server.h"
#include "origin/drill/shown_records.h"
#include "relay/follow/follower.h"
#include "relay/log/memory_storage.h"

namespace xylem {

class DrillRelay final : private FollowShell, private StreamUser {
 public:
  // `life` tells the processes of one node apart. kCorrupt, kIo: it could not start.
  static Result<std::unique_ptr<DrillRelay>> start(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk,
                                                   std::uint64_t life, Lies& lies);
  ~DrillRelay();

  LogSet& logs() { return *logs_; }
  FollowerStatus following() const { return follower_ ? follower_->status() : FollowerStatus{}; }

 private:
  DrillRelay(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk, std::uint64_t life, Lies& lies);

  void find_upstream();
  void learn_zone(const ZoneId& zone);
  void serve();
  void show();
  void keep_deadline() { timer_.start_at(follower_->deadline()); }

  // FollowShell
  void dial(const FoundServer& server) override;
  void send(Bytes bytes) override { stream_.send(bytes); }
  void hang_up() override { stream_.close(); }
  Nonce nonce() override { return random_.bytes<32>(); }
  void published() override { show(); }
  void manifest_changed() override;
  void path_changed(const std::vector<RelayId>& path) override;
  void beacon_arrived(const Beacon& beacon, ByteView frame) override;
  void connected(const FoundServer& server, const UpstreamPeer& peer) override;
  void disconnected(const FoundServer& server, const SessionFailure& failure) override;
  void append_failed(Bucket bucket, const Error& error) override;

  // StreamUser: the upstream session's.
  void on_connected() override;
  void on_bytes(ByteView bytes) override;
  void on_end() override { on_closed({ErrorCode::kIo, "closed by the upstream"}); }
  void on_closed(const Error& error) override;

  DrillWorld& world_;
  const PlannedNode& node_;
  MemoryStorage& disk_;
  Lies& lies_;
  RandomStream random_;
  const SigningKey identity_;
  VirtualTimer timer_, find_timer_;
  std::unique_ptr<LogSet> logs_;
  std::optional<ShownRecords> shown_;
  RedactionBook redactions_;
  std::unique_ptr<Trust> trust_;
  VirtualStream stream_;
  std::unique_ptr<Follower> follower_;
  std::optional<NameLookup> lookup_;
  ServeFacts facts_;
  std::unique_ptr<DrillServer> server_;
};

}  // namespace xylem
