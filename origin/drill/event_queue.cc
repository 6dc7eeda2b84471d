#include "origin/drill/event_queue.h"

#include <algorithm>

namespace xylem {

EventQueue::Id EventQueue::at(MonoTime when, Action action) {
  const Id id{std::max(when, now_), ++last_number_};
  planned_.emplace(id, std::move(action));
  return id;
}

bool EventQueue::step(MonoTime until) {
  if (planned_.empty() || planned_.begin()->first.when > until) {
    now_ = std::max(now_, until);
    return false;
  }
  const auto next = planned_.extract(planned_.begin());
  now_ = next.key().when;
  ++steps_;
  next.mapped()();
  return true;
}

void VirtualTimer::start_at(MonoTime when) {
  when = std::max(when, queue_.now());
  if (running() && id_.when == when) return;
  stop();
  if (when == kNever) return;
  id_ = queue_.at(when, [this] {
    id_ = {};
    action_();
  });
}

void VirtualTimer::stop() {
  if (running()) queue_.cancel(id_);
  id_ = {};
}

}  // namespace xylem
