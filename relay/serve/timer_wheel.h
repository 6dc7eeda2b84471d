// The timers of all sessions of a loop: setting, moving and dropping one costs a few instructions, whatever their
// number. A wheel of kSlots slots of kTick each; a timer further away than a full turn waits in the last slot and is
// put back from there. Timers fire up to kTick late, never early.
#pragma once

#include <array>
#include <cstdint>

#include "proto/mono_time.h"
#include "relay/serve/intrusive_list.h"

namespace xylem {

struct TimerTag;

class WheelTimer : public ListNode<TimerTag> {
 public:
  virtual ~WheelTimer() = default;
  virtual void on_timer() = 0;  // may set it again, or any other
  MonoTime due() const { return due_; }

 private:
  friend class TimerWheel;
  MonoTime due_ = kNever;
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{16};

  explicit TimerWheel(MonoTime now) : tick_(now.time_since_epoch() / kTick) {}

  // Set again, a timer forgets its time before. kNever stops it.
  void set(WheelTimer& timer, MonoTime due);
  // When advance() should be called next; kNever without timers. May be too early, never too late.
  MonoTime deadline() const;
  // Fires what is due. A time that goes back stands still.
  void advance(MonoTime now);

 private:
  static constexpr std::int64_t kSlots = 1024;
  static constexpr std::size_t kWordBits = 64;

  static std::size_t slot_of(std::int64_t tick) {
    return static_cast<std::size_t>(((tick % kSlots) + kSlots) % kSlots);
  }
  void put(WheelTimer& timer);

  std::int64_t tick_;  // everything up to here has fired
  std::array<IntrusiveList<WheelTimer, TimerTag>, kSlots> slots_;
  // One bit for each slot that has timers; may still be set for one that has run empty.
  mutable std::array<std::uint64_t, kSlots / kWordBits> used_{};
};

}  // namespace xylem
