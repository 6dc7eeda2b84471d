// A node's serving loops, each on a thread of its own, all on the same addresses: the kernel spreads connections over
// them. The owner's thread starts, wakes and stops them.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "relay/serve/loop/serving_loop.h"

namespace xylem {

struct ServingPoolOptions {
  std::size_t threads = 1;
  std::vector<SocketAddress> addresses;
  ServingLoopOptions loop;  // limits are those of one loop
};

class ServingPool {
 public:
  // `node` and `logs` must outlive it. kIo: an address cannot be had.
  static Result<std::unique_ptr<ServingPool>> start(ServeNode& node, std::vector<BucketLog*> logs,
                                                    std::shared_ptr<const ServeFacts> facts,
                                                    const ServingPoolOptions& options);
  ~ServingPool();  // closes every connection
  ServingPool(const ServingPool&) = delete;
  ServingPool& operator=(const ServingPool&) = delete;

  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  // Any thread.
  void wake();
  void set_facts(const std::shared_ptr<const ServeFacts>& facts);
  ServeStats stats() const;  // of all loops

 private:
  // What a thread needs, and what it offers while it runs.
  struct Worker;
  ServingPool();

  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<SocketAddress> addresses_;
};

}  // namespace xylem
