#include "client/uv/loop.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "client/uv/timer.h"
#include "tests/unit/uv/run_until.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

// Whether `what` dies of an assertion, in a process of its own.
bool aborts(const std::function<void()>& what) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Catch2 would report the death as a failed test
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    what();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("a loop without anything to do ends at once") {
  Loop loop;
  loop.run();
  CHECK_FALSE(loop.run_once());
  CHECK_FALSE(loop.run_ready());
}

TEST_CASE("a loop that ends before a handle does dies and says so") {
  CHECK(aborts([] {
    auto loop = std::make_unique<Loop>();
    const Timer leaked(*loop, [] {});
    loop.reset();
  }));
  CHECK_FALSE(aborts([] {
    Loop loop;
    const Timer timer(loop, [] {});
  }));
}

TEST_CASE("jobs posted by other threads run on the loop in order") {
  Loop loop;
  std::vector<int> seen;
  const auto loop_thread = std::this_thread::get_id();
  bool elsewhere = false;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      const bool taken = loop.post([&, i] {
        seen.push_back(i);
        elsewhere = elsewhere || std::this_thread::get_id() != loop_thread;
      });
      if (!taken) std::abort();
    }
  });
  run_until(loop, [&] { return seen.size() == 1000; });
  poster.join();
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK_FALSE(elsewhere);
}

TEST_CASE("a job that posts another does not starve the loop") {
  Loop loop;
  int jobs = 0;
  std::function<void()> again = [&] {
    if (++jobs < 1'000'000) REQUIRE(loop.post(again));
  };
  REQUIRE(loop.post(again));
  bool fired = false;
  Timer timer(loop, [&] { fired = true; });
  timer.start(1ms);
  run_until(loop, [&] { return fired; });
  CHECK(jobs < 1'000'000);
}

TEST_CASE("jobs beyond the limit are refused, and the loop goes on") {
  Loop loop;
  std::size_t ran = 0;
  for (std::size_t i = 0; i < Loop::kPostedJobsMax; ++i) REQUIRE(loop.post([&] { ++ran; }));
  CHECK_FALSE(loop.post([] {}));
  run_until(loop, [&] { return ran == Loop::kPostedJobsMax; });
  CHECK(loop.post([] {}));
}

TEST_CASE("another thread stops a loop that has work") {
  Loop loop;
  Timer timer(loop, [] {});
  timer.start_every(1ms);
  std::thread stopper([&] { loop.stop(); });
  loop.run();
  stopper.join();
  CHECK(timer.running());
}

TEST_CASE("a stop before run makes it return at once") {
  Loop loop;
  Timer timer(loop, [] {});
  timer.start(24h);
  loop.stop();
  loop.run();
  CHECK(timer.running());
}

TEST_CASE("the clocks agree with each other and with the calendar") {
  Loop loop;
  const auto before = Loop::precise_now();
  bool fired = false;
  Timer timer(loop, [&] { fired = true; });
  timer.start(3ms);
  const MonoTime started = loop.now();
  run_until(loop, [&] { return fired; });
  CHECK(loop.now() - started >= 3ms);
  // The turn's time is in milliseconds and may come from the kernel's coarse clock.
  CHECK(Loop::precise_now() - before >= 2ms);
  const auto calendar = std::chrono::system_clock::now();
  CHECK(std::chrono::abs(calendar - Loop::now_utc()) < 1min);
}

TEST_CASE("writing to a closed pipe does not kill a process that has a loop") {
  const Loop loop;
  int fds[2];
  REQUIRE(pipe(fds) == 0);
  close(fds[0]);
  CHECK(write(fds[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  close(fds[1]);
}

TEST_CASE("a libuv error names what failed and why") {
  CHECK(uv_error(UV_ECONNREFUSED, "connect 192.0.2.1:80").code == ErrorCode::kIo);
  CHECK(uv_error(UV_ECONNREFUSED, "connect 192.0.2.1:80").detail == "connect 192.0.2.1:80: connection refused");
  CHECK(uv_error(UV_ETIMEDOUT, "read").code == ErrorCode::kTimeout);
}
