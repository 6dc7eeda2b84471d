// An origin: takes the site's events, seals and signs them, serves them to the relays below. Wiring only.
#pragma once

#include <memory>
#include <optional>

#include "origin/ingest/server/ingest_server.h"
#include "origin/node/origin_writer.h"
#include "relay/node/serving_node.h"

namespace xylem {

struct OriginSettings {
  ServingSettings serving;
  std::string key;
  std::string manifest;
  std::string ingest = "127.0.0.1:8411";
  std::string token_file;
  bool accept_readers = false;
  std::chrono::milliseconds batch_window = kBatchWindowDefault;
};
void add_origin_options(OptionTable& table, OriginSettings& settings);

class OriginNode final : private OriginWriterEvents {
 public:
  static Result<std::unique_ptr<OriginNode>> open(Loop& loop, const OriginSettings& settings);
  ~OriginNode();

  SocketAddress serving_address() const { return node_->addresses().front(); }
  SocketAddress ingest_address() const { return ingest_->address(); }
  const Trust& trust() const { return *trust_; }
  // Takes no more events; `done` once everything accepted is durable, sealed and published.
  void drain(std::function<void()> done);
  // Why it stopped its loop by itself.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  OriginNode(Loop& loop, const OriginSettings& settings)
      : loop_(loop), settings_(settings), drain_timer_(loop, [this] { look_for_end(); }) {}
  Result<void> start();
  Result<void> start_writing(SigningKey key);
  void look_for_end();

  void on_published() override { node_->published(); }
  void on_beacons(const std::vector<Bytes>& beacons) override;
  void on_write_failed(const Error& error) override;
  void on_log_uncertain(const Error& error) override;

  Loop& loop_;
  const OriginSettings& settings_;
  std::unique_ptr<Trust> trust_;
  std::unique_ptr<ServingNode> node_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<OriginWriter> writer_;
  std::unique_ptr<IngestServer> ingest_;
  Timer drain_timer_;
  std::function<void()> drained_;
  std::optional<Error> failure_;
};

}  // namespace xylem
