// The processes that serve: `subject` is a relay's log and serving pool, `floor` a bare libuv loop. Both say their
// port, then answer `publish` with the size of the record that leaves for each reader, and `cpu` with this process's
// seconds.
#include <fmt/core.h>
#include <uv.h>

#include <atomic>
#include <cstdio>
#include <iostream>
#include <thread>

#include "relay/serve/loop/serving_pool.h"
#include "tests/bench/fanout_batches.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

constexpr std::size_t kConnectionsMax = 12'000;

class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual void publish(const RecordView& record) = 0;
};

class RelayServer final : public Server {
 public:
  RelayServer(const std::string& folder, const RecordView& first)
      : storage_(must(PosixStorage::open(folder, PosixStorage::Access::write), "open a folder")),
        log_(must(BucketLog::open(*storage_, "b", kBenchBucket, {}), "open a log")) {
    must(log_->append(std::span(&first, 1)), "append");
    log_->publish();
    ServingPoolOptions options;
    options.addresses = {SocketAddress::v4({127, 0, 0, 1}, 0)};
    options.loop.limits.connections_max = kConnectionsMax;
    pool_ = must(ServingPool::start(node_, {log_.get()}, bench_facts(), options), "serve");
  }
  std::uint16_t port() const override { return pool_->addresses().front().port(); }
  void publish(const RecordView& record) override {
    must(log_->append(std::span(&record, 1)), "append");
    log_->publish();
    pool_->wake();
    log_->collect();
  }

 private:
  std::unique_ptr<PosixStorage> storage_;
  std::unique_ptr<BucketLog> log_;
  BenchNode node_;
  std::unique_ptr<ServingPool> pool_;
};

void must_uv(int status, std::string_view what) {
  if (status < 0) give_up(what, uv_strerror(status));
}

// Tries each socket at once; what it does not take waits in a request of libuv's.
class BareServer final : public Server {
 public:
  BareServer() {
    must_uv(uv_loop_init(&loop_), "make a loop");
    loop_.data = this;
    must_uv(uv_async_init(&loop_, &wake_, [](uv_async_t* wake) { of(wake->loop).write_all(); }), "make a loop");
    must_uv(uv_tcp_init(&loop_, &listener_), "listen");
    sockaddr_in address{};
    must_uv(uv_ip4_addr("127.0.0.1", 0, &address), "listen");
    must_uv(uv_tcp_bind(&listener_, reinterpret_cast<const sockaddr*>(&address), 0), "listen");
    auto* stream = reinterpret_cast<uv_stream_t*>(&listener_);
    must_uv(uv_listen(stream, 1024, [](uv_stream_t* from, int) { of(from->loop).accept(); }), "listen");
    int size = sizeof address;
    must_uv(uv_tcp_getsockname(&listener_, reinterpret_cast<sockaddr*>(&address), &size), "listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { uv_run(&loop_, UV_RUN_DEFAULT); });
  }
  ~BareServer() override {
    now_.store(nullptr, std::memory_order_release);
    uv_async_send(&wake_);
    thread_.join();
    uv_loop_close(&loop_);
  }
  std::uint16_t port() const override { return port_; }
  void publish(const RecordView& record) override {
    now_.store(&record.frame, std::memory_order_release);
    uv_async_send(&wake_);
  }

 private:
  static BareServer& of(const uv_loop_t* loop) { return *static_cast<BareServer*>(loop->data); }

  void accept() {
    auto peer = std::make_unique<uv_tcp_t>();
    must_uv(uv_tcp_init(&loop_, peer.get()), "accept");
    auto* stream = reinterpret_cast<uv_stream_t*>(peer.get());
    must_uv(uv_accept(reinterpret_cast<uv_stream_t*>(&listener_), stream), "accept");
    must_uv(uv_tcp_nodelay(peer.get(), 1), "accept");
    peers_.push_back(std::move(peer));
  }

  void write_all() {
    const ByteView* now = now_.load(std::memory_order_acquire);
    if (now == nullptr) return uv_walk(&loop_, [](uv_handle_t* handle, void*) { uv_close(handle, nullptr); }, nullptr);
    const ByteView bytes = *now;
    auto* data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data()));
    for (const auto& peer : peers_) {
      auto* stream = reinterpret_cast<uv_stream_t*>(peer.get());
      const uv_buf_t all = uv_buf_init(data, static_cast<unsigned>(bytes.size()));
      const int taken = std::max(uv_try_write(stream, &all, 1), 0);
      if (static_cast<std::size_t>(taken) == bytes.size()) continue;
      const uv_buf_t rest =
          uv_buf_init(data + taken, static_cast<unsigned>(bytes.size()) - static_cast<unsigned>(taken));
      auto* request = new uv_write_t;
      must_uv(uv_write(request, stream, &rest, 1, [](uv_write_t* done, int) { delete done; }), "write");
    }
  }

  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_tcp_t listener_{};
  std::vector<std::unique_ptr<uv_tcp_t>> peers_;
  std::atomic<const ByteView*> now_{nullptr};  // nullptr: the end
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void answer(double number) {
  fmt::print("{:.6f}\n", number);
  std::fflush(stdout);
}

}  // namespace

int run_fanout_server(const std::vector<std::string>& words) {
  if (words.size() != 3) give_up("fanout-server", "needs KIND BATCHES FOLDER");
  raise_descriptor_limit();
  const SampleZone zone;
  RecordMaker maker(zone);
  make_fanout_records(maker, std::stoul(words[1]));
  const std::vector<RecordView> records = maker.records();
  std::unique_ptr<Server> server;
  if (words[0] == "subject") {
    server = std::make_unique<RelayServer>(words[2], records.front());
  } else {
    server = std::make_unique<BareServer>();
  }
  answer(server->port());
  std::size_t published = 1;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "publish") {
      const RecordView& record = records.at(published++);
      server->publish(record);
      answer(static_cast<double>(record.frame.size()));
    } else if (line == "cpu") {
      answer(process_cpu_seconds());
    }
  }
  return 0;
}

}  // namespace xylem
