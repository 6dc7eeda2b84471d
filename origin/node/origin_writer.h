// Drives the sequencer on the origin's main loop: collects what arrives in a turn into one fsync of the journal,
// answers when that is done, seals what is due, fsyncs the logs, publishes. The waiting is done by file workers: at
// most one sync of the journal and one round of sealing are under way.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "client/uv/file_worker.h"
#include "client/uv/timer.h"
#include "origin/ingest/server/post_handler.h"
#include "origin/sequence/sequencer.h"

namespace xylem {

class OriginWriterEvents {
 public:
  virtual void on_published() = 0;  // wake the serving loops
  virtual void on_beacons(const std::vector<Bytes>& beacons) = 0;
  virtual void on_write_failed(const Error& error) = 0;  // of the journal or of sealing: tried again by itself
  // A log's fsync failed: nobody knows what the disk holds. The program must end and start again.
  virtual void on_log_uncertain(const Error& error) = 0;

 protected:
  ~OriginWriterEvents() = default;
};

class OriginWriter final : public AppendSink {
 public:
  // All must outlive it. Beacons are signed each `beacon_interval`.
  OriginWriter(Loop& loop, Sequencer& sequencer, LogSet& logs, OriginWriterEvents& events,
               std::chrono::milliseconds beacon_interval = std::chrono::seconds(5));

  void submit(Append request, Done done) override;
  // Everything accepted is durable, sealed and published: for an orderly end.
  bool idle() const;

 private:
  struct Waiting {
    JournalPosition position;
    Accepted accepted;
    Done done;
  };

  void begin_sync();
  void end_sync(const Journal::Sync& sync, const Result<void>& outcome);
  void answer_durable();
  void begin_seal();
  void end_seal();
  void schedule();
  void sign_beacons();

  Loop& loop_;
  Sequencer& sequencer_;
  LogSet& logs_;
  OriginWriterEvents& events_;
  Timer sync_timer_;  // in the next turn: all requests of this one share an fsync
  Timer seal_timer_;
  Timer beacon_timer_;
  std::deque<Waiting> waiting_;

  // The round of sealing under way: a sync of each log it touched.
  struct LogSync {
    Bucket bucket;
    std::function<Result<void>()> run;
    Result<void> outcome;
  };
  std::vector<LogSync> syncs_;
  std::size_t syncs_left_ = 0;  // jobs
  FileWorker workers_;
};

}  // namespace xylem
