#include "relay/serve/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace xylem {

void TimerWheel::set(WheelTimer& timer, MonoTime due) {
  timer.unlink();
  timer.due_ = due;
  if (due != kNever) put(timer);
}

void TimerWheel::put(WheelTimer& timer) {
  const std::int64_t due = (timer.due_.time_since_epoch() + kTick - std::chrono::milliseconds(1)) / kTick;
  const std::size_t slot = slot_of(std::clamp(due, tick_ + 1, tick_ + kSlots - 1));
  slots_[slot].push_back(timer);
  used_[slot / kWordBits] |= std::uint64_t{1} << (slot % kWordBits);
}

MonoTime TimerWheel::deadline() const {
  for (std::int64_t tick = tick_ + 1; tick <= tick_ + kSlots;) {
    const std::size_t slot = slot_of(tick);
    std::uint64_t& word = used_[slot / kWordBits];
    const std::uint64_t rest = word >> (slot % kWordBits);
    if (rest == 0) {
      tick += static_cast<std::int64_t>(kWordBits - slot % kWordBits);
      continue;
    }
    tick += std::countr_zero(rest);
    const std::size_t used = slot_of(tick);
    if (!slots_[used].empty()) return MonoTime(tick * kTick);
    word &= ~(std::uint64_t{1} << (used % kWordBits));
  }
  return kNever;
}

void TimerWheel::advance(MonoTime now) {
  const std::int64_t until = now.time_since_epoch() / kTick;
  if (until <= tick_) return;
  IntrusiveList<WheelTimer, TimerTag> due;
  // After a long pause one turn of the wheel reaches every slot.
  for (std::int64_t tick = std::max(tick_ + 1, until - kSlots + 1); tick <= until; ++tick) {
    due.take_all(slots_[slot_of(tick)]);
  }
  tick_ = until;
  while (WheelTimer* timer = due.pop_front()) {
    if (timer->due_ > now) {
      put(*timer);
    } else {
      timer->due_ = kNever;
      timer->on_timer();
    }
  }
}

}  // namespace xylem
