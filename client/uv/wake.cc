#include "client/uv/wake.h"

#include <fmt/core.h>

namespace xylem {

Async::Async(Loop& loop, std::function<void()> on_wake) {
  auto state = std::make_unique<State>(State{{}, std::move(on_wake)});
  const int status =
      handle_.open(std::move(state), [&](uv_async_t* uv) { return uv_async_init(loop.raw(), uv, &Async::on_async); });
  XYLEM_ASSERT(status == 0);
}

void Async::wake() { uv_async_send(&handle_->uv); }

void Async::on_async(uv_async_t* uv) { Handle<State>::of(uv).on_wake(); }

SignalWatcher::SignalWatcher(Loop& loop, int signal, std::function<void()> on_signal) {
  auto state = std::make_unique<State>(State{{}, std::move(on_signal)});
  int status = handle_.open(std::move(state), [&](uv_signal_t* uv) { return uv_signal_init(loop.raw(), uv); });
  XYLEM_ASSERT(status == 0);
  status = uv_signal_start(&handle_->uv, &SignalWatcher::on_uv_signal, signal);
  XYLEM_ASSERT(status == 0);
  handle_.keep_loop_alive(false);
}

void SignalWatcher::on_uv_signal(uv_signal_t* uv, int /*signal*/) { Handle<State>::of(uv).on_signal(); }

Result<Poll> Poll::open(Loop& loop, int fd, OnEvents on_events) {
  Poll poll;
  auto state = std::make_unique<State>(State{{}, std::move(on_events)});
  const int status =
      poll.handle_.open(std::move(state), [&](uv_poll_t* uv) { return uv_poll_init(loop.raw(), uv, fd); });
  if (status != 0) return fail(uv_error(status, fmt::format("poll of descriptor {}", fd)));
  return poll;
}

void Poll::start(int events) { uv_poll_start(&handle_->uv, events, &Poll::on_poll); }

void Poll::stop() { uv_poll_stop(&handle_->uv); }

void Poll::on_poll(uv_poll_t* uv, int status, int events) { Handle<State>::of(uv).on_events(status, events); }

}  // namespace xylem
