// A simulated origin: the production Sequencer, logs and serving core over the virtual network and a disk in memory,
// driven as origin/node drives them: fsyncs take virtual time, and a crash may come while one is under way.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "origin/drill/drill_server.h"
#include "origin/drill/shown_records.h"
#include "origin/sequence/sequencer.h"
#include "relay/log/memory_storage.h"

namespace xylem {

class DrillOrigin final {
 public:
  static Result<std::unique_ptr<DrillOrigin>> start(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk,
                                                    std::uint64_t life);
  ~DrillOrigin();

  // `done` is called when the events are durable, or at once with why they are not taken. Never after the process's
  // end.
  using Done = std::function<void(const Result<Accepted>&)>;
  void submit(const Append& request, const Done& done);

  LogSet& logs() { return *logs_; }
  bool idle() const;  // everything accepted is published

 private:
  struct Waiting {
    Accepted accepted;
    Done done;
  };

  DrillOrigin(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk, std::uint64_t life);
  Result<void> open();

  void begin_sync();
  void end_sync();
  void answer_durable();
  void schedule();
  void begin_seal();
  void end_seal();
  void sign_beacons();
  void show();
  void must(const Result<void>& result, std::string_view what);

  DrillWorld& world_;
  const PlannedNode& node_;
  MemoryStorage& disk_;
  RandomStream random_;
  VirtualTimer sync_timer_, journal_synced_, seal_timer_, logs_synced_, beacon_timer_;
  Trust trust_;
  std::unique_ptr<LogSet> logs_;
  std::optional<ShownRecords> shown_;
  std::unique_ptr<Sequencer> sequencer_;
  std::deque<Waiting> waiting_;
  Journal::Sync sync_;
  std::vector<std::pair<Bucket, BucketLog::Sync>> log_syncs_;
  ServeFacts facts_;
  std::unique_ptr<DrillServer> server_;
};

}  // namespace xylem
