#include "relay/serve/serve_core.h"

#include <algorithm>

#include "relay/serve/native_session.h"

namespace xylem {

namespace {

constexpr std::size_t kWalkBytesMax = 4 * kMiB;  // of one bucket in one turn

// Buckets as ranges: what a node says it owns.
std::vector<std::string> ranges_of(std::span<BucketLog* const> logs) {
  std::vector<BucketRange> ranges;
  for (const BucketLog* log : logs) {
    const Bucket bucket = log->bucket();
    if (!ranges.empty() && ranges.back().last.value + 1 == bucket.value) {
      ranges.back().last = bucket;
    } else {
      ranges.push_back({bucket, bucket});
    }
  }
  std::vector<std::string> texts;
  for (const BucketRange range : ranges) texts.push_back(to_string(range));
  return texts;
}

std::uint64_t seed_of(const Nonce& nonce) { return ByteReader(nonce).u64(); }

}  // namespace

ServeStats& ServeStats::operator+=(const ServeStats& other) {
  connections += other.connections;
  readers += other.readers;
  relays += other.relays;
  feed_subscriptions += other.feed_subscriptions;
  bucket_subscriptions += other.bucket_subscriptions;
  cold_reads += other.cold_reads;
  cold_reads_waiting += other.cold_reads_waiting;
  connections_total += other.connections_total;
  refused_total += other.refused_total;
  records_walked += other.records_walked;
  records_delivered += other.records_delivered;
  sent_bytes += other.sent_bytes;
  fell_behind_total += other.fell_behind_total;
  too_slow_total += other.too_slow_total;
  breaches_total += other.breaches_total;
  return *this;
}

class ServeCore::Impl {
 public:
  Impl(ServeShell& shell, ServeNode& node, std::span<BucketLog* const> logs, const ServeLimits& limits, MonoTime now,
       HttpSessionMaker http)
      : context(shell, node, limits, now), http_(std::move(http)) {
    const std::uint64_t seed = seed_of(shell.nonce());
    for (BucketLog* log : logs) {
      XYLEM_ASSERT(context.fanouts.empty() || context.fanouts.back()->bucket() < log->bucket());
      context.fanouts.push_back(std::make_unique<BucketFanout>(*log, seed, context.in_use));
    }
    context.owned = ranges_of(logs);
  }

  ServeConnection* find(ConnectionId id) {
    if (id.slot >= slots_.size() || slots_[id.slot].generation != id.generation) return nullptr;
    return slots_[id.slot].connection.get();
  }
  ConnectionId open(ServeLink& link, const SocketAddress& peer);
  void remove(ConnectionId id);
  template <typename Action>
  void each_connection(Action action) {
    for (const Slot& slot : slots_) {
      if (slot.connection != nullptr) action(*slot.connection);
    }
  }

  void set_facts(std::shared_ptr<const ServeFacts> facts);
  void on_bytes(ServeConnection& connection, ByteView bytes) { connection.on_bytes(bytes, http_); }
  void walk();
  void work();
  void settle();
  void close_slow();
  MonoTime deadline() const;

  ServeContext context;

 private:
  struct Slot {
    std::unique_ptr<ServeConnection> connection;
    std::uint32_t generation = 0;
  };

  void install_beacons(const ServeFacts* before);

  HttpSessionMaker http_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  bool walk_on_ = false;
};

ConnectionId ServeCore::Impl::open(ServeLink& link, const SocketAddress& peer) {
  ++context.stats.connections_total;
  if (context.stats.connections >= context.limits.connections_max) {
    ++context.stats.refused_total;
    link.abort();
    return {};
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  const ConnectionId id{slot, ++slots_[slot].generation};
  slots_[slot].connection = std::make_unique<ServeConnection>(context, link, id, peer);
  ++context.stats.connections;
  return id;
}

void ServeCore::Impl::remove(ConnectionId id) {
  slots_[id.slot].connection.reset();
  ++slots_[id.slot].generation;
  free_slots_.push_back(id.slot);
  --context.stats.connections;
}

void ServeCore::Impl::set_facts(std::shared_ptr<const ServeFacts> facts) {
  XYLEM_ASSERT(facts->manifest != nullptr && facts->manifest_bytes != nullptr && facts->key != nullptr);
  const std::shared_ptr<const ServeFacts> before = std::exchange(context.facts, std::move(facts));
  const ServeFacts& now = *context.facts;
  install_beacons(before.get());
  // Beacons come by the second and concern relays only; all else is rare.
  if (before != nullptr && now.denied == before->denied && now.path == before->path &&
      now.draining == before->draining && now.manifest_hash == before->manifest_hash) {
    return;
  }
  std::map<Bucket, std::vector<FeedId>> denied;
  for (const FeedId feed : now.denied) denied[bucket_of(feed, now.buckets())].push_back(feed);
  for (const auto& fanout : context.fanouts) fanout->set_denied(std::move(denied[fanout->bucket()]));
  if (before == nullptr) return;

  FactsChange change{*before, now, {}};
  std::ranges::set_difference(now.denied, before->denied, std::back_inserter(change.newly_denied));
  each_connection([&](ServeConnection& connection) { connection.on_facts(change); });
}

void ServeCore::Impl::install_beacons(const ServeFacts* before) {
  for (const auto& [bucket, bytes] : context.facts->beacons) {
    BucketFanout* fanout = context.fanout(bucket);
    if (fanout == nullptr || bytes == nullptr) continue;
    if (before != nullptr) {
      const auto known = before->beacons.find(bucket);
      if (known != before->beacons.end() && known->second == bytes) continue;
    }
    fanout->set_beacon(SharedBytes::adopt(make_frame(FrameType::beacon, *bytes)));
    for (NativeSession* link = context.beacon_links.front(); link != nullptr;
         link = context.beacon_links.after(*link)) {
      link->on_beacon(fanout->beacon());
    }
  }
}

void ServeCore::Impl::walk() {
  walk_on_ = false;
  for (const auto& fanout : context.fanouts) {
    context.stats.records_walked += fanout->walk(kWalkBytesMax);
    if (!fanout->at_head()) walk_on_ = true;
  }
}

// One unit for each connection that has work and room, as long as the turn lasts.
void ServeCore::Impl::work() {
  if (walk_on_) walk();
  IntrusiveList<ServeConnection, ReadyTag> turn;
  turn.take_all(context.ready);
  std::size_t bytes = 0;
  while (bytes < context.limits.turn_bytes_max) {
    ServeConnection* connection = turn.pop_front();
    if (connection == nullptr) break;
    bytes += connection->work();
  }
  // Those that had no turn come before those that had.
  turn.take_all(context.ready);
  context.ready.take_all(turn);
}

void ServeCore::Impl::close_slow() {
  while (ServeConnection* connection = context.stuck.front()) {
    const bool too_long = context.now - connection->stuck_since() >= context.limits.drain_timeout;
    if (!too_long && context.queued_bytes <= context.limits.output_bytes_max) return;
    ++context.stats.too_slow_total;
    connection->abort();
    settle();
  }
}

// The end of each call: what was collected leaves, what has ended is buried, views of the logs are given back.
void ServeCore::Impl::settle() {
  while (ServeConnection* connection = context.dirty.front()) connection->flush();
  while (ServeConnection* connection = context.ended.pop_front()) {
    const ConnectionId id = connection->id();
    connection->end();
    remove(id);
  }
  for (BucketFanout* fanout : context.in_use) fanout->quiescent();
  context.in_use.clear();
}

MonoTime ServeCore::Impl::deadline() const {
  if (walk_on_ || !context.ready.empty()) return context.now;
  MonoTime due = context.timers.deadline();
  if (const ServeConnection* stuck = context.stuck.front()) {
    due = std::min(due, stuck->stuck_since() + context.limits.drain_timeout);
  }
  return due;
}

ServeCore::ServeCore(ServeShell& shell, ServeNode& node, std::span<BucketLog* const> logs,
                     std::shared_ptr<const ServeFacts> facts, MonoTime now, const ServeLimits& limits,
                     HttpSessionMaker http)
    : impl_(std::make_unique<Impl>(shell, node, logs, limits, now, std::move(http))) {
  impl_->set_facts(std::move(facts));
}

ServeCore::~ServeCore() = default;

// Every way in: the time, what happened, and the end of the call.
template <typename Action>
void ServeCore::call(MonoTime now, Action action) {
  impl_->context.now = now;
  action();
  impl_->settle();
  impl_->close_slow();
}

ConnectionId ServeCore::open(ServeLink& link, const SocketAddress& peer, MonoTime now) {
  impl_->context.now = now;
  return impl_->open(link, peer);
}

void ServeCore::on_bytes(ConnectionId id, ByteView bytes, MonoTime now) {
  call(now, [&] {
    if (ServeConnection* connection = impl_->find(id)) impl_->on_bytes(*connection, bytes);
  });
}

void ServeCore::on_end(ConnectionId id, MonoTime now) {
  call(now, [&] {
    if (ServeConnection* connection = impl_->find(id)) connection->on_end();
  });
}

void ServeCore::on_drained(ConnectionId id, MonoTime now) {
  call(now, [&] {
    if (ServeConnection* connection = impl_->find(id)) connection->on_drained();
  });
}

void ServeCore::on_closed(ConnectionId id, MonoTime now) {
  call(now, [&] {
    if (ServeConnection* connection = impl_->find(id)) {
      connection->drop_link();
      impl_->remove(id);
    }
  });
}

void ServeCore::on_read(ReadId id, Result<Bytes> bytes, MonoTime now) {
  call(now, [&] { impl_->context.cold.on_read(id, std::move(bytes)); });
}

void ServeCore::on_wake(MonoTime now) {
  call(now, [&] { impl_->walk(); });
}

void ServeCore::set_facts(std::shared_ptr<const ServeFacts> facts, MonoTime now) {
  call(now, [&] { impl_->set_facts(std::move(facts)); });
}

MonoTime ServeCore::deadline() const { return impl_->deadline(); }

void ServeCore::on_deadline(MonoTime now) {
  call(now, [&] {
    impl_->context.timers.advance(now);
    impl_->work();
  });
}

ServeStats ServeCore::stats() const {
  ServeStats stats = impl_->context.stats;
  stats.cold_reads = impl_->context.cold.under_way();
  stats.cold_reads_waiting = impl_->context.cold.waiting();
  return stats;
}

}  // namespace xylem
