// The shell of ServeCore on one libuv loop: listens, reads, writes, keeps its deadline. Thin: what is decided is
// decided in the core.
//
// Made, used and destroyed on the loop's thread, but for wake(), set_facts() and stats(), which any thread may call.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "client/uv/linger.h"
#include "client/uv/tcp_listener.h"
#include "client/uv/timer.h"
#include "client/uv/turn_hook.h"
#include "client/uv/wake.h"
#include "relay/serve/loop/cold_file_reads.h"
#include "relay/serve/loop/served_stream.h"

namespace xylem {

struct ServingLoopOptions {
  ServeLimits limits;
  // What the kernel may hold of a connection beyond what it has sent (TCP_NOTSENT_LOWAT): the rest stays a place in the
  // log.
  std::uint32_t notsent_bytes_max = 128 * 1024;
  std::chrono::milliseconds linger_timeout{2000};
  bool http = true;
};

class ServingLoop final : public ServeShell {
 public:
  // `node` and `logs` (one for each bucket, ascending) must outlive it.
  ServingLoop(Loop& loop, ServeNode& node, std::span<BucketLog* const> logs, std::shared_ptr<const ServeFacts> facts,
              const ServingLoopOptions& options = {});
  ~ServingLoop();
  ServingLoop(const ServingLoop&) = delete;
  ServingLoop& operator=(const ServingLoop&) = delete;

  // Any number of addresses; gives the one that was taken (port 0 takes a free one). kIo.
  Result<SocketAddress> listen(const SocketAddress& address, bool reuse_port = false);

  void wake();  // records were published, or a log was cut or cleared
  void set_facts(std::shared_ptr<const ServeFacts> facts);
  ServeStats stats() const;

  // ServeShell
  void read(ReadId id, std::vector<ColdRun> runs) override { reads_.read(id, std::move(runs)); }
  Nonce nonce() override;
  Timestamp wall_time() const override { return Loop::now_utc(); }

 private:
  friend class ServedStream;

  // Every way into the core: the call, then what followed from it.
  template <typename Action>
  void call(Action action) {
    action(core_, loop_.now());
    after_call();
  }
  void after_call();
  void accept(TcpStream stream);
  void remove(ServedStream& stream);
  void on_wake();

  Loop& loop_;
  const ServingLoopOptions options_;
  std::vector<std::unique_ptr<ServedStream>> streams_;
  std::vector<ServedStream*> finished_;  // by the core
  std::vector<ServedStream*> failed_;    // the core does not know yet
  LingerList lingering_;
  ColdFileReads reads_;
  ServeCore core_;
  std::vector<TcpListener> listeners_;
  Timer timer_;
  MonoTime timer_due_ = kNever;
  Idle next_turn_;  // while work is left; a timer of 0 ms would fire again and again before sockets are looked at

  mutable std::mutex mutex_;
  std::shared_ptr<const ServeFacts> next_facts_;  // under mutex_
  ServeStats stats_;                              // under mutex_
  Async wake_;                                    // last: other threads may call until it is gone
};

}  // namespace xylem
