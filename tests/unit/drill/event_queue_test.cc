#include "origin/drill/event_queue.h"

#include <catch2/catch.hpp>
#include <string>

namespace xylem {
namespace {

using namespace std::chrono_literals;

TEST_CASE("things happen in the order of their times, and of their planning within one time") {
  EventQueue queue;
  std::string order;
  queue.after(5ms, [&] { order += 'c'; });
  queue.after(1ms, [&] { order += 'a'; });
  queue.after(5ms, [&] { order += 'd'; });
  queue.after(2ms, [&] {
    order += 'b';
    queue.after(0ms, [&] { order += '+'; });
  });
  const MonoTime start = queue.now();
  while (queue.step(start + 4ms)) {
  }
  CHECK(order == "ab+");
  CHECK(queue.now() == start + 4ms);
  while (queue.step(start + 1h)) {
  }
  CHECK(order == "ab+cd");
  CHECK(queue.steps() == 5);
}

TEST_CASE("what was cancelled does not happen, nor what a destroyed timer had planned") {
  EventQueue queue;
  int happened = 0;
  const auto id = queue.after(1ms, [&] { ++happened; });
  queue.cancel(id);
  {
    VirtualTimer timer(queue, [&] { ++happened; });
    timer.start_after(1ms);
    CHECK(timer.running());
  }
  CHECK_FALSE(queue.step(queue.now() + 1h));
  CHECK(happened == 0);
}

TEST_CASE("a timer that is moved fires once, at its last time; kNever stops it") {
  EventQueue queue;
  std::vector<MonoTime> fired;
  VirtualTimer timer(queue, [&] { fired.push_back(queue.now()); });
  const MonoTime start = queue.now();
  timer.start_at(start + 1ms);
  timer.start_at(start + 9ms);
  while (queue.step(start + 1s)) {
  }
  CHECK(fired == std::vector{start + 9ms});
  CHECK_FALSE(timer.running());
  timer.start_after(1ms);
  timer.start_at(kNever);
  CHECK_FALSE(queue.step(start + 1h));
}

}  // namespace
}  // namespace xylem
