// Calls that belong to the loop's turn: Prepare just before it waits for events, Check just after it waited, Idle in
// every turn and the loop does not wait at all meanwhile. A Prepare is the place to send, as one write, what a turn
// collected. Hooks do not keep the loop running, save Idle. The callback may stop or destroy its hook.
#pragma once

#include <functional>

#include "client/uv/handle.h"
#include "client/uv/loop.h"

namespace xylem {

template <typename Uv, int (*kInit)(uv_loop_t*, Uv*), int (*kStart)(Uv*, void (*)(Uv*)), int (*kStop)(Uv*),
          bool kKeepsLoop>
class TurnHook {
 public:
  TurnHook(Loop& loop, std::function<void()> on_turn) {
    auto state = std::make_unique<State>(State{{}, std::move(on_turn)});
    const int status = handle_.open(std::move(state), [&](Uv* uv) { return kInit(loop.raw(), uv); });
    XYLEM_ASSERT(status == 0);
    handle_.keep_loop_alive(kKeepsLoop);
  }

  void start() { kStart(&handle_->uv, &TurnHook::on_uv_turn); }
  void stop() { kStop(&handle_->uv); }
  bool running() const { return handle_.active(); }

 private:
  struct State {
    Uv uv;
    std::function<void()> on_turn;
  };
  static void on_uv_turn(Uv* uv) { Handle<State>::of(uv).on_turn(); }

  Handle<State> handle_;
};

using Prepare = TurnHook<uv_prepare_t, uv_prepare_init, uv_prepare_start, uv_prepare_stop, false>;
using Check = TurnHook<uv_check_t, uv_check_init, uv_check_start, uv_check_stop, false>;
using Idle = TurnHook<uv_idle_t, uv_idle_init, uv_idle_start, uv_idle_stop, true>;

}  // namespace xylem
