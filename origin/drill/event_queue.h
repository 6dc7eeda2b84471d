// Virtual time: what shall happen, in order. Things of one moment happen in the order in which they were planned, so a
// run is the same each time, whatever addresses and hash tables do.
#pragma once

#include <functional>
#include <map>

#include "proto/mono_time.h"

namespace xylem {

class EventQueue {
 public:
  using Action = std::function<void()>;
  struct Id {
    MonoTime when = kNever;
    std::uint64_t number = 0;  // 0: none
    friend auto operator<=>(const Id&, const Id&) = default;
  };

  // Begins an hour after the epoch: nothing may take 0 for "never".
  MonoTime now() const { return now_; }
  // Not before now.
  Id at(MonoTime when, Action action);
  Id after(std::chrono::milliseconds delay, Action action) { return at(now_ + delay, std::move(action)); }
  void cancel(Id id) { planned_.erase(id); }

  // The next thing, when it is due by `until`: it happens, and time stands there. Else false, and time stands at
  // `until`.
  bool step(MonoTime until);
  std::uint64_t steps() const { return steps_; }

 private:
  MonoTime now_{std::chrono::hours(1)};
  std::uint64_t last_number_ = 0;
  std::uint64_t steps_ = 0;
  std::map<Id, Action> planned_;
};

// The one timer of a core: its deadline. Stops when it is destroyed.
class VirtualTimer {
 public:
  VirtualTimer(EventQueue& queue, EventQueue::Action action) : queue_(queue), action_(std::move(action)) {}
  ~VirtualTimer() { stop(); }
  VirtualTimer(const VirtualTimer&) = delete;
  VirtualTimer& operator=(const VirtualTimer&) = delete;

  // kNever stops it. Set again to the same time it keeps its place.
  void start_at(MonoTime when);
  void start_after(std::chrono::milliseconds delay) { start_at(queue_.now() + delay); }
  void stop();
  bool running() const { return id_.number != 0; }

 private:
  EventQueue& queue_;
  EventQueue::Action action_;
  EventQueue::Id id_;
};

}  // namespace xylem
