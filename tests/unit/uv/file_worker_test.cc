#include "client/uv/file_worker.h"

#include <atomic>
#include <optional>
#include <semaphore>
#include <thread>

#include "tests/unit/uv/run_until.h"

using namespace xylem;

TEST_CASE("work runs elsewhere, its result comes back on the loop") {
  Loop loop;
  FileWorker worker(loop, 4);
  const auto loop_thread = std::this_thread::get_id();
  std::optional<std::thread::id> worked_on;
  std::thread::id done_on;
  REQUIRE(worker.run_for<std::thread::id>([] { return std::this_thread::get_id(); },
                                          [&](std::thread::id id) {
                                            worked_on = id;
                                            done_on = std::this_thread::get_id();
                                          }));
  CHECK(worker.jobs() == 1);
  loop.run();
  CHECK(worker.jobs() == 0);
  REQUIRE(worked_on.has_value());
  CHECK(*worked_on != loop_thread);
  CHECK(done_on == loop_thread);
}

TEST_CASE("jobs beyond the limit are refused until one has ended") {
  Loop loop;
  FileWorker worker(loop, 2);
  std::counting_semaphore<> go(0);
  int done = 0;
  for (int i = 0; i < 2; ++i) REQUIRE(worker.run([&] { go.acquire(); }, [&] { ++done; }));
  const Result<void> refused = worker.run([] {}, [] {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kOverloaded);
  go.release(2);
  loop.run();
  CHECK(done == 2);
  CHECK(worker.run([] {}, [] {}));
  loop.run();
}

TEST_CASE("a worker that is gone gets no results, its jobs end all the same") {
  Loop loop;
  auto worked = std::make_shared<std::atomic<bool>>(false);
  {
    FileWorker worker(loop, 1);
    REQUIRE(worker.run([worked] { *worked = true; }, [] { FAIL("nobody waits any more"); }));
  }
  loop.run();
  CHECK(*worked);
}

TEST_CASE("the end of a job may start the next, or end the worker") {
  Loop loop;
  std::optional<FileWorker> worker;
  worker.emplace(loop, 1);
  int done = 0;
  REQUIRE(worker->run([] {},
                      [&] {
                        ++done;
                        REQUIRE(worker->run([] {},
                                            [&] {
                                              ++done;
                                              worker.reset();
                                            }));
                      }));
  loop.run();
  CHECK(done == 2);
}
