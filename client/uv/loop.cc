#include "client/uv/loop.h"

#include <fmt/core.h>

#include <csignal>
#include <utility>

namespace xylem {
namespace {

void ignore_sigpipe() {
  static const bool done = (std::signal(SIGPIPE, SIG_IGN), true);
  (void)done;
}

// A leaked handle is named before the assertion, or nobody could find it.
void report_open_handle(uv_handle_t* handle, void* count) {
  if (uv_is_closing(handle) != 0) return;
  fmt::print(stderr, "a loop ends with an open {} handle\n", uv_handle_type_name(uv_handle_get_type(handle)));
  ++*static_cast<int*>(count);
}

}  // namespace

Loop::Loop() : wake_(std::make_unique<uv_async_t>()), read_buffer_(new char[kReadBufferBytes]) {
  ignore_sigpipe();
  int status = uv_loop_init(&loop_);
  XYLEM_ASSERT(status == 0);
  loop_.data = this;
  status = uv_async_init(&loop_, wake_.get(), [](uv_async_t* uv) { of(uv->loop).on_wake(); });
  XYLEM_ASSERT(status == 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(wake_.get()));
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(wake_.get()), nullptr);
  int open_handles = 0;
  uv_walk(&loop_, report_open_handle, &open_handles);
  XYLEM_ASSERT(open_handles == 0);
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) {
  }
  const int status = uv_loop_close(&loop_);
  XYLEM_ASSERT(status == 0);
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }

bool Loop::run_once() { return uv_run(&loop_, UV_RUN_ONCE) != 0; }

bool Loop::run_ready() { return uv_run(&loop_, UV_RUN_NOWAIT) != 0; }

void Loop::stop() {
  stopping_ = true;
  uv_async_send(wake_.get());
}

bool Loop::post(std::function<void()> job) {
  {
    const std::scoped_lock lock(mutex_);
    if (posted_.size() >= kPostedJobsMax) return false;
    posted_.push_back(std::move(job));
  }
  uv_async_send(wake_.get());
  return true;
}

void Loop::on_wake() {
  std::vector<std::function<void()>> jobs;
  {
    const std::scoped_lock lock(mutex_);
    jobs.swap(posted_);
  }
  for (auto& job : jobs) job();
  if (stopping_.exchange(false)) uv_stop(&loop_);
}

MonoTime Loop::now() const { return MonoTime(std::chrono::milliseconds(static_cast<std::int64_t>(uv_now(&loop_)))); }

std::chrono::microseconds Loop::precise_now() {
  return std::chrono::microseconds(static_cast<std::int64_t>(uv_hrtime() / 1000));
}

Timestamp Loop::now_utc() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Error uv_error(int status, std::string_view what) {
  const ErrorCode code = status == UV_ETIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kIo;
  return {code, fmt::format("{}: {}", what, uv_strerror(status))};
}

}  // namespace xylem
