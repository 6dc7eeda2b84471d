// The one way a libuv handle is owned: together with what its callbacks need, in one allocation that never moves.
// State is a struct whose member `uv` is the libuv handle. Destroying the Handle closes it: State::on_close() is called
// at once, where there is one, and the State is freed in libuv's close callback, so a callback may destroy its own
// owner. Move only.
#pragma once

#include <uv.h>

#include <memory>
#include <utility>

#include "proto/result.h"

namespace xylem {

template <typename State>
class Handle {
 public:
  Handle() = default;
  ~Handle() { close(); }
  Handle(Handle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this == &other) return *this;
    close();
    state_ = std::exchange(other.state_, nullptr);
    return *this;
  }

  // `init(&state->uv)` is uv_timer_init or the like, and gives its status; on failure nothing is owned. Closes what
  // was owned before.
  template <typename Init>
  [[nodiscard]] int open(std::unique_ptr<State> state, Init init) {
    close();
    state->uv.data = state.get();
    const int status = init(&state->uv);
    if (status == 0) state_ = state.release();
    return status;
  }

  void close() {
    if (state_ == nullptr) return;
    State& state = *std::exchange(state_, nullptr);
    if constexpr (requires { state.on_close(); }) state.on_close();
    uv_close(handle_of(state), &Handle::on_closed);
  }

  explicit operator bool() const { return state_ != nullptr; }
  State* operator->() const { return state_; }
  State& operator*() const { return *state_; }

  // Whether the loop keeps running for this handle's sake (the default).
  void keep_loop_alive(bool on) { on ? uv_ref(handle_of(*state_)) : uv_unref(handle_of(*state_)); }
  bool active() const { return state_ != nullptr && uv_is_active(handle_of(*state_)) != 0; }

  // In a libuv callback: from the handle back to the State.
  template <typename UvHandle>
  static State& of(const UvHandle* handle) {
    return *static_cast<State*>(handle->data);
  }

 private:
  static uv_handle_t* handle_of(State& state) { return reinterpret_cast<uv_handle_t*>(&state.uv); }
  static void on_closed(uv_handle_t* handle) { delete static_cast<State*>(handle->data); }

  State* state_ = nullptr;
};

}  // namespace xylem
