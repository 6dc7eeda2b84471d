// What relay and origin have in common once they run: an identity, a folder with logs, serving loops, and what these
// are told (facts.h of relay/serve). Main loop's thread only.
//
//   open (data folder, identity, logs) ── start (a manifest is known) ──> serving ── destroyed: every connection closes
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/uv/timer.h"
#include "relay/log/log_set.h"
#include "relay/log/posix_storage.h"
#include "relay/node/relay_options.h"
#include "relay/serve/loop/serving_pool.h"

namespace xylem {

class ServingNode final : private ServeNode {
 public:
  struct Options {
    ServingSettings settings;
    BucketRange range;
    std::string node_name;  // as it is shown and told; empty without one
    std::uint64_t disk_bytes = 0;
    bool keep_everything = false;
    bool accept_readers = true;
  };
  // Opens the folder: identity (made at first use), logs (recovered; what recovery found is logged). kIo, kCorrupt,
  // kConfig.
  static Result<std::unique_ptr<ServingNode>> open(Loop& loop, Options options);
  ~ServingNode();

  // Serves from now on. `path` names the relays above this one, nearest first. kIo: the address cannot be had.
  Result<void> start(const Trust& trust);
  bool serving() const { return pool_ != nullptr; }

  LogSet& logs() { return *logs_; }
  Storage& storage() { return *storage_; }
  const SigningKey& identity() const { return *identity_; }
  RelayId id() const { return relay_id_of(identity_->public_key()); }
  const std::vector<SocketAddress>& addresses() const { return pool_->addresses(); }
  ServeStats stats() const { return pool_ ? pool_->stats() : ServeStats{}; }

  void published();  // records became visible
  void set_manifest(const Trust& trust);
  void set_path(const std::vector<RelayId>& above);
  void set_beacon(Bucket bucket, Bytes frame_body);
  void set_node_name(std::string name);

  // The newest manifest on disk, and keeping one there.
  Result<Bytes> saved_manifest() const;
  Result<void> save_manifest(const Bytes& bytes);

  // Logs that this node serves, and writes the ready file: {"pid", "listen", "relay_id", "node_name", …}.
  Result<void> announce(std::string_view program, const std::map<std::string, std::string>& more = {});

 private:
  ServingNode(Loop& loop, Options options);

  void on_have(ConnectionId, const RelayId&, const Have&) override {}
  void on_evidence(ConnectionId, const Evidence&) override {}
  std::shared_ptr<const Bytes> blob(const Hash256&) override { return nullptr; }
  std::uint64_t readers() const override { return pool_ ? pool_->stats().readers : 0; }

  Result<void> open_folder();
  Result<void> read_settings();
  void facts_changed();
  void send_facts();

  Loop& loop_;
  const Options options_;
  std::unique_ptr<PosixStorage> storage_;
  std::shared_ptr<const SigningKey> identity_;
  std::unique_ptr<LogSet> logs_;
  std::vector<SocketAddress> listen_;
  ServeFacts facts_;                   // what the loops are told next
  Timer facts_timer_;                  // changes of one turn are told together
  std::unique_ptr<ServingPool> pool_;  // last: its threads use the logs
};

}  // namespace xylem
