// One event loop and the clocks. Everything made on a loop is used on that loop's thread only, save what says
// otherwise.
//
//   Loop loop;
//   Timer timer(loop, [&] { loop.stop(); });
//   timer.start(1s);
//   loop.run();
//
// The loop runs dry at its end: the destructor closes its own handle, lets closed handles and jobs under way finish,
// and asserts that no other handle is open. So whatever owns handles must be destroyed before the loop, and a leak is
// found. The first loop makes the process ignore SIGPIPE: a write to a closed socket is an error, not a death.
#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "proto/ids.h"
#include "proto/mono_time.h"
#include "proto/result.h"

namespace xylem {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop(), or until nothing is left that could happen.
  void run();
  // One round: timers that are due, then waits for an event, also when a timer has just fired (as libuv does). False
  // when nothing is left that could happen.
  bool run_once();
  // One round without waiting; false as above.
  bool run_ready();
  // From any thread: run() returns at the end of the current turn. A stop before run() makes it return at once.
  void stop();

  // From any thread: calls `job` on the loop, in order of posting. Waiting jobs do not keep run() going. False when
  // kPostedJobsMax jobs wait already: the loop is stuck, and the job was not taken.
  [[nodiscard]] bool post(std::function<void()> job);
  static constexpr std::size_t kPostedJobsMax = 65'536;

  // The time of this turn: cheap, stands still within a turn.
  MonoTime now() const;
  // The same clock read anew and finer, for measuring how long something takes. Any thread.
  static std::chrono::microseconds precise_now();
  // Wall clock. Any thread.
  static Timestamp now_utc();

  // One buffer for all reads of this loop: what arrives is handed on before the next read.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }
  static constexpr std::size_t kReadBufferBytes = 64 * 1024;

  uv_loop_t* raw() { return &loop_; }
  static Loop& of(const uv_loop_t* loop) { return *static_cast<Loop*>(loop->data); }

 private:
  void on_wake();

  uv_loop_t loop_{};
  std::unique_ptr<uv_async_t> wake_;
  std::unique_ptr<char[]> read_buffer_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // under mutex_
};

// A libuv status (negative) as an Error: kTimeout for ETIMEDOUT, else kIo; "connect 192.0.2.1:80: connection refused".
Error uv_error(int status, std::string_view what);

}  // namespace xylem
