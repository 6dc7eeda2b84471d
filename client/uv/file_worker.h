// Work that may block (cold reads, fsync, a resolver's cache file) on libuv's pool of four threads, its result back on
// the loop. Bounded: beyond jobs_max a job is refused, and the caller waits its turn.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "client/uv/loop.h"

namespace xylem {

class FileWorker {
 public:
  FileWorker(Loop& loop, std::size_t jobs_max);
  // Jobs under way run to their end (their `work` must own what it uses); their `done` is not called any more.
  ~FileWorker();
  FileWorker(const FileWorker&) = delete;
  FileWorker& operator=(const FileWorker&) = delete;

  // `work` on a pool thread, then `done` on the loop. kOverloaded: jobs_max jobs are under way, nothing was started.
  [[nodiscard]] Result<void> run(std::function<void()> work, std::function<void()> done);

  // The same for work that has a result: run_for<Bytes>([file] { return read(file); }, [this](Bytes bytes) { … }).
  template <typename T>
  [[nodiscard]] Result<void> run_for(std::function<T()> work, std::function<void(T)> done) {
    auto result = std::make_shared<std::optional<T>>();
    return run([result, work = std::move(work)] { *result = work(); },
               [result, done = std::move(done)] { done(std::move(**result)); });
  }

  std::size_t jobs() const { return *jobs_; }

 private:
  struct Job;
  Loop& loop_;
  const std::size_t jobs_max_;
  std::shared_ptr<std::size_t> jobs_;  // outlives the worker with its jobs; also says whether the worker still lives
};

}  // namespace xylem
