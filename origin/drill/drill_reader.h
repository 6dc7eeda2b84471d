// A simulated reader: the production FeedReader over the virtual network, wired as client/reader wires it. The object
// is the process; what it has read so far is kept by its owner.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "client/session/feed_reader.h"
#include "origin/drill/drill_world.h"

namespace xylem {

// What a reader keeps on its disk.
struct ReaderMemory {
  FeedCursor position;
  Bytes manifest;
};

class DrillReader final : private FeedReaderShell, private FeedListener {
 public:
  DrillReader(DrillWorld& world, const PlannedReader& plan, ReaderMemory& memory, std::uint64_t life);
  ~DrillReader();

  FeedStatus status() const { return reader_ ? reader_->status() : FeedStatus{}; }

 private:
  class Line;

  void find_servers();
  void find_servers_above() override;
  void on_found(const Result<Found>& found);
  void learn_zone(const ZoneId& zone);
  void tell_servers();
  template <typename Action>
  void call(Action action);

  // FeedReaderShell
  void dial(LineId line, const FoundServer& server) override;
  void send(LineId line, Bytes bytes) override;
  void close(LineId line) override;

  // FeedListener
  void on_event(const FeedEvent& event) override;
  void on_status(const FeedStatus& status) override;

  DrillWorld& world_;
  const PlannedReader& plan_;
  ReaderMemory& memory_;
  RandomStream random_;
  VirtualTimer timer_, find_timer_;
  std::unique_ptr<Trust> trust_;
  RedactionBook redactions_;
  std::optional<NameLookup> lookup_, lookup_above_;
  std::vector<FoundServer> servers_, above_;
  std::map<LineId, std::unique_ptr<Line>> lines_;
  std::optional<FeedReader> reader_;
};

}  // namespace xylem
