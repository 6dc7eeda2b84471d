// The serving half of a simulated node: a ServeCore on the virtual network, as the serving loop is one on sockets.
// Reads of files take virtual time; a lying relay's words pass through a LyingTongue.
#pragma once

#include <map>
#include <memory>

#include "origin/drill/drill_world.h"
#include "origin/drill/lying_tongue.h"
#include "relay/log/log_set.h"
#include "relay/serve/serve_core.h"

namespace xylem {

class DrillServer final : private ServeShell, private ServeNode {
 public:
  // Listens at the node's address. `random` is the node's; `lies` may be null.
  DrillServer(DrillWorld& world, const PlannedNode& node, LogSet& logs, const ServeFacts& facts, RandomStream& random,
              Lies* lies);
  ~DrillServer();

  void published() { wake_.start_after(std::chrono::milliseconds(0)); }
  // In the next turn, changes of one turn together.
  void set_facts(const ServeFacts& facts);
  ServeStats stats() const { return core_->stats(); }

 private:
  class Link;

  void read(ReadId id, std::vector<ColdRun> runs) override;
  Nonce nonce() override { return random_.bytes<32>(); }
  Timestamp wall_time() const override { return world_.wall(); }

  void on_have(ConnectionId, const RelayId&, const Have&) override {}
  void on_evidence(ConnectionId, const Evidence&) override {}
  std::shared_ptr<const Bytes> blob(const Hash256&) override { return nullptr; }
  std::uint64_t readers() const override { return core_->stats().readers; }

  void accept(VirtualStream stream);
  void wake();
  template <typename Action>
  void call(Action action);

  DrillWorld& world_;
  const PlannedNode& node_;
  RandomStream& random_;
  Lies* lies_;
  VirtualTimer timer_, wake_;
  std::shared_ptr<const ServeFacts> next_facts_;
  std::uint64_t last_link_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Link>> links_;  // outlive the core
  std::vector<std::uint64_t> finished_;
  std::unique_ptr<ServeCore> core_;
  std::shared_ptr<DrillServer*> self_;  // for reads that are under way when the process ends
};

// What origin and relay tell their serving core about themselves.
ServeFacts drill_facts(const PlannedNode& node, const Trust& trust);
// Reads a run of a log's file.
Result<Bytes> read_run(const ColdRun& run);

}  // namespace xylem
