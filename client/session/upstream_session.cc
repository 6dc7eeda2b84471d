#include "client/session/upstream_session.h"

#include <algorithm>

namespace xylem {
namespace {

// What an honest server may cause is no lie: a newer manifest is on its way to us, or our own history is another.
FailureCause cause_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNoGrant:
    case ErrorCode::kWrongEpoch:
    case ErrorCode::kTooMany:
    case ErrorCode::kForked:
      return FailureCause::refused;
    default:
      return FailureCause::dishonest;
  }
}

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

}  // namespace

UpstreamSession::UpstreamSession(Trust& trust, RedactionBook& redactions, UpstreamOptions options, const Nonce& nonce,
                                 UpstreamListener& listener, MonoTime now)
    : trust_(trust),
      redactions_(redactions),
      listener_(listener),
      options_(std::move(options)),
      nonce_(nonce),
      now_(now),
      prepare_by_(now + kHandshakeTimeout),
      liveness_(options_.role, now),
      subscriptions_(trust, redactions, listener) {
  send(Bytes(kNativeMagic.begin(), kNativeMagic.end()));
  send(encode(make_hello(options_, trust.zone(), nonce_)));
}

// --- What happens ---

void UpstreamSession::on_bytes(ByteView bytes, MonoTime now) {
  if (failed()) return;
  now_ = now;
  liveness_.on_received(now);
  splitter_.feed(bytes);
  while (!failed()) {
    auto frame = splitter_.next();
    if (!frame) {
      if (must(subscriptions_.flush())) break_off(frame.error());
      return;
    }
    if (!*frame) break;
    on_frame(**frame);
  }
  if (!failed()) must(subscriptions_.flush());
}

void UpstreamSession::on_closed(const Error& error) {
  if (!failed()) end(FailureCause::closed, error);
}

void UpstreamSession::on_deadline(MonoTime now) {
  if (failed()) return;
  now_ = now;
  if (!ready() && now >= prepare_by_) {
    return end(FailureCause::timeout, {ErrorCode::kTimeout, "no complete handshake"});
  }
  if (state_ == State::greeting) return;
  switch (liveness_.on_deadline(now)) {
    case Liveness::Verdict::wait:
      break;
    case Liveness::Verdict::send_ping:
      send(encode(Ping{++ping_token_}));
      break;
    case Liveness::Verdict::dead:
      return end(FailureCause::timeout, {ErrorCode::kTimeout, "the server is silent"});
  }
  while (!failed()) {
    auto expired = fetches_.take_expired(now);
    if (!expired) break;
    on_answer(std::move(*expired));
  }
}

MonoTime UpstreamSession::deadline() const {
  if (failed()) return kNever;
  if (state_ == State::greeting) return prepare_by_;
  const MonoTime soonest = std::min(liveness_.deadline(), fetches_.deadline());
  return ready() ? soonest : std::min(soonest, prepare_by_);
}

Bytes UpstreamSession::take_output(MonoTime now) {
  if (!failed() && state_ != State::greeting) {
    for (const auto& [bucket, seq] : subscriptions_.take_missing()) {
      if (!fetches_.add(FetchChunk{bucket, seq, seq}, FetchPurpose::redaction)) {
        end(FailureCause::closed, {ErrorCode::kTooMany, "redactions to fetch"});
      }
    }
    while (auto fetch = fetches_.next_to_send(now)) send(encode(*fetch));
    if (ready()) send(subscriptions_.take_requests());
  }
  return std::exchange(output_, {});
}

const ChainPosition* UpstreamSession::position(Bucket bucket) const {
  const RecordStream* stream = subscriptions_.find(bucket);
  return stream == nullptr ? nullptr : stream->bucket_position();
}

const FeedPosition* UpstreamSession::position(FeedId feed) const {
  const RecordStream* stream = subscriptions_.find(feed);
  return stream == nullptr ? nullptr : stream->feed_position();
}

void UpstreamSession::accept_fetched(FeedId feed, ByteView frames) {
  if (!failed()) must(subscriptions_.add_fetched(feed, frames));
}

void UpstreamSession::send_evidence(const Evidence& evidence) {
  if (state_ == State::ready) send(encode(evidence));
}

// --- Frames ---

void UpstreamSession::on_frame(const Envelope& frame) {
  if (state_ == State::greeting && frame.type != FrameType::welcome && frame.type != FrameType::error &&
      frame.type != FrameType::goaway) {
    return break_off({ErrorCode::kProtocol, "something came before WELCOME"});
  }
  if (frame.type == FrameType::record) {
    must(subscriptions_.add_record(frame));
  } else if (frame.type == FrameType::beacon) {
    on_beacon(frame);
  } else {
    on_control(frame);
  }
}

void UpstreamSession::on_control(const Envelope& frame) {
  auto decoded = decode_frame(frame);
  if (!decoded) return break_off(decoded.error());
  const auto not_for_a_child = [this](const auto&) {
    break_off({ErrorCode::kProtocol, "a frame that only a child sends"});
  };
  std::visit(Overloaded{
                 [this](const Welcome& welcome) { on_welcome(welcome); },
                 [this](const Buckets& buckets) { on_buckets(buckets); },
                 [this](const Path& path) { on_path(path); },
                 [&](const Status& status) { must(subscriptions_.add_status(status, frame)); },
                 [&](const Skipped& skipped) { must(subscriptions_.add_skipped(skipped, frame)); },
                 [this](const Ping& ping) { send(encode(Pong{ping.token})); },
                 [this](const Pong& pong) { subscriptions_.on_pong(pong.token); },
                 [this](Blob& blob) { on_blob(std::move(blob)); },
                 [this](const Evidence& evidence) { listener_.on_evidence(evidence); },
                 [this](const GoAway& goaway) {
                   if (must(subscriptions_.flush())) listener_.on_goaway(goaway);
                 },
                 [this](const ErrorFrame& error) { on_error_frame(error); },
                 [&](const Hello& hello) { not_for_a_child(hello); },
                 [&](const Prove& prove) { not_for_a_child(prove); },
                 [&](const Have& have) { not_for_a_child(have); },
                 [&](const Subscribe& subscribe) { not_for_a_child(subscribe); },
                 [&](const Unsubscribe& unsubscribe) { not_for_a_child(unsubscribe); },
                 [&](const Fetch& fetch) { not_for_a_child(fetch); },
             },
             *decoded);
}

void UpstreamSession::on_welcome(const Welcome& welcome) {
  if (state_ == State::greeting) return on_first_welcome(welcome);
  // Said again when the parent has a newer manifest.
  if (relay_id_of(welcome.key) != peer_.id || welcome.nonce != peer_nonce_) {
    return break_off({ErrorCode::kProtocol, "a second WELCOME of another kind"});
  }
  want_manifest(welcome);
}

void UpstreamSession::on_first_welcome(const Welcome& welcome) {
  auto peer = check_welcome(options_, trust_.zone(), nonce_, welcome);
  if (!peer) {
    // Not whom we meant to reach, or nobody we can talk to: no lie about records.
    send(encode(ErrorFrame{peer.error().code, peer.error().detail}));
    return end(FailureCause::refused, peer.error());
  }
  peer_ = std::move(*peer);
  peer_nonce_ = welcome.nonce;
  state_ = State::preparing;
  prepare_by_ = now_ + kReadyTimeout;
  if (options_.role == Role::relay) {
    send(make_prove(options_, trust_.zone(), welcome));
    send(make_have(options_.have));
  }
  want_manifest(welcome);
}

void UpstreamSession::want_manifest(const Welcome& welcome) {
  peer_.manifest_serial = welcome.manifest_serial;
  const bool newer = trust_.manifest() == nullptr || welcome.manifest_serial > trust_.manifest()->serial;
  if (!newer || manifest_request_ != 0) return;
  const auto request = fetches_.add(FetchHash{welcome.manifest_hash}, FetchPurpose::manifest);
  if (!request) return end(FailureCause::closed, request.error());
  manifest_request_ = *request;
  must(subscriptions_.hold(true));
}

void UpstreamSession::on_manifest(const Result<Bytes>& bytes) {
  manifest_request_ = 0;
  if (bytes) {
    const auto admitted = trust_.admit(*bytes);
    // Another session may have admitted a newer one meanwhile.
    if (!admitted && admitted.error().code != ErrorCode::kStaleDocument) return break_off(admitted.error());
    if (admitted && *admitted) listener_.on_manifest(trust_);
  } else if (trust_.manifest() == nullptr) {
    return end(FailureCause::refused, bytes.error());
  }
  if (failed() || !must(subscriptions_.hold(false))) return;
  become_ready();
}

void UpstreamSession::on_buckets(const Buckets& buckets) {
  listener_.on_buckets(buckets.buckets);
  buckets_told_ = buckets_told_ || buckets.last;
  become_ready();
}

void UpstreamSession::become_ready() {
  if (state_ != State::preparing || manifest_request_ != 0 || !buckets_told_) return;
  state_ = State::ready;
  listener_.on_ready(peer_);
}

void UpstreamSession::on_beacon(const Envelope& frame) {
  if (!must(subscriptions_.flush())) return;  // it covers what came before it
  const auto beacon = decode_beacon(frame.body);
  if (!beacon) return break_off(beacon.error());
  if (trust_.manifest() == nullptr || manifest_request_ != 0) return;  // another will come
  const auto newest = beacon_times_.find(beacon->bucket);
  if (newest != beacon_times_.end() && beacon->time <= newest->second) return;
  if (!must(trust_.check_beacon(*beacon))) return;
  // The origin's key contradicts itself when we hold another record at that place.
  const ChainPosition* held = position(beacon->bucket);
  if (held != nullptr && held->held && held->epoch == beacon->epoch && held->seq == beacon->seq &&
      held->link != beacon->head) {
    return end(FailureCause::closed, {ErrorCode::kFork, "a beacon names another record for a place that is held"});
  }
  beacon_times_[beacon->bucket] = beacon->time;
  listener_.on_beacon(*beacon, frame.frame);
}

void UpstreamSession::on_path(const Path& path) {
  const bool loop = options_.key != nullptr &&
                    std::ranges::find(path.relays, relay_id_of(options_.key->public_key())) != path.relays.end();
  if (loop) {
    send(encode(ErrorFrame{ErrorCode::kLoop, {}}));
    return end(FailureCause::refused, {ErrorCode::kLoop, "by " + options_.host});
  }
  listener_.on_path(path.relays);
}

void UpstreamSession::on_error_frame(const ErrorFrame& error) {
  if (must(subscriptions_.flush())) end(FailureCause::refused, {error.code, error.text});
}

// --- Answers ---

void UpstreamSession::on_blob(Blob blob) {
  auto answer = fetches_.on_blob(std::move(blob), now_);
  if (!answer) return break_off(answer.error());
  if (*answer) on_answer(std::move(**answer));
}

void UpstreamSession::on_answer(FetchTable::Answer answer) {
  switch (answer.purpose) {
    case FetchPurpose::owner:
      return listener_.on_fetched(answer.request, std::move(answer.bytes));
    case FetchPurpose::manifest:
      return on_manifest(answer.bytes);
    case FetchPurpose::redaction:
      return on_redaction(answer);
  }
}

void UpstreamSession::on_redaction(const FetchTable::Answer& answer) {
  const auto& wanted = std::get<FetchChunk>(answer.what);
  if (!answer.bytes) return end(FailureCause::refused, answer.bytes.error());
  const auto record = parse_record(*answer.bytes);
  if (!record) return break_off(record.error());
  if (record->header().seq != wanted.from || trust_.bucket_of(record->header().feed) != wanted.bucket) {
    return break_off({ErrorCode::kBadPayload, "not the redaction that was asked for"});
  }
  auto redaction = open_redaction(trust_, *record);
  if (!redaction) return break_off(redaction.error());
  redactions_.add(wanted.bucket, wanted.from, std::move(*redaction));
  must(subscriptions_.on_redaction(wanted.bucket, wanted.from));
}

// --- The end ---

bool UpstreamSession::must(const Result<void>& result) {
  if (!result) break_off(result.error());
  return result.has_value();
}

void UpstreamSession::break_off(const Error& error) {
  if (failed()) return;
  send(encode(ErrorFrame{error.code, error.detail}));
  end(cause_of(error.code), error);
}

void UpstreamSession::end(FailureCause cause, Error error) {
  if (failed()) return;
  state_ = State::failed;
  failure_ = {cause, std::move(error)};
  listener_.on_failed(failure_);
}

}  // namespace xylem
