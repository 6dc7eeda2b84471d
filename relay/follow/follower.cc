#include "relay/follow/follower.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace xylem {
namespace {

template <typename Each>
void for_buckets(BucketRange range, Each each) {
  for (std::uint32_t b = range.first.value; b <= range.last.value; ++b) each(Bucket(static_cast<std::uint16_t>(b)));
}

}  // namespace

Follower::Follower(FollowShell& shell, LogSet& logs, Trust& trust, RedactionBook& redactions, const SigningKey& key,
                   RandomBits random, FollowerOptions options)
    : shell_(shell),
      logs_(logs),
      trust_(trust),
      redactions_(redactions),
      key_(key),
      options_(std::move(options)),
      choice_(std::move(random), options_.choice) {}

Follower::~Follower() = default;

void Follower::set_servers(std::span<const FoundServer> servers, MonoTime now) {
  choice_.set_servers(servers);
  const auto& known = choice_.servers();
  const bool named = std::any_of(known.begin(), known.end(),
                                 [&](const FoundServer& server) { return address_of(server) == address_of(server_); });
  if (state_ == State::waiting) {
    try_next(now);
  } else if (!named && !known.empty()) {
    restart(now);
  }
}

void Follower::restart(MonoTime now) {
  if (state_ != State::waiting)
    drop({FailureCause::closed, {ErrorCode::kInterrupted, "the server is no longer ours"}}, now);
  try_next(now);
}

void Follower::try_next(MonoTime now) {
  dial_at_ = kNever;
  auto next = choice_.next(now);
  if (!next) return;  // set_servers comes back
  if (next->at > now) {
    dial_at_ = next->at;
    return;
  }
  server_ = next->server;
  state_ = State::dialling;
  shell_.dial(server_);
}

void Follower::on_connected(MonoTime now) {
  if (state_ != State::dialling) return;
  state_ = State::connected;
  UpstreamOptions upstream;
  upstream.role = Role::relay;
  upstream.host = server_.host;
  upstream.port = server_.port;
  upstream.agent = options_.agent;
  upstream.key = &key_;
  upstream.have = have();
  UpstreamListener& listener = *this;
  session_ = std::make_unique<UpstreamSession>(trust_, redactions_, std::move(upstream), shell_.nonce(), listener, now);
  for_buckets(logs_.range(), [&](Bucket bucket) {
    // One session takes each bucket once, and kSubscriptionsMax is above any range.
    const auto subscribed = session_->subscribe(bucket, logs_.of(bucket).tail());
    XYLEM_ASSERT(subscribed.has_value());
  });
  settle(now);
}

void Follower::on_bytes(ByteView bytes, MonoTime now) {
  if (!session_) return;
  now_ = now;
  session_->on_bytes(bytes, now);
  settle(now);
}

void Follower::on_closed(const Error& error, MonoTime now) {
  if (session_) {
    session_->on_closed(error);
    settle(now);
  } else if (state_ == State::dialling) {
    drop({FailureCause::closed, error}, now);
    try_next(now);
  }
}

MonoTime Follower::deadline() const {
  if (!session_) return state_ == State::waiting ? dial_at_ : kNever;
  MonoTime soonest = session_->deadline();
  for (const auto& [bucket, promise] : promised_) soonest = std::min(soonest, promise.since + kPromisedRecordsTimeout);
  return soonest;
}

void Follower::on_deadline(MonoTime now) {
  if (session_) {
    now_ = now;
    session_->on_deadline(now);
    judge_promises(now);
    settle(now);
  } else if (state_ == State::waiting && dial_at_ <= now) {
    try_next(now);
  }
}

// After every call of the session: what it wants to send, what it has published, and its end.
void Follower::settle(MonoTime now) {
  if (Bytes output = session_->take_output(now); !output.empty()) shell_.send(std::move(output));
  if (std::exchange(records_published_, false)) shell_.published();
  if (!ended_) return;
  const SessionFailure failure = *std::exchange(ended_, std::nullopt);
  drop(failure, now);
  try_next(now);
}

void Follower::drop(const SessionFailure& failure, MonoTime now) {
  if (state_ != State::waiting) shell_.hang_up();
  session_.reset();
  beginning_again_.clear();
  promised_.clear();
  state_ = State::waiting;
  status_.upstream.clear();
  ++status_.reconnects;
  if (failure.cause == FailureCause::dishonest) ++status_.refused_peers;
  choice_.failed(address_of(server_), failure.cause, now);
  shell_.disconnected(server_, failure);
}

std::vector<HaveBucket> Follower::have() const {
  std::vector<HaveBucket> have;
  for_buckets(logs_.range(), [&](Bucket bucket) {
    HaveBucket held{bucket, {}};
    LogReader reader(logs_.of(bucket));
    const LogWindow window = reader.window();
    if (window.head >= window.floor) {
      if (auto header = reader.header_at(window.head)) held.header = std::move(*header);
    }
    have.push_back(std::move(held));
  });
  return have;
}

void Follower::on_ready(const UpstreamPeer& peer) {
  choice_.worked(address_of(server_));
  status_.upstream = fmt::format("{}:{} ({})", server_.host, server_.port, peer.id.to_string());
  shell_.connected(server_, peer);
}

void Follower::on_manifest(const Trust&) { shell_.manifest_changed(); }

void Follower::on_bucket_records(Bucket bucket, std::span<const RecordView> records) {
  if (ended_) return;
  if (auto appended = append(bucket, records); !appended) {
    shell_.append_failed(bucket, appended.error());
    ended_ = SessionFailure{FailureCause::timeout, appended.error()};
    return;
  }
  logs_.of(bucket).publish();
  records_published_ = true;
  status_.records += records.size();
  for (const RecordView& record : records) {
    if (record.form == RecordForm::withheld) ++status_.withheld;
  }
  status_.newest = std::max(status_.newest, records.back().header().origin_time);
  if (const auto promise = promised_.find(bucket); promise != promised_.end()) promise->second.since = now_;
  keep_promise(bucket);
}

Result<void> Follower::append(Bucket bucket, std::span<const RecordView> records) {
  if (beginning_again_.erase(bucket) > 0) {
    if (auto cleared = logs_.of(bucket).clear(); !cleared) return cleared;
  }
  too_old_by_.erase(bucket);
  return logs_.append(bucket, records);
}

// A window has no holes: where what comes next is below every parent's floor, the log begins again at the floor. One
// parent's word is not enough while others may have it, and nothing is given up before records from there verify.
void Follower::begin_again(const Status& status, Bucket bucket) {
  const Seq held = logs_.of(bucket).tail().seq;
  std::set<HostPort>& too_old_by = too_old_by_[bucket];
  const bool asked_before = !too_old_by.insert(address_of(server_)).second;
  const bool others = std::ranges::any_of(
      choice_.servers(), [&](const FoundServer& server) { return !too_old_by.contains(address_of(server)); });
  const auto before = beginning_again_.find(bucket);
  const Seq asked = before == beginning_again_.end() ? held : before->second;
  const bool believable = Seq(status.floor_position) > asked;
  if (!believable || (held.value > 0 && others && !asked_before)) {
    ended_ = SessionFailure{
        FailureCause::refused,
        {ErrorCode::kTooOld, fmt::format("bucket {} from seq {} on", bucket.value, status.floor_position)}};
    return;
  }
  ChainPosition floor;
  floor.seq = Seq(status.floor_position);
  beginning_again_[bucket] = floor.seq;
  const auto subscribed = session_->subscribe(bucket, floor);
  XYLEM_ASSERT(subscribed.has_value());
}

// Where our log cannot go on from this parent: its floor is above our head, or its history is another one.
void Follower::on_status(const Status& status) {
  if (ended_ || !status.bucket) return;
  const Bucket bucket = *status.bucket;
  switch (status.code) {
    case StatusCode::live:
    case StatusCode::empty_so_far:
    case StatusCode::from_the_future:  // ahead of this parent is normal: it will catch up
    case StatusCode::snapshot_follows:
    case StatusCode::withheld:
      return;
    case StatusCode::too_old:
      return begin_again(status, bucket);
    case StatusCode::epoch_changed:
    case StatusCode::forked:
    case StatusCode::not_held:
    case StatusCode::not_mine:
      ended_ = SessionFailure{FailureCause::refused,
                              {ErrorCode::kNotHeld, fmt::format("bucket {}: {}", bucket.value, status.text)}};
      return;
  }
}

void Follower::on_beacon(const Beacon& beacon, ByteView frame) {
  if (!logs_.range().contains(beacon.bucket)) return;
  const auto before = promised_.find(beacon.bucket);
  const MonoTime since = before == promised_.end() ? now_ : before->second.since;
  promised_.insert_or_assign(beacon.bucket, Promise{beacon, {frame.begin(), frame.end()}, since});
  keep_promise(beacon.bucket);
}

// Where what the bucket's beacon speaks of is held now, the beacon is worth telling.
void Follower::keep_promise(Bucket bucket) {
  const auto found = promised_.find(bucket);
  if (found == promised_.end()) return;
  const Promise& promise = found->second;
  if (logs_.of(bucket).tail().seq < promise.beacon.seq) return;
  status_.newest = std::max(status_.newest, promise.beacon.time);
  shell_.beacon_arrived(promise.beacon, promise.frame);
  promised_.erase(found);
}

// Withheld or lost on the way: no proof against the server, but whoever is asked anew must begin where the log ends.
void Follower::judge_promises(MonoTime now) {
  if (ended_) return;
  for (auto& [bucket, promise] : promised_) {
    if (session_->holds_back()) promise.since = now;  // something came, and waits for what it needs
    if (now < promise.since + kPromisedRecordsTimeout) continue;
    const Seq held = logs_.of(bucket).tail().seq;
    ended_ = SessionFailure{FailureCause::timeout,
                            {ErrorCode::kTimeout, fmt::format("bucket {} goes on to seq {}, nothing came after {}",
                                                              bucket.value, promise.beacon.seq.value, held.value)}};
    return;
  }
}

void Follower::on_path(std::span<const RelayId> relays) { shell_.path_changed({relays.begin(), relays.end()}); }

void Follower::on_goaway(const GoAway& goaway) {
  ended_ = SessionFailure{FailureCause::closed, {goaway.reason, "the upstream goes away"}};
}

void Follower::on_failed(const SessionFailure& failure) { ended_ = failure; }

FollowerStatus Follower::status() const { return status_; }

}  // namespace xylem
