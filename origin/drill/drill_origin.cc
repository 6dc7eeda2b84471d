#include "origin/drill/drill_origin.h"

#include <fmt/format.h>

namespace xylem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDiskMin{1};
constexpr milliseconds kDiskMax{20};
constexpr milliseconds kBeaconInterval{5000};

}  // namespace

DrillOrigin::DrillOrigin(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk, std::uint64_t life)
    : world_(world),
      node_(node),
      disk_(disk),
      random_(world.seed, fmt::format("{} life {}", node.label(), life)),
      sync_timer_(world.queue, [this] { begin_sync(); }),
      journal_synced_(world.queue, [this] { end_sync(); }),
      seal_timer_(world.queue, [this] { begin_seal(); }),
      logs_synced_(world.queue, [this] { end_seal(); }),
      beacon_timer_(world.queue, [this] { sign_beacons(); }),
      trust_(world.plan.zone_id()) {}

DrillOrigin::~DrillOrigin() = default;

Result<std::unique_ptr<DrillOrigin>> DrillOrigin::start(DrillWorld& world, const PlannedNode& node, MemoryStorage& disk,
                                                        std::uint64_t life) {
  std::unique_ptr<DrillOrigin> origin(new DrillOrigin(world, node, disk, life));
  if (auto opened = origin->open(); !opened) return fail(opened.error());
  return origin;
}

Result<void> DrillOrigin::open() {
  if (auto admitted = trust_.admit(world_.plan.manifest_bytes); !admitted) return fail(admitted.error());
  LogSetOptions log_options;
  log_options.log.keep_everything = true;
  log_options.log.segment_bytes = 256 * kKiB;
  log_options.log.hot_bytes = 64 * kKiB;
  log_options.log.chunk_bytes = 16 * kKiB;
  auto logs = LogSet::open(disk_, node_.place.own(), log_options);
  if (!logs) return fail(logs.error());
  logs_ = std::move(*logs);
  shown_.emplace(*logs_);

  SequencerOptions options;
  options.journal.file_bytes = 64 * kKiB;
  options.make_salt = [this] { return random_.bytes<16>(); };
  auto sequencer = Sequencer::open(disk_, *logs_, trust_, SigningKey::from_seed(node_.origin_key), options,
                                   world_.now(), world_.wall());
  if (!sequencer) return fail(sequencer.error());
  sequencer_ = std::move(*sequencer);
  facts_ = drill_facts(node_, trust_);
  server_ = std::make_unique<DrillServer>(world_, node_, *logs_, facts_, random_, nullptr);
  show();
  const BucketRange range = node_.place.own();
  for (std::uint32_t b = range.first.value; b <= range.last.value; ++b) {
    const Bucket bucket(static_cast<std::uint16_t>(b));
    world_.observer.on_origin_started(bucket, LogReader(logs_->of(bucket)).window().head);
  }
  sign_beacons();
  schedule();
  return {};
}

void DrillOrigin::submit(const Append& request, const Done& done) {
  const auto accepted = sequencer_->submit(request, world_.wall());
  if (!accepted || accepted->position <= sequencer_->journal().durable()) return done(accepted);
  waiting_.push_back({*accepted, done});
  if (!sync_timer_.running()) sync_timer_.start_after(milliseconds(0));
}

bool DrillOrigin::idle() const {
  return waiting_.empty() && log_syncs_.empty() && sequencer_->counters().events_waiting == 0;
}

void DrillOrigin::begin_sync() {
  if (!sequencer_->journal().sync_needed()) return;
  sync_ = sequencer_->journal().begin_sync();
  journal_synced_.start_after(random_.duration(kDiskMin, kDiskMax));
}

void DrillOrigin::end_sync() {
  const auto durable = sequencer_->journal().end_sync(sync_, sync_.run());
  must(durable ? Result<void>{} : fail(durable.error()), "syncing the journal");
  sequencer_->on_journal_durable(world_.now());
  answer_durable();
  schedule();
  begin_sync();
}

void DrillOrigin::answer_durable() {
  const JournalPosition durable = sequencer_->journal().durable();
  std::vector<Waiting> now;
  std::erase_if(waiting_, [&](Waiting& waiting) {
    if (waiting.accepted.position > durable) return false;
    now.push_back(std::move(waiting));
    return true;
  });
  for (const Waiting& waiting : now) waiting.done(waiting.accepted);
}

void DrillOrigin::schedule() {
  if (log_syncs_.empty()) seal_timer_.start_at(sequencer_->deadline());
}

void DrillOrigin::begin_seal() {
  if (!log_syncs_.empty() || sequencer_->deadline() > world_.now()) return schedule();
  const auto buckets = sequencer_->seal(world_.now(), world_.wall());
  must(buckets ? Result<void>{} : fail(buckets.error()), "sealing");
  if (!buckets || buckets->empty()) return schedule();
  for (const Bucket bucket : *buckets) log_syncs_.emplace_back(bucket, logs_->of(bucket).begin_sync());
  logs_synced_.start_after(random_.duration(kDiskMin, kDiskMax));
}

void DrillOrigin::end_seal() {
  for (const auto& [bucket, sync] : std::exchange(log_syncs_, {})) {
    must(logs_->of(bucket).end_sync(sync.run()), "syncing a log");
  }
  must(sequencer_->publish(world_.now()), "publishing");
  show();
  schedule();
}

void DrillOrigin::sign_beacons() {
  for (const Bytes& bytes : sequencer_->beacons(world_.wall())) {
    if (const auto beacon = decode_beacon(bytes)) {
      facts_.beacons[beacon->bucket] = std::make_shared<const Bytes>(bytes);
    }
  }
  server_->set_facts(facts_);
  logs_->collect();
  beacon_timer_.start_after(kBeaconInterval);
}

void DrillOrigin::show() {
  shown_->walk(
      [this](Bucket bucket, Seq seq, ByteView frame) { world_.observer.on_origin_record(bucket, seq, frame); });
  server_->published();
}

void DrillOrigin::must(const Result<void>& result, std::string_view what) {
  if (!result) world_.tell(node_.label(), fmt::format("{}: {}", what, result.error().message()));
}

}  // namespace xylem
