#include "client/uv/file_worker.h"

#include <utility>

namespace xylem {

struct FileWorker::Job {
  uv_work_t uv{};
  std::function<void()> work;
  std::function<void()> done;
  std::weak_ptr<std::size_t> jobs;

  static void on_pool(uv_work_t* uv) { static_cast<Job*>(uv->data)->work(); }
  static void on_loop(uv_work_t* uv, int status);
};

void FileWorker::Job::on_loop(uv_work_t* uv, int /*status: 0, jobs are never cancelled*/) {
  const std::unique_ptr<Job> job(static_cast<Job*>(uv->data));
  const std::shared_ptr<std::size_t> jobs = job->jobs.lock();
  if (jobs == nullptr) return;  // the worker is gone, and with it whoever waited
  --*jobs;
  job->done();
}

FileWorker::FileWorker(Loop& loop, std::size_t jobs_max)
    : loop_(loop), jobs_max_(jobs_max), jobs_(std::make_shared<std::size_t>(0)) {}

FileWorker::~FileWorker() = default;

Result<void> FileWorker::run(std::function<void()> work, std::function<void()> done) {
  if (*jobs_ >= jobs_max_) return fail(ErrorCode::kOverloaded, "all file workers are busy");
  auto job = std::make_unique<Job>();
  job->work = std::move(work);
  job->done = std::move(done);
  job->jobs = jobs_;
  job->uv.data = job.get();
  const int status = uv_queue_work(loop_.raw(), &job->uv, &Job::on_pool, &Job::on_loop);
  if (status != 0) return fail(uv_error(status, "job for a file worker"));
  ++*jobs_;
  static_cast<void>(job.release());
  return {};
}

}  // namespace xylem
