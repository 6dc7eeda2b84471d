// What interrupts a loop from outside: another thread (Async), a signal (SignalWatcher), a file descriptor (Poll), and
// the loop's own turn (Prepare, Check, Idle).
#pragma once

#include <functional>

#include "client/uv/handle.h"
#include "client/uv/loop.h"

namespace xylem {

// wake() may be called from any thread while the object lives; several wakes before the callback runs are one.
class Async {
 public:
  Async(Loop& loop, std::function<void()> on_wake);
  void wake();
  void keep_loop_alive(bool on) { handle_.keep_loop_alive(on); }

 private:
  struct State {
    uv_async_t uv;
    std::function<void()> on_wake;
  };
  static void on_async(uv_async_t* uv);

  Handle<State> handle_;
};

// Does not keep the loop running.
class SignalWatcher {
 public:
  SignalWatcher(Loop& loop, int signal, std::function<void()> on_signal);

 private:
  struct State {
    uv_signal_t uv;
    std::function<void()> on_signal;
  };
  static void on_uv_signal(uv_signal_t* uv, int signal);

  Handle<State> handle_;
};

// Watches a descriptor that no other handle of this loop holds (dup it otherwise). The descriptor stays its owner's,
// and must stay open until the Poll is destroyed or stopped.
class Poll {
 public:
  // `status` is 0 or a negative libuv error; `events` are UV_READABLE, UV_WRITABLE, UV_DISCONNECT.
  using OnEvents = std::function<void(int status, int events)>;

  static Result<Poll> open(Loop& loop, int fd, OnEvents on_events);  // kIo
  void start(int events);
  void stop();

 private:
  struct State {
    uv_poll_t uv;
    OnEvents on_events;
  };
  static void on_poll(uv_poll_t* uv, int status, int events);
  Poll() = default;

  Handle<State> handle_;
};

}  // namespace xylem
