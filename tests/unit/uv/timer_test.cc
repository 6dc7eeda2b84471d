#include "client/uv/timer.h"

#include <optional>

#include "tests/unit/uv/run_until.h"

using namespace xylem;
using namespace std::chrono_literals;

TEST_CASE("timers fire in the order of their deadlines, each once") {
  Loop loop;
  std::string fired;
  Timer late(loop, [&] { fired += 'c'; });
  Timer early(loop, [&] { fired += 'a'; });
  Timer middle(loop, [&] { fired += 'b'; });
  late.start(9ms);
  early.start(1ms);
  middle.start(4ms);
  loop.run();
  CHECK(fired == "abc");
  CHECK_FALSE(late.running());
}

TEST_CASE("a deadline in the past fires in the next turn, not inside start") {
  Loop loop;
  bool fired = false;
  Timer timer(loop, [&] { fired = true; });
  timer.start_at(loop.now() - 5s);
  CHECK_FALSE(fired);
  loop.run_once();
  CHECK(fired);
}

TEST_CASE("the deadline 'never' stops a timer") {
  Loop loop;
  Timer timer(loop, [] { FAIL("never came"); });
  timer.start(1ms);
  timer.start_at(kNever);
  CHECK_FALSE(timer.running());
  loop.run();
}

TEST_CASE("starting again replaces the deadline") {
  Loop loop;
  int fired = 0;
  Timer timer(loop, [&] { ++fired; });
  timer.start(24h);
  timer.start(1ms);
  loop.run();
  CHECK(fired == 1);
}

TEST_CASE("a repeating timer goes on until it is stopped, an interval of zero too") {
  Loop loop;
  int fired = 0;
  std::optional<Timer> timer;
  timer.emplace(loop, [&] {
    if (++fired == 3) timer->stop();
  });
  timer->start_every(0ms);
  loop.run();
  CHECK(fired == 3);
}

TEST_CASE("a timer may destroy itself in its callback") {
  Loop loop;
  std::optional<Timer> timer;
  std::string still_there(1000, 'x');
  timer.emplace(loop, [&timer, still_there] {
    timer.reset();
    CHECK(still_there.size() == 1000);
  });
  timer->start(0ms);
  loop.run();
  CHECK_FALSE(timer.has_value());
}

TEST_CASE("a timer that was moved keeps running") {
  Loop loop;
  int fired = 0;
  std::vector<Timer> timers;
  for (int i = 0; i < 20; ++i) {
    timers.emplace_back(loop, [&] { ++fired; });
    timers.back().start(1ms);
  }
  timers.front() = std::move(timers.back());
  timers.pop_back();
  loop.run();
  CHECK(fired == 19);
}

TEST_CASE("a timer that does not keep the loop alive lets it end") {
  Loop loop;
  Timer timer(loop, [] { FAIL("the loop had nothing to wait for"); });
  timer.start(24h);
  timer.keep_loop_alive(false);
  loop.run();
}
