#include "relay/serve/native_session.h"

#include <algorithm>
#include <set>

namespace xylem {

namespace {

constexpr std::size_t kStepsPerTurn = 256;
constexpr std::size_t kPieceBytesMin = kKiB;

std::optional<Error> error_of(ErrorCode code, std::string detail) { return Error{code, std::move(detail)}; }

}  // namespace

NativeSession::NativeSession(ServeConnection& connection)
    : connection_(connection), rate_(connection.context().now), last_received_(connection.context().now) {}

NativeSession::~NativeSession() {
  feeds_.clear();  // they leave the session, which must be whole
  buckets_.clear();
  fetches_.clear();
  set_standing(Standing::stranger);
}

void NativeSession::on_end() { connection_.close(); }

void NativeSession::on_bytes(ByteView bytes) {
  last_received_ = context().now;
  splitter_.feed(bytes);
  while (!connection_.ended()) {
    const Result<std::optional<Envelope>> envelope = splitter_.next();
    if (!envelope) return fail(envelope.error().code, envelope.error().detail);
    if (!*envelope) return;
    on_frame(**envelope);
  }
}

void NativeSession::on_frame(const Envelope& envelope) {
  const ServeLimits& limits = context().limits;
  const bool relay = standing_ == Standing::relay;
  if (!rate_.take(context().now, relay ? limits.relay_frames_per_second_max : limits.reader_frames_per_second_max)) {
    return fail(ErrorCode::kTooMany, "frames");
  }
  if (envelope.type == FrameType::record || envelope.type == FrameType::beacon) {
    return fail(ErrorCode::kProtocol, "events only travel down");
  }
  const Result<ControlFrame> frame = decode_frame(envelope);
  if (!frame) return fail(frame.error().code, frame.error().detail);
  if (standing_ == Standing::stranger && !std::holds_alternative<Hello>(*frame)) {
    return fail(ErrorCode::kProtocol, "HELLO comes first");
  }
  std::visit([this](const auto& what) { handle(what); }, *frame);
}

template <typename Frame>
void NativeSession::handle(const Frame&) {
  fail(ErrorCode::kProtocol, "only a parent sends this");
}

// --- handshake ---

void NativeSession::handle(const Hello& hello) {
  if (standing_ != Standing::stranger) return fail(ErrorCode::kProtocol, "second HELLO");
  if (const std::optional<Error> refusal = refusal_of(hello)) return fail(refusal->code, refusal->detail);
  const bool relay = hello.role == Role::relay;
  nonce_ = context().shell.nonce();
  relay_ = hello.relay.value_or(RelayId{});
  set_standing(relay ? Standing::unproven : Standing::reader);
  if (context().facts->draining) return go_away(ErrorCode::kDraining);
  if (!relay && !admit()) return;

  send(make_welcome(*context().facts, hello, nonce_));
  greeting_ = std::make_unique<Greeting>(hello.role != Role::reader);
  if (hello.role != Role::reader) context().beacon_links.push_back(*this);
  connection_.want_work();
  set_timer();
}

std::optional<Error> NativeSession::refusal_of(const Hello& hello) const {
  const ServeFacts& facts = *connection_.context().facts;
  // A reader that has no id yet asks for the manifest, to learn it.
  const bool asks_for_zone = hello.zone == ZoneId{} && hello.role == Role::reader;
  if (hello.zone != facts.zone && !asks_for_zone) return error_of(ErrorCode::kWrongZone, "");
  if (hello.version_min > kProtocolVersion || hello.version_max < kProtocolVersion) {
    return error_of(ErrorCode::kUnsupportedVersion, "version 1 is spoken here");
  }
  if (!hello.relay) return std::nullopt;
  const bool above = std::ranges::find(facts.path, *hello.relay) != facts.path.end();
  if (above || *hello.relay == facts.relay()) return error_of(ErrorCode::kLoop, "");
  return std::nullopt;
}

void NativeSession::handle(const Prove& prove) {
  if (standing_ != Standing::unproven) return fail(ErrorCode::kProtocol, "nothing to prove");
  const ServeFacts& facts = *context().facts;
  const bool proven = relay_id_of(prove.key) == relay_ && check_public_key(prove.key) &&
                      verify_prove(prove.key, prove.signature, facts.zone, nonce_, facts.relay());
  if (!proven) return fail(ErrorCode::kBadIdentity);
  if (facts.accept_any_relay || facts.relays.contains(relay_)) {
    set_standing(Standing::relay);
    connection_.set_queue_bytes_max(context().limits.relay_queue_bytes_max);
    set_timer();
  } else {
    set_standing(Standing::reader);
    admit();
  }
}

void NativeSession::set_standing(Standing standing) {
  ServeStats& stats = context().stats;
  if (standing_ == Standing::relay) --stats.relays;
  if (standing_ == Standing::reader || standing_ == Standing::unproven) --stats.readers;
  if (standing == Standing::relay) ++stats.relays;
  if (standing == Standing::reader || standing == Standing::unproven) ++stats.readers;
  standing_ = standing;
}

// A relay that has not proven itself counts as a reader.
bool NativeSession::admit() {
  if (standing_ == Standing::relay) return true;
  if (!context().facts->accept_readers) {
    go_away(ErrorCode::kNotAllowed);
    return false;
  }
  if (!context().room_for_reader()) {
    go_away(ErrorCode::kTooMany);
    return false;
  }
  return true;
}

void NativeSession::go_away(ErrorCode reason) {
  ++context().stats.refused_total;
  GoAway frame;
  frame.reason = reason;
  frame.relays = context().facts->elsewhere;
  frame.wait_min = kRedirectWaitMin;
  frame.wait_max = 5 * kRedirectWaitMin;
  send(frame);
  connection_.close();
}

void NativeSession::fail(ErrorCode code, std::string text) {
  ++context().stats.breaches_total;
  send(ErrorFrame{code, std::move(text)});
  connection_.close();
}

// --- what a peer asks for ---

void NativeSession::handle(const Subscribe& frame) {
  if (!admit()) return;
  for (const BucketCursor& cursor : frame.buckets) {
    if (connection_.ended()) return;
    subscribe(cursor);
  }
  for (const FeedSubscription& subscription : frame.feeds) {
    if (connection_.ended()) return;
    subscribe(subscription);
  }
}

void NativeSession::subscribe(const FeedSubscription& subscription) {
  feeds_.erase(subscription.feed);  // asked again: from the new position
  BucketFanout* fanout = context().fanout(subscription.feed);
  if (fanout == nullptr) {
    Status status;
    status.feed = subscription.feed;
    status.code = StatusCode::not_mine;
    status.owners = context().owned;
    return send(status);
  }
  if (!room_for_subscription()) return fail(ErrorCode::kTooMany, "subscriptions");
  want(feeds_.try_emplace(subscription.feed, *this, *fanout, subscription).first->second);
}

void NativeSession::subscribe(const BucketCursor& cursor) {
  buckets_.erase(cursor.bucket);
  BucketFanout* fanout = context().fanout(cursor.bucket);
  if (fanout == nullptr) {
    Status status;
    status.bucket = cursor.bucket;
    status.code = StatusCode::not_mine;
    status.owners = context().owned;
    return send(status);
  }
  want(buckets_.try_emplace(cursor.bucket, *this, *fanout, cursor).first->second);
}

bool NativeSession::room_for_subscription() {
  const ServeLimits& limits = context().limits;
  return feeds_.size() < limits.subscriptions_per_connection_max &&
         context().stats.feed_subscriptions < limits.subscriptions_max;
}

void NativeSession::handle(const Unsubscribe& frame) {
  for (const Bucket bucket : frame.buckets) buckets_.erase(bucket);
  for (const FeedId feed : frame.feeds) feeds_.erase(feed);
}

void NativeSession::handle(const Ping& ping) { send(Pong{ping.token}); }

void NativeSession::handle(const Fetch& fetch) {
  const bool full = fetches_.size() >= kFetchesInFlightMax;
  Result<FetchPlan> plan = full ? xylem::fail(ErrorCode::kTooMany) : plan_fetch(context(), fetch);
  if (!plan) {
    Blob blob;
    blob.request = fetch.request;
    blob.error = plan.error().code;
    return send(blob);
  }
  fetches_.push_back(std::make_unique<FetchAnswer>(*this, fetch.request, std::move(*plan)));
  want(*fetches_.back());
}

void NativeSession::handle(const Have& have) {
  if (is_relay()) context().node.on_have(connection_.id(), relay_, have);
}

void NativeSession::handle(const Evidence& evidence) { context().node.on_evidence(connection_.id(), evidence); }

// --- doing it ---

void NativeSession::want(NativeTask& task) {
  queue_.push_back(task);
  connection_.want_work();
}

std::size_t NativeSession::unit_left() const {
  const std::size_t backlog = connection_.backlog_bytes();
  return std::max(unit_end_ - std::min(unit_end_, backlog), kPieceBytesMin);
}

bool NativeSession::work() {
  unit_end_ = connection_.backlog_bytes() + std::min(connection_.unit_bytes(), context().limits.unit_bytes_max);
  for (std::size_t steps = 0; steps < kStepsPerTurn && !connection_.ended(); ++steps) {
    if (connection_.backlog_bytes() >= unit_end_) return true;
    if (greeting_ != nullptr) {
      if (!greeting_->step(connection_)) greeting_.reset();
      continue;
    }
    NativeTask* task = reading_ == nullptr ? queue_.pop_front() : nullptr;
    if (task == nullptr) return false;
    const NativeTask::Step step = task->step();
    after_step(*task, step);
    if (step == NativeTask::Step::file) return true;
  }
  return true;
}

void NativeSession::after_step(NativeTask& task, NativeTask::Step step) {
  switch (step) {
    case NativeTask::Step::again:
    case NativeTask::Step::file:
      queue_.push_back(task);
      return;
    case NativeTask::Step::rest:
      return;
    case NativeTask::Step::done:
      task.finish();
      return;
  }
}

void NativeSession::read(NativeTask& task, std::vector<ColdRun> runs, std::function<NativeTask::Step(Bytes)> done) {
  reading_ = &task;
  read_ = context().cold.start(std::move(runs), [this, done = std::move(done)](Result<Bytes> bytes) {
    NativeTask& reader = *std::exchange(reading_, nullptr);
    if (!bytes) return fail(bytes.error().code, "stored records cannot be read");
    after_step(reader, done(std::move(*bytes)));
    connection_.want_work();  // others waited meanwhile
  });
}

void NativeSession::forget(NativeTask& task) {
  if (reading_ != &task) return;
  read_.reset();
  reading_ = nullptr;
  connection_.want_work();
}

void NativeSession::drop(const FetchAnswer& answer) {
  std::erase_if(fetches_, [&](const auto& each) { return each.get() == &answer; });
}

std::vector<std::string> NativeSession::who_may_hold() const {
  const std::vector<RelayId>& path = connection_.context().facts->path;
  std::vector<std::string> above;
  for (std::size_t i = 1; i < path.size(); ++i) above.push_back(path[i].to_string());
  return above;
}

// --- time and news ---

void NativeSession::set_timer() {
  const bool relay = standing_ == Standing::relay;
  connection_.set_timer(relay ? last_received_ + context().limits.relay_silence_max
                              : connection_.last_sent() + kBeaconReaderIdle);
}

void NativeSession::on_timer() {
  const MonoTime now = context().now;
  if (standing_ == Standing::stranger) return fail(ErrorCode::kTimeout);
  if (standing_ == Standing::relay && now - last_received_ >= context().limits.relay_silence_max) {
    return connection_.abort();
  }
  if (standing_ != Standing::relay && now - connection_.last_sent() >= kBeaconReaderIdle) {
    send_idle_beacons();
    return connection_.set_timer(now + kBeaconReaderIdle);
  }
  set_timer();
}

// One for each bucket that the peer reads of.
void NativeSession::send_idle_beacons() {
  std::set<Bucket> read;
  for (const auto& [feed, subscription] : feeds_) read.insert(subscription.bucket());
  for (const auto& [bucket, subscription] : buckets_) read.insert(bucket);
  for (const Bucket bucket : read) {
    if (connection_.has_room()) connection_.send(context().fanout(bucket)->beacon());
  }
}

void NativeSession::on_facts(const FactsChange& change) {
  if (standing_ == Standing::stranger) return;
  if (change.now.draining && !change.before.draining) {
    GoAway frame;
    frame.relays = change.now.elsewhere;
    frame.wait_min = kRedirectWaitMin;
    frame.wait_max = 5 * kRedirectWaitMin;
    send(frame);
  }
  // Said again, WELCOME tells of a newer manifest.
  if (change.now.manifest_hash != change.before.manifest_hash) send(make_welcome(change.now, {}, nonce_));
  if (change.now.path != change.before.path && greeting_ == nullptr) send(Path{change.now.path});
  for (const FeedId feed : change.newly_denied) {
    const auto found = feeds_.find(feed);
    if (found == feeds_.end()) continue;
    found->second.withhold();
    feeds_.erase(found);
  }
}

}  // namespace xylem
