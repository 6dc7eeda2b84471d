#include "relay/serve/loop/serving_pool.h"

#include <future>

namespace xylem {

struct ServingPool::Worker {
  // On the thread: everything of a loop lives and dies there.
  void run(ServeNode& node, const std::vector<BucketLog*>& logs, const std::shared_ptr<const ServeFacts>& facts,
           const ServingPoolOptions& options, std::promise<Result<std::vector<SocketAddress>>> started) {
    Loop own_loop;
    ServingLoop own_serving(own_loop, node, logs, facts, options.loop);
    std::vector<SocketAddress> taken;
    for (const SocketAddress& address : options.addresses) {
      const Result<SocketAddress> listened = own_serving.listen(address, true);
      if (!listened) return started.set_value(fail(listened.error()));
      taken.push_back(*listened);
    }
    loop = &own_loop;
    serving = &own_serving;
    started.set_value(std::move(taken));
    own_loop.run();
  }

  Loop* loop = nullptr;
  ServingLoop* serving = nullptr;
  std::thread thread;
};

ServingPool::ServingPool() = default;

Result<std::unique_ptr<ServingPool>> ServingPool::start(ServeNode& node, std::vector<BucketLog*> logs,
                                                        std::shared_ptr<const ServeFacts> facts,
                                                        const ServingPoolOptions& options) {
  XYLEM_ASSERT(options.threads > 0);
  std::unique_ptr<ServingPool> pool(new ServingPool);
  ServingPoolOptions own = options;
  for (std::size_t i = 0; i < options.threads; ++i) {
    std::promise<Result<std::vector<SocketAddress>>> started;
    std::future<Result<std::vector<SocketAddress>>> result = started.get_future();
    auto worker = std::make_unique<Worker>();
    worker->thread = std::thread([&node, logs, facts, own, &self = *worker, started = std::move(started)]() mutable {
      self.run(node, logs, facts, own, std::move(started));
    });
    Result<std::vector<SocketAddress>> taken = result.get();
    if (!taken) {
      worker->thread.join();
      return fail(taken.error());
    }
    own.addresses = *taken;  // port 0 was taken by the first; the others share it
    pool->workers_.push_back(std::move(worker));
  }
  pool->addresses_ = own.addresses;
  return pool;
}

ServingPool::~ServingPool() {
  for (const auto& worker : workers_) worker->loop->stop();
  for (const auto& worker : workers_) worker->thread.join();
}

void ServingPool::wake() {
  for (const auto& worker : workers_) worker->serving->wake();
}

void ServingPool::set_facts(const std::shared_ptr<const ServeFacts>& facts) {
  for (const auto& worker : workers_) worker->serving->set_facts(facts);
}

ServeStats ServingPool::stats() const {
  ServeStats all;
  for (const auto& worker : workers_) all += worker->serving->stats();
  return all;
}

}  // namespace xylem
