#include "client/uv/wake.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <thread>

#include "client/uv/turn_hook.h"
#include "tests/unit/uv/run_until.h"

using namespace xylem;
using namespace std::chrono_literals;

TEST_CASE("a wake from another thread arrives, many at once may be one") {
  Loop loop;
  int woken = 0;
  Async async(loop, [&] { ++woken; });
  std::thread waker([&] {
    for (int i = 0; i < 100; ++i) async.wake();
  });
  waker.join();
  run_until(loop, [&] { return woken > 0; });
  CHECK(woken <= 100);
}

TEST_CASE("an Async may destroy itself when it is woken") {
  Loop loop;
  std::optional<Async> async;
  async.emplace(loop, [&] { async.reset(); });
  async->wake();
  loop.run();
  CHECK_FALSE(async.has_value());
}

TEST_CASE("a signal reaches its watcher, which does not keep the loop alive") {
  Loop loop;
  int seen = 0;
  const SignalWatcher watcher(loop, SIGUSR1, [&] { ++seen; });
  loop.run();
  CHECK(seen == 0);
  REQUIRE(raise(SIGUSR1) == 0);
  run_until(loop, [&] { return seen == 1; });
}

TEST_CASE("a poll tells when a descriptor can be read and written") {
  Loop loop;
  int fds[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  {
    int seen = 0;
    Result<Poll> poll = Poll::open(loop, fds[0], [&](int status, int events) {
      CHECK(status == 0);
      seen |= events;
    });
    REQUIRE(poll);
    poll->start(UV_READABLE | UV_WRITABLE);
    run_until(loop, [&] { return seen != 0; });
    CHECK(seen == UV_WRITABLE);
    REQUIRE(write(fds[1], "x", 1) == 1);
    run_until(loop, [&] { return (seen & UV_READABLE) != 0; });
    poll->stop();
    loop.run();
  }
  close(fds[0]);
  close(fds[1]);
}

TEST_CASE("a poll of something that cannot be polled is an error") {
  Loop loop;
  const Result<Poll> poll = Poll::open(loop, 987'654, [](int, int) {});
  REQUIRE_FALSE(poll);
  CHECK(poll.error().code == ErrorCode::kIo);
}

TEST_CASE("prepare runs before the loop waits, check after, idle keeps it from waiting") {
  Loop loop;
  std::string order;
  Prepare prepare(loop, [&] { order += 'p'; });
  Check check(loop, [&] { order += 'c'; });
  prepare.start();
  check.start();
  loop.run();
  CHECK(order.empty());  // neither keeps the loop going

  std::optional<Idle> idle;
  idle.emplace(loop, [&] {
    order += 'i';
    idle.reset();
  });
  idle->start();
  CHECK(idle->running());
  loop.run();
  CHECK(order == "ipc");
}
