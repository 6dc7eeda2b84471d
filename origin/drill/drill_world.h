// What all of a drill's nodes share: time, network, the plan, the trace, and who watches.
#pragma once

#include "origin/drill/drill_observer.h"
#include "origin/drill/forest_plan.h"
#include "origin/drill/virtual_network.h"

namespace xylem {

struct DrillWorld {
  DrillWorld(std::uint64_t drill_seed, ForestPlan forest, DrillObserver& watcher,
             std::function<void(std::string_view)> log)
      : seed(drill_seed),
        plan(std::move(forest)),
        trace(std::move(log)),
        network(queue, trace, drill_seed),
        observer(watcher) {}

  const std::uint64_t seed;
  const ForestPlan plan;
  EventQueue queue;
  Trace trace;
  VirtualNetwork network;
  DrillObserver& observer;

  MonoTime now() const { return queue.now(); }
  // The calendar stands still at no time and is never set.
  Timestamp wall() const {
    return from_ms(1'700'000'000'000) + (queue.now().time_since_epoch() - std::chrono::hours(1));
  }
  Moment moment() const { return {now(), wall()}; }
  void tell(std::string_view who, std::string_view what) { trace.tell(now(), who, what); }
};

}  // namespace xylem
