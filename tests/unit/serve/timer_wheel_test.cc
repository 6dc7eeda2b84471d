// Timers fire at their time or a tick later, never before, however far away and however many.
#include "relay/serve/timer_wheel.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace xylem {

namespace {

using namespace std::chrono_literals;
constexpr MonoTime kBegin{std::chrono::hours(1000) + 7ms};

struct TestTimer final : WheelTimer {
  void on_timer() override { ++fired; }
  int fired = 0;
};

}  // namespace

TEST_CASE("A timer fires once, at its time", "[serve]") {
  TimerWheel wheel(kBegin);
  TestTimer timer;
  CHECK(wheel.deadline() == kNever);
  wheel.set(timer, kBegin + 100ms);
  CHECK(wheel.deadline() >= kBegin + 100ms);
  CHECK(wheel.deadline() < kBegin + 100ms + TimerWheel::kTick);
  wheel.advance(kBegin + 99ms);
  CHECK(timer.fired == 0);
  wheel.advance(kBegin + 100ms + TimerWheel::kTick);
  CHECK(timer.fired == 1);
  CHECK(wheel.deadline() == kNever);
  wheel.advance(kBegin + 10s);
  CHECK(timer.fired == 1);
}

TEST_CASE("A timer that is set again forgets its time before", "[serve]") {
  TimerWheel wheel(kBegin);
  TestTimer timer;
  wheel.set(timer, kBegin + 100ms);
  wheel.set(timer, kBegin + 1s);
  wheel.advance(kBegin + 900ms);
  CHECK(timer.fired == 0);
  wheel.set(timer, kNever);
  wheel.advance(kBegin + 2s);
  CHECK(timer.fired == 0);
}

TEST_CASE("A timer far away fires at its time too", "[serve]") {
  TimerWheel wheel(kBegin);
  TestTimer timer;
  wheel.set(timer, kBegin + 10min);
  int turns = 0;
  while (timer.fired == 0) {
    REQUIRE(++turns < 1000);
    const MonoTime due = wheel.deadline();
    wheel.advance(due);
    CHECK((timer.fired == 1) == (due >= kBegin + 10min));
  }
  CHECK(turns < 50);
}

TEST_CASE("After a long pause everything that is due fires at once", "[serve]") {
  TimerWheel wheel(kBegin);
  std::vector<TestTimer> timers(100);
  for (std::size_t i = 0; i < timers.size(); ++i) wheel.set(timers[i], kBegin + std::chrono::milliseconds(i * 300));
  wheel.advance(kBegin + 24h);
  for (const TestTimer& timer : timers) CHECK(timer.fired == 1);
  TestTimer late;
  wheel.set(late, kBegin);  // already over
  CHECK(wheel.deadline() <= kBegin + 24h + TimerWheel::kTick);
}

TEST_CASE("A timer that dies is forgotten", "[serve]") {
  TimerWheel wheel(kBegin);
  {
    TestTimer timer;
    wheel.set(timer, kBegin + 50ms);
  }
  CHECK(wheel.deadline() == kNever);
  wheel.advance(kBegin + 1s);
}

TEST_CASE("Deadlines are never too late, timers never early", "[serve]") {
  std::mt19937 random(7);
  TimerWheel wheel(kBegin);
  std::vector<TestTimer> timers(200);
  MonoTime now = kBegin;
  for (int step = 0; step < 5000; ++step) {
    TestTimer& timer = timers[random() % timers.size()];
    wheel.set(timer, now + std::chrono::milliseconds(random() % 60'000));
    const int before = timer.fired;
    if (step % 3 != 0) continue;
    now = std::max(now, std::min(wheel.deadline(), now + std::chrono::milliseconds(random() % 2000)));
    wheel.advance(now);
    for (const TestTimer& each : timers) {
      if (each.due() != kNever) REQUIRE(each.due() + TimerWheel::kTick > now);
    }
    if (timer.fired > before) CHECK(timer.due() == kNever);
  }
}

}  // namespace xylem
