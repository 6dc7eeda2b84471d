#include "origin/node/origin_writer.h"

#include <algorithm>
#include <utility>

namespace xylem {
namespace {

constexpr std::size_t kLogSyncJobs = 3;  // with the journal's, libuv's pool of four
constexpr auto kRetryAfter = std::chrono::milliseconds(500);

}  // namespace

OriginWriter::OriginWriter(Loop& loop, Sequencer& sequencer, LogSet& logs, OriginWriterEvents& events,
                           std::chrono::milliseconds beacon_interval)
    : loop_(loop),
      sequencer_(sequencer),
      logs_(logs),
      events_(events),
      sync_timer_(loop, [this] { begin_sync(); }),
      seal_timer_(loop, [this] { begin_seal(); }),
      beacon_timer_(loop, [this] { sign_beacons(); }),
      workers_(loop, kLogSyncJobs + 1) {
  beacon_timer_.start_every(beacon_interval);
  schedule();
}

void OriginWriter::submit(Append request, Done done) {
  auto accepted = sequencer_.submit(request, Loop::now_utc());
  if (!accepted) return done(fail(accepted.error()));
  if (accepted->position <= sequencer_.journal().durable()) return done(accepted);
  waiting_.push_back({accepted->position, *accepted, std::move(done)});
  if (!sync_timer_.running()) sync_timer_.start(std::chrono::milliseconds(0));
}

bool OriginWriter::idle() const {
  return waiting_.empty() && syncs_.empty() && sequencer_.counters().events_waiting == 0;
}

void OriginWriter::begin_sync() {
  if (!sequencer_.journal().sync_needed()) return;  // nothing new, or one is under way: its end begins the next
  const Journal::Sync sync = sequencer_.journal().begin_sync();
  auto begun =
      workers_.run_for<Result<void>>(sync.run, [this, sync](const Result<void>& outcome) { end_sync(sync, outcome); });
  XYLEM_ASSERT(begun.has_value());  // one sync and kLogSyncJobs others are all there ever are
}

void OriginWriter::end_sync(const Journal::Sync& sync, const Result<void>& outcome) {
  auto durable = sequencer_.journal().end_sync(sync, outcome);
  if (!durable) {
    // Nobody was answered yet: the requests wait until the disk takes them, or their clients give up and try again.
    events_.on_write_failed(durable.error());
    sync_timer_.start(kRetryAfter);
    return;
  }
  sequencer_.on_journal_durable(loop_.now());
  answer_durable();
  schedule();
  begin_sync();
}

void OriginWriter::answer_durable() {
  const JournalPosition durable = sequencer_.journal().durable();
  // A duplicate waits for its original, so positions are not quite in order.
  std::deque<Waiting> later;
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    if (waiting.position <= durable) {
      waiting.done(waiting.accepted);
    } else {
      later.push_back(std::move(waiting));
    }
  }
  // done() may have submitted more.
  waiting_.insert(waiting_.begin(), std::make_move_iterator(later.begin()), std::make_move_iterator(later.end()));
}

void OriginWriter::schedule() {
  if (syncs_.empty()) seal_timer_.start_at(sequencer_.deadline());
}

void OriginWriter::begin_seal() {
  if (!syncs_.empty() || sequencer_.deadline() > loop_.now()) return schedule();
  auto buckets = sequencer_.seal(loop_.now(), Loop::now_utc());
  if (!buckets) {
    events_.on_write_failed(buckets.error());
    return schedule();
  }
  if (buckets->empty()) return schedule();
  for (const Bucket bucket : *buckets) syncs_.push_back({bucket, logs_.of(bucket).begin_sync().run, {}});
  const std::size_t jobs = std::min(kLogSyncJobs, syncs_.size());
  syncs_left_ = jobs;
  for (std::size_t job = 0; job < jobs; ++job) {
    auto syncs = std::make_shared<std::vector<LogSync>>();
    for (std::size_t i = job; i < syncs_.size(); i += jobs) syncs->push_back(syncs_[i]);
    auto begun = workers_.run(
        [syncs] {
          for (LogSync& sync : *syncs) sync.outcome = sync.run();
        },
        [this, syncs, job, jobs] {
          for (std::size_t i = 0; i < syncs->size(); ++i) syncs_[job + i * jobs].outcome = (*syncs)[i].outcome;
          if (--syncs_left_ == 0) end_seal();
        });
    XYLEM_ASSERT(begun.has_value());
  }
}

void OriginWriter::end_seal() {
  for (const LogSync& sync : std::exchange(syncs_, {})) {
    if (auto ended = logs_.of(sync.bucket).end_sync(sync.outcome); !ended)
      return events_.on_log_uncertain(ended.error());
  }
  if (auto published = sequencer_.publish(loop_.now()); !published) events_.on_write_failed(published.error());
  events_.on_published();
  schedule();
}

void OriginWriter::sign_beacons() {
  events_.on_beacons(sequencer_.beacons(Loop::now_utc()));
  logs_.collect();
}

}  // namespace xylem
