#include "client/uv/timer.h"

#include <algorithm>

namespace xylem {
namespace {

std::uint64_t to_uv(std::chrono::milliseconds delay) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
}

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> on_expired) {
  auto state = std::make_unique<State>(State{{}, std::move(on_expired)});
  const int status = handle_.open(std::move(state), [&](uv_timer_t* uv) { return uv_timer_init(loop.raw(), uv); });
  XYLEM_ASSERT(status == 0);
}

void Timer::start(std::chrono::milliseconds delay) { uv_timer_start(&handle_->uv, &Timer::on_timer, to_uv(delay), 0); }

void Timer::start_at(MonoTime deadline) {
  if (deadline == kNever) return stop();
  start(deadline - Loop::of(handle_->uv.loop).now());
}

void Timer::start_every(std::chrono::milliseconds interval) {
  const std::uint64_t ms = std::max<std::uint64_t>(to_uv(interval), 1);  // libuv: a repeat of 0 means once
  uv_timer_start(&handle_->uv, &Timer::on_timer, ms, ms);
}

void Timer::stop() { uv_timer_stop(&handle_->uv); }

void Timer::on_timer(uv_timer_t* uv) { Handle<State>::of(uv).on_expired(); }

}  // namespace xylem
