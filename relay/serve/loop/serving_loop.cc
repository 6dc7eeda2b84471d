#include "relay/serve/loop/serving_loop.h"

#include "relay/edge/http_session.h"

namespace xylem {

namespace {

// The core bounds what waits in a socket; the stream's own limit must never be met before.
constexpr std::size_t kStreamQueueBytesMax = 256 * kMiB;

}  // namespace

ServingLoop::ServingLoop(Loop& loop, ServeNode& node, std::span<BucketLog* const> logs,
                         std::shared_ptr<const ServeFacts> facts, const ServingLoopOptions& options)
    : loop_(loop),
      options_(options),
      lingering_(loop, options.linger_timeout),
      reads_(loop, options.limits.cold_reads_max,
             [this](ReadId id, Result<Bytes> bytes) {
               call([&](ServeCore& core, MonoTime now) { core.on_read(id, std::move(bytes), now); });
             }),
      core_(*this, node, logs, std::move(facts), loop.now(), options.limits,
            options.http ? HttpSessionMaker(make_http_session) : HttpSessionMaker()),
      timer_(loop, [this] { call([](ServeCore& core, MonoTime now) { core.on_deadline(now); }); }),
      next_turn_(loop, [this] { call([](ServeCore& core, MonoTime now) { core.on_deadline(now); }); }),
      wake_(loop, [this] { on_wake(); }) {}

ServingLoop::~ServingLoop() {
  listeners_.clear();
  for (const auto& stream : streams_) core_.on_closed(stream->id(), loop_.now());
}

Result<SocketAddress> ServingLoop::listen(const SocketAddress& address, bool reuse_port) {
  ListenOptions options;
  options.reuse_port = reuse_port;
  options.stream.notsent_bytes_max = options_.notsent_bytes_max;
  options.stream.queue_bytes_max = kStreamQueueBytesMax;
  Result<TcpListener> listener =
      TcpListener::listen(loop_, address, options, [this](TcpStream stream) { accept(std::move(stream)); });
  if (!listener) return fail(listener.error());
  listeners_.push_back(std::move(*listener));
  return listeners_.back().address();
}

void ServingLoop::wake() { wake_.wake(); }

void ServingLoop::set_facts(std::shared_ptr<const ServeFacts> facts) {
  {
    const std::lock_guard lock(mutex_);
    next_facts_ = std::move(facts);
  }
  wake_.wake();
}

void ServingLoop::on_wake() {
  std::shared_ptr<const ServeFacts> facts;
  {
    const std::lock_guard lock(mutex_);
    facts = std::move(next_facts_);
  }
  call([&](ServeCore& core, MonoTime now) {
    if (facts != nullptr) core.set_facts(std::move(facts), now);
    core.on_wake(now);
  });
}

ServeStats ServingLoop::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

Nonce ServingLoop::nonce() {
  Nonce nonce;
  fill_random(nonce);
  return nonce;
}

void ServingLoop::accept(TcpStream stream) {
  streams_.push_back(std::make_unique<ServedStream>(*this, std::move(stream)));
  ServedStream& served = *streams_.back();
  served.index_ = streams_.size() - 1;
  served.open();
}

void ServingLoop::remove(ServedStream& stream) {
  const std::size_t index = stream.index_;
  std::swap(streams_[index], streams_.back());
  streams_[index]->index_ = index;
  streams_.pop_back();
}

void ServingLoop::after_call() {
  while (!failed_.empty()) {
    ServedStream& stream = *failed_.back();
    failed_.pop_back();
    if (stream.released_) continue;  // the core let go of it in the same call
    core_.on_closed(stream.id(), loop_.now());
    remove(stream);
  }
  for (ServedStream* stream : std::exchange(finished_, {})) remove(*stream);

  const MonoTime due = core_.deadline();
  if (due <= loop_.now()) {
    if (!next_turn_.running()) next_turn_.start();
  } else {
    if (next_turn_.running()) next_turn_.stop();
    if (due != timer_due_ || !timer_.running()) timer_.start_at(due);
    timer_due_ = due;
  }
  const std::lock_guard lock(mutex_);
  stats_ = core_.stats();
}

}  // namespace xylem
