// A timer, one shot or repeating; it never fires early by the loop's clock.
// Starting a running timer sets it anew. The callback may start, stop or destroy the timer.
#pragma once

#include <chrono>
#include <functional>

#include "client/uv/handle.h"
#include "client/uv/loop.h"

namespace xylem {

class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_expired);

  // In the next turn when ≤ 0; in the same one when its own callback says so (use Idle for "go on in the next turn").
  void start(std::chrono::milliseconds delay);
  void start_at(MonoTime deadline);  // kNever stops it: a core's next deadline can be passed as it is
  void start_every(std::chrono::milliseconds interval);
  void stop();
  bool running() const { return handle_.active(); }
  void keep_loop_alive(bool on) { handle_.keep_loop_alive(on); }

 private:
  struct State {
    uv_timer_t uv;
    std::function<void()> on_expired;
  };
  static void on_timer(uv_timer_t* uv);

  Handle<State> handle_;
};

}  // namespace xylem
