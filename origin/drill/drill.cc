#include "origin/drill/drill.h"

#include <fmt/format.h>

#include "origin/drill/drill_origin.h"
#include "origin/drill/drill_reader.h"
#include "origin/drill/drill_relay.h"
#include "origin/drill/drill_site.h"

namespace xylem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDownMin{100};
constexpr milliseconds kDownMax{5000};
constexpr milliseconds kLearnMax{4000};
constexpr milliseconds kLieMin{1000};
constexpr milliseconds kLieMax{15000};
constexpr milliseconds kLook{500};

// What a place in the forest keeps while processes come and go.
struct Machine {
  Machine(const PlannedNode& planned, std::uint64_t seed)
      : node(planned),
        disk(std::make_unique<MemoryStorage>()),
        lies(RandomStream(seed, "lies of " + planned.label())) {}

  const PlannedNode& node;
  std::unique_ptr<MemoryStorage> disk;
  Lies lies;
  std::uint64_t life = 0;
  std::unique_ptr<DrillOrigin> origin;
  std::unique_ptr<DrillRelay> relay;

  bool running() const { return origin || relay; }
  LogSet& logs() const { return origin ? origin->logs() : relay->logs(); }
};

struct Seat {
  explicit Seat(const PlannedReader& planned) : plan(planned) {}

  const PlannedReader& plan;
  ReaderMemory memory;
  std::uint64_t life = 0;
  std::unique_ptr<DrillReader> reader;
};

class Drill {
 public:
  Drill(const DrillOptions& options, ForestPlan plan, Witness& witness, DrillObserver& observer)
      : options_(options), witness_(witness), world_(options.seed, std::move(plan), observer, options.log) {
    for (const PlannedNode& node : world_.plan.nodes) {
      machines_.push_back(std::make_unique<Machine>(node, options.seed));
    }
    world_.network.set_slow(options.slow_one_in);
    for (const PlannedReader& reader : world_.plan.readers) seats_.push_back(std::make_unique<Seat>(reader));
  }

  DrillResult run() {
    for (const auto& machine : machines_) start(*machine);
    for (const auto& seat : seats_) start(*seat);
    DrillSite site(world_, [this](Bucket bucket) { return origin_of(bucket); });
    trouble();
    site.stop();
    world_.tell("drill", "quiet now");
    const MonoTime calm = world_.now();
    const MonoTime end = calm + options_.quiet_max;
    wait_until(end, [&] { return site.idle() && relays_are_whole(); });
    // What a relay withheld from a reader who knows no other server shows when something follows it (spec §3.7).
    if (!failed() && world_.now() < end) site.post_last();
    wait_until(end, [&] { return site.idle() && relays_are_whole() && readers_have_all(); });
    result_.converged_after = world_.now() - calm;
    if (!failed()) compare_all(site);
    finish();
    return std::move(result_);
  }

 private:
  bool failed() const { return witness_.violation() || result_.violation; }
  void violate(std::string text) {
    if (!result_.violation) result_.violation = std::move(text);
  }

  void run_until(MonoTime until) {
    while (!failed() && world_.queue.step(until)) {
    }
  }

  template <typename Condition>
  void wait_until(MonoTime end, Condition condition) {
    while (!failed() && world_.now() < end && !condition()) run_until(world_.now() + kLook);
  }

  // --- processes ---

  void start(Machine& machine) {
    if (machine.running()) return;
    ++machine.life;
    if (machine.node.kind == PlannedNode::Kind::origin) {
      take(machine, DrillOrigin::start(world_, machine.node, *machine.disk, machine.life), machine.origin);
    } else {
      take(machine, DrillRelay::start(world_, machine.node, *machine.disk, machine.life, machine.lies), machine.relay);
    }
  }

  template <typename Process>
  void take(const Machine& machine, Result<std::unique_ptr<Process>> started, std::unique_ptr<Process>& place) {
    if (!started) return violate(fmt::format("{} cannot start: {}", machine.node.label(), started.error().message()));
    place = std::move(*started);
    world_.tell(machine.node.label(), fmt::format("starts, life {}", machine.life));
  }

  void start(Seat& seat) {
    if (seat.reader) return;
    seat.reader = std::make_unique<DrillReader>(world_, seat.plan, seat.memory, ++seat.life);
  }

  void kill(Machine& machine, RandomStream& random) {
    machine.origin.reset();
    machine.relay.reset();
    world_.queue.after(random.duration(kDownMin, kDownMax), [this, &machine] { start(machine); });
  }

  void kill(Seat& seat, RandomStream& random) {
    seat.reader.reset();
    world_.queue.after(random.duration(kDownMin, kDownMax), [this, &seat] { start(seat); });
  }

  DrillOrigin* origin_of(Bucket bucket) const {
    for (const auto& machine : machines_) {
      if (machine->origin && machine->node.place.own().contains(bucket)) return machine->origin.get();
    }
    return nullptr;
  }

  // --- faults ---

  void trouble() {
    const FaultDriver faults(world_.queue, options_.seed, options_.faults,
                             [this](FaultKind kind, RandomStream& random) {
                               ++result_.faults[kind];
                               strike(kind, random);
                             });
    run_until(world_.now() + options_.trouble);
    for (const auto& machine : machines_) machine->lies.on = false;
  }

  void strike(FaultKind kind, RandomStream& random) {
    switch (kind) {
      case FaultKind::reset:
        return reset_line(random);
      case FaultKind::corrupt:
        return corrupt_line(random);
      case FaultKind::restart:
        return restart(random);
      case FaultKind::wipe:
        return wipe(random);
      case FaultKind::power_cut:
        return cut_power(random);
      case FaultKind::lie:
        return lie(random);
    }
  }

  void reset_line(RandomStream& random) {
    const auto lines = world_.network.lines();
    if (lines.empty()) return;
    const auto& line = lines[random.below(lines.size())];
    world_.tell("fault", fmt::format("line {} between {} and {} breaks", line.number, line.dialler, line.listener));
    const auto soon = random.duration(milliseconds(0), kLearnMax), late = random.duration(milliseconds(0), kLearnMax);
    world_.network.reset(line.number, soon, late);
  }

  void corrupt_line(RandomStream& random) {
    const auto lines = world_.network.lines();
    if (lines.empty()) return;
    const auto& line = lines[random.below(lines.size())];
    world_.network.flip_bit(line.number, !random.chance(4), random.bits());
  }

  void restart(RandomStream& random) {
    const std::uint64_t which = random.below(machines_.size() + seats_.size());
    if (which >= machines_.size()) {
      Seat& seat = *seats_[which - machines_.size()];
      world_.tell("fault", seat.plan.label + " is killed");
      return kill(seat, random);
    }
    world_.tell("fault", machines_[which]->node.label() + " is killed");
    kill(*machines_[which], random);
  }

  void wipe(RandomStream& random) {
    const std::uint64_t which = random.below(machines_.size() + seats_.size());
    if (which >= machines_.size()) {
      Seat& seat = *seats_[which - machines_.size()];
      world_.tell("fault", seat.plan.label + " loses its memory");
      kill(seat, random);
      seat.memory = {};
      return;
    }
    Machine& machine = *machines_[which];
    if (machine.node.kind == PlannedNode::Kind::origin) return;  // what an origin loses is lost
    world_.tell("fault", machine.node.label() + " loses its disk");
    kill(machine, random);
    machine.disk = std::make_unique<MemoryStorage>();
  }

  void cut_power(RandomStream& random) {
    Machine& machine = *machines_[random.below(machines_.size())];
    world_.tell("fault", machine.node.label() + " loses power");
    kill(machine, random);
    machine.disk->cut_power(random.bits());
  }

  void lie(RandomStream& random) {
    Machine& machine = *machines_[random.below(machines_.size())];
    if (machine.node.kind == PlannedNode::Kind::origin) return;
    world_.tell("fault", machine.node.label() + " lies from now on");
    machine.lies.on = true;
    world_.queue.after(random.duration(kLieMin, kLieMax), [this, &machine] {
      world_.tell("fault", machine.node.label() + " lies no more");
      machine.lies.on = false;
    });
  }

  // --- the end ---

  // Cheap: by heads. compare_all() looks at every byte.
  bool relays_are_whole() const {
    return std::ranges::all_of(machines_, [this](const auto& machine) {
      if (!machine->running()) return false;
      return machine->origin ? machine->origin->idle() : is_whole(*machine);
    });
  }

  bool readers_have_all() const {
    return std::ranges::all_of(seats_, [this](const auto& seat) {
      return seat->reader && witness_.read(seat->plan.label) == witness_.posted(seat->plan.feed);
    });
  }

  bool is_whole(const Machine& machine) const {
    const BucketRange range = machine.node.place.own();
    for (std::uint32_t b = range.first.value; b <= range.last.value; ++b) {
      const Bucket bucket(static_cast<std::uint16_t>(b));
      DrillOrigin* origin = origin_of(bucket);
      if (origin == nullptr || head_of(machine.logs(), bucket) != head_of(origin->logs(), bucket)) return false;
    }
    return true;
  }

  static Seq head_of(LogSet& logs, Bucket bucket) { return LogReader(logs.of(bucket)).window().head; }

  void compare_all(const DrillSite& site) {
    if (!site.idle()) return violate("an origin does not take what the site posts");
    for (const auto& machine : machines_) {
      if (!machine->running()) return violate(machine->node.label() + " does not run");
      const BucketRange range = machine->node.place.own();
      for (std::uint32_t b = range.first.value; b <= range.last.value; ++b) {
        compare_log(*machine, Bucket(static_cast<std::uint16_t>(b)));
      }
    }
    for (const auto& seat : seats_) {
      const Version read = witness_.read(seat->plan.label), posted = witness_.posted(seat->plan.feed);
      if (read == posted) continue;
      const FeedStatus status = seat->reader->status();
      violate(fmt::format("{} ends at version {} of {} of feed {} ({}: {})", seat->plan.label, read.value, posted.value,
                          seat->plan.feed.value, to_string(status.state),
                          status.error ? status.error->message() : "no error"));
    }
  }

  void compare_log(const Machine& machine, Bucket bucket) {
    BucketLog& log = machine.logs().of(bucket);
    const auto stored = stored_records(log);
    if (!stored) return violate(fmt::format("{}: {}", machine.node.label(), stored.error().message()));
    if (*stored == witness_.records_from(bucket, LogReader(log).window().floor)) return;
    violate(fmt::format("{}: its log of bucket {} (up to seq {}) is not the origin's", machine.node.label(),
                        bucket.value, LogReader(log).window().head.value));
  }

  void finish() {
    if (witness_.violation()) result_.violation = witness_.violation();
    if (result_.violation) world_.tell("drill", "VIOLATION: " + *result_.violation);
    result_.trace = world_.trace.hash();
    result_.steps = world_.queue.steps();
    for (const auto& machine : machines_) result_.lies_told += machine->lies.told;
    result_.counts = witness_.counts();
    result_.newest_lines = {world_.trace.newest_lines().begin(), world_.trace.newest_lines().end()};
  }

  const DrillOptions& options_;
  Witness& witness_;
  DrillWorld world_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Seat>> seats_;
  DrillResult result_;
};

}  // namespace

DrillResult run_drill(const DrillOptions& options, ForestPlan plan, Witness& witness, DrillObserver& observer) {
  return Drill(options, std::move(plan), witness, observer).run();
}

}  // namespace xylem
