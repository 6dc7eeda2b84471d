#include "origin/ingest/server/ingest_server.h"

#include <utility>

namespace xylem {
namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(1000);

}  // namespace

class IngestServer::Connection final : private StreamEvents, private HttpOutput {
 public:
  Connection(IngestServer& server, std::uint64_t id, TcpStream stream)
      : server_(server),
        id_(id),
        stream_(std::move(stream)),
        handler_(server.options_.token, server.sink_),
        http_(server.limits_, static_cast<HttpOutput&>(*this), handler_, server.loop_.now()) {
    handler_.attach(http_, [this] { return server_.loop_.now(); });
    stream_.set_events(*this);
    stream_.read_start();
  }

  void on_deadline(MonoTime now) {
    if (http_.deadline() <= now) http_.on_deadline(now);
  }

 private:
  void on_bytes(ByteView bytes) override { http_.on_bytes(bytes, server_.loop_.now()); }
  void on_end() override { http_.on_end(server_.loop_.now()); }
  void on_error(const Error&) override { end(); }
  void on_drained() override {
    if (closing_) end();
  }

  void send(SharedBytes bytes) override {
    if (!stream_.write(bytes)) abort();
  }
  void set_reading(bool on) override {
    if (closing_) return;
    on ? stream_.read_start() : stream_.read_stop();
  }
  void close() override {
    closing_ = true;
    stream_.read_stop();
    if (stream_.queued_bytes() == 0) end();
  }
  void abort() override { end(); }
  Timestamp wall_time() const override { return Loop::now_utc(); }

  void end() {
    if (std::exchange(ended_, true)) return;
    server_.forget(id_);
  }

  IngestServer& server_;
  const std::uint64_t id_;
  TcpStream stream_;
  PostHandler handler_;
  HttpConnection http_;
  bool closing_ = false;
  bool ended_ = false;
};

IngestServer::IngestServer(Loop& loop, const IngestOptions& options, AppendSink& sink)
    : loop_(loop), options_(options), sink_(sink), timer_(loop, [this] { sweep(); }) {
  limits_.body_bytes_max = options.body_bytes_max;
  timer_.start_every(kSweepInterval);
}

IngestServer::~IngestServer() = default;

Result<std::unique_ptr<IngestServer>> IngestServer::open(Loop& loop, const IngestOptions& options, AppendSink& sink) {
  std::unique_ptr<IngestServer> server(new IngestServer(loop, options, sink));
  auto listener = TcpListener::listen(loop, options.listen, {},
                                      [raw = server.get()](TcpStream stream) { raw->accept(std::move(stream)); });
  if (!listener) return fail(listener.error());
  server->listener_ = std::move(*listener);
  return server;
}

SocketAddress IngestServer::address() const { return listener_.address(); }

void IngestServer::stop_listening() { listener_.close(); }

void IngestServer::accept(TcpStream stream) {
  if (connections_.size() >= options_.connections_max) return;
  const std::uint64_t id = next_id_++;
  connections_.emplace(id, std::make_unique<Connection>(*this, id, std::move(stream)));
}

void IngestServer::forget(std::uint64_t id) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  // Destroyed in the next turn, not inside its own callback.
  std::shared_ptr<Connection> finished = std::move(found->second);
  connections_.erase(found);
  (void)loop_.post([finished] {});
}

void IngestServer::sweep() {
  const MonoTime now = loop_.now();
  std::vector<std::uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    if (auto found = connections_.find(id); found != connections_.end()) found->second->on_deadline(now);
  }
}

}  // namespace xylem
