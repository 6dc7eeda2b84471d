#include "client/session/feed_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/session/random_values.h"

namespace xylem {
namespace {

constexpr auto kCheckJitter = 6s;
// A beacon that does not come within this after the start is not coming.
constexpr auto kBeaconExpectedWithin = kBeaconReaderIdle + 5s;

FeedPosition position_of(const FeedCursor& cursor) {
  FeedPosition position;
  position.epoch = cursor.epoch;
  position.version = cursor.version;
  position.cursor_hash = cursor.hash;
  return position;
}

}  // namespace

class FeedReader::Call {
 public:
  Call(FeedReader& reader, Moment now) : reader_(reader) {
    reader_.now_ = now;
    ++reader_.calls_;
  }
  ~Call() {
    --reader_.calls_;
    reader_.settle();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  FeedReader& reader_;
};

FeedReader::FeedReader(Trust& trust, RedactionBook& redactions, FeedReaderOptions options, RandomBits random,
                       FeedReaderShell& shell, FeedListener& listener, Moment now)
    : trust_(trust),
      redactions_(redactions),
      options_(std::move(options)),
      random_(std::move(random)),
      shell_(shell),
      listener_(listener),
      now_(now),
      choice_(random_),
      delivery_(options_.feed, options_.from, options_.until_version, listener),
      position_(position_of(options_.from)),
      check_(trust, redactions, options_.feed, options_.agent),
      progress_at_(now.mono) {
  status_.position = options_.from;
}

// --- From outside ---

void FeedReader::on_servers(const Result<std::vector<FoundServer>>& servers, Moment now) {
  if (over_) return;
  const Call call(*this, now);
  if (servers) choice_.set_servers(*servers);
  if (!choice_.servers().empty()) {
    if (!line_) dial_at_ = now_.mono;
    return;
  }
  const Error error = servers ? Error{ErrorCode::kNoServers, "the bucket has none"} : servers.error();
  if (line_) return;
  has_end() ? end(FeedState::failed, error) : enter(FeedState::searching, error);
}

void FeedReader::on_connected(LineId id, Moment now) {
  if (over_) return;
  const Call call(*this, now);
  if (check_.line() != nullptr && check_.line()->id() == id) {
    return check_.on_connected(draw_nonce(random_), now.mono);
  }
  if (!line_ || line_->id() != id) return;
  UpstreamOptions options;
  options.host = line_->address().host;
  options.port = line_->address().port;
  options.agent = options_.agent;
  line_->on_connected(std::make_unique<UpstreamSession>(trust_, redactions_, std::move(options), draw_nonce(random_),
                                                        static_cast<UpstreamListener&>(*this), now.mono));
}

void FeedReader::on_bytes(LineId id, ByteView bytes, Moment now) {
  if (over_) return;
  const Call call(*this, now);
  if (line_ && line_->id() == id && line_->session() != nullptr) {
    line_->session()->on_bytes(bytes, now.mono);
  } else if (check_.line() != nullptr && check_.line()->id() == id) {
    check_.on_bytes(bytes, now.mono);
  }
}

void FeedReader::on_closed(LineId id, const Error& error, Moment now) {
  if (over_) return;
  const Call call(*this, now);
  if (line_ && line_->id() == id) {
    line_->on_closed(error);
  } else if (check_.line() != nullptr && check_.line()->id() == id) {
    check_.on_closed(error);
  }
}

void FeedReader::on_deadline(Moment now) {
  if (over_) return;
  const Call call(*this, now);
  if (line_) line_->on_deadline(now.mono);
  if (check_.line() != nullptr) check_.on_deadline(now.mono);
}

MonoTime FeedReader::deadline() const {
  if (over_) return kNever;
  MonoTime soonest = std::min({leave_at_, check_at_, above_at_, check_.deadline()});
  soonest = std::min(soonest, line_ ? line_->deadline() : dial_at_);
  if (options_.patience && !live()) soonest = std::min(soonest, progress_at_ + *options_.patience);
  if (live() && known_head_) {
    soonest = std::min(soonest, std::max(known_head_->since, live_since_) + kWithholdingGrace);
  }
  if (live() && !status_.fresh.origin_silent) soonest = std::min(soonest, silence_counts_from());
  return soonest;
}

void FeedReader::stop() {
  stopped_ = true;
  delivery_.stop();
  settle();
}

// --- What the session tells ---

void FeedReader::on_ready(const UpstreamPeer& peer) {
  status_.node_name = peer.node_name;
  ready_since_ = now_.mono;
  heard_beacon_ = false;
  above_at_ = kNever;
  progress_at_ = now_.mono;
  if (options_.check_servers && check_at_ == kNever) check_at_ = now_.mono;
  enter(FeedState::catching_up);
  subscribe();
}

void FeedReader::subscribe() {
  const auto subscribed = line_->session()->subscribe(options_.feed, position_);
  XYLEM_ASSERT(subscribed.has_value());  // the only one of its session
}

void FeedReader::on_feed_records(FeedId feed, std::span<const RecordView> records) {
  if (stopped_ || ending_ || leaving_) return;
  const auto outcome = delivery_.deliver(records);
  if (!outcome) return end(FeedState::failed, outcome.error());
  choice_.worked(line_->address());
  progress_at_ = now_.mono;
  if (const auto newest = delivery_.newest_time()) note_signed_time(*newest);
  if (delivery_.take_epoch_changed()) tell(FeedNews::epoch_changed, {ErrorCode::kEpochChanged, {}});

  if (*outcome == FeedDelivery::Outcome::withheld) return on_withheld(records);
  if (*outcome == FeedDelivery::Outcome::stopped) return;
  position_ = *line_->session()->position(feed);
  if (backfill_ && backfill_->request == 0) fetch_more();
}

void FeedReader::on_withheld(std::span<const RecordView> records) {
  if (withheld_version_ != delivery_.withheld_version()) withheld_by_.clear();
  withheld_version_ = delivery_.withheld_version();
  withheld_by_.insert(line_->address());
  if (are_all_servers(withheld_by_)) {
    delivery_.pass_withheld();
    return on_feed_records(options_.feed, records);
  }
  leave(FailureCause::refused,
        {ErrorCode::kWithheld,
         fmt::format("from version {}, by {}", withheld_version_.value, status_.server->to_string())},
        FeedNews::server_lost);
}

void FeedReader::on_status(const Status& status) {
  if (stopped_ || ending_ || leaving_) return;
  switch (status.code) {
    case StatusCode::live:
    case StatusCode::empty_so_far:
      return on_live(status);
    case StatusCode::snapshot_follows:
      return;  // asked for by nobody here
    case StatusCode::too_old:
      return begin_backfill(status);
    case StatusCode::epoch_changed:
      return on_epoch_changed(status);
    case StatusCode::from_the_future:
      return on_refused(status, ErrorCode::kFromTheFuture);
    case StatusCode::forked:
      return on_refused(status, ErrorCode::kForked);
    case StatusCode::not_held:
      return on_refused(status, ErrorCode::kNotHeld);
    case StatusCode::withheld:
      return on_refused(status, ErrorCode::kWithheld);
    case StatusCode::not_mine:
      return on_refused(status, ErrorCode::kNotMine);
  }
}

void FeedReader::on_live(const Status& status) {
  choice_.worked(line_->address());
  refused_by_.clear();
  progress_at_ = now_.mono;
  if (!live()) live_since_ = now_.mono;
  enter(FeedState::live);
  status_.fresh.newest = std::max(status_.fresh.newest, Version(status.head_position));
  const KnownHead word{FeedEpoch(status.head_epoch), Version(status.head_position), now_.mono, {}, {}};
  if (is_ahead(word) && !(known_head_ && known_head_->proof)) known_head_ = word;
}

// Only its word: that the feed was begun anew is proven by the signed `open` that comes first.
void FeedReader::on_epoch_changed(const Status& status) {
  if (FeedEpoch(status.head_epoch) <= position_.epoch) return on_refused(status, ErrorCode::kFromTheFuture);
  if (position_.version.value == 0) return on_refused(status, ErrorCode::kEpochChanged);
  position_.held = false;
  position_.version = Version();
  position_.link = {};
  position_.cursor_hash.reset();
  delivery_.begin_anew();
  subscribe();
}

bool FeedReader::are_all_servers(const std::set<HostPort>& some) const {
  return std::ranges::all_of(choice_.servers(),
                             [&](const FoundServer& server) { return some.contains(address_of(server)); });
}

void FeedReader::on_refused(const Status& status, ErrorCode code) {
  const Error error{code,
                    fmt::format("{}{}{}", status_.server->to_string(), status.text.empty() ? "" : ": ", status.text)};
  refused_by_.insert(line_->address());
  if (!are_all_servers(refused_by_)) return leave(FailureCause::refused, error, FeedNews::server_lost);

  refused_by_.clear();
  if (code == ErrorCode::kTooOld && options_.skip_lost) return skip_to_floor(status);
  if (code == ErrorCode::kTooOld || code == ErrorCode::kForked) return end(FeedState::failed, error);
  if (code != ErrorCode::kFromTheFuture) return leave(FailureCause::refused, error, FeedNews::server_lost);
  // The servers are behind the cursor: one that follows waits for them.
  has_end() ? end(FeedState::failed, error) : enter(FeedState::catching_up, error);
}

void FeedReader::on_skipped(const Skipped&) { subscribe(); }

void FeedReader::on_beacon(const Beacon& beacon, ByteView) {
  if (beacon.bucket != trust_.bucket_of(options_.feed)) return;
  heard_beacon_ = true;
  note_signed_time(beacon.time);
  untold_ = true;
}

void FeedReader::on_goaway(const GoAway& goaway) {
  const auto wait = draw_between(random_, goaway.wait_min, goaway.wait_max);
  leave_at_ = now_.mono + std::clamp<std::chrono::milliseconds>(wait, kRedirectWaitMin, kRedirectWaitMax);
}

// --- What the server has dropped ---

void FeedReader::begin_backfill(const Status& status) {
  const bool possible = position_.version.value == 0 || FeedEpoch(status.floor_epoch) == position_.epoch;
  if (backfill_ || !possible) return on_refused(status, ErrorCode::kTooOld);
  backfill_ = Backfill{status, 0, 0};
  if (position_.version.value > 0) return fetch_more();
  // Begun at the start: the notice that opened the feed lies below the floor as well.
  const auto request = line_->session()->fetch(FetchFeedHead{options_.feed});
  XYLEM_ASSERT(request.has_value());
  backfill_->head_request = *request;
}

void FeedReader::fetch_more() {
  const Version until(backfill_->told.floor_position);
  if (position_.version >= until) {
    backfill_.reset();
    return subscribe();
  }
  const auto request = line_->session()->fetch(FetchFeedRange{options_.feed, position_.version.next(), until});
  XYLEM_ASSERT(request.has_value());  // one at a time
  backfill_->request = *request;
}

void FeedReader::on_fetched(std::uint32_t request, Result<Bytes> bytes) {
  if (!backfill_ || stopped_ || ending_ || leaving_) return;
  if (request == backfill_->head_request) return on_fetched_notices(bytes);
  if (request != backfill_->request) return;
  backfill_->request = 0;
  const Version before = position_.version;
  if (bytes) line_->session()->accept_fetched(options_.feed, *bytes);
  if (line_->session()->failed() || leaving_ || ending_) return;
  const bool goes_on = !backfill_ || position_.version > before || line_->session()->holds_back();
  if (goes_on) return;
  const Status told = backfill_->told;
  on_refused(told, ErrorCode::kTooOld);
}

void FeedReader::on_fetched_notices(const Result<Bytes>& frames) {
  ByteView rest = frames ? ByteView(*frames) : ByteView();
  while (!rest.empty()) {
    const auto frame = parse_envelope(rest);
    if (!frame || !*frame) break;
    const auto record = parse_record(**frame);
    const bool opens = record && record->header().type == RecordType::open && record->header().feed == options_.feed;
    if (opens && trust_.check_signature(record->decoded)) {
      // What it says beside its signature is checked there; one that cannot be read is passed over.
      static_cast<void>(delivery_.announce(*record));
    }
    rest = rest.subspan((*frame)->frame.size());
  }
  fetch_more();
}

void FeedReader::skip_to_floor(const Status& status) {
  const Version first = delivery_.version().next();
  const FeedCursor floor{FeedEpoch(status.floor_epoch), Version(status.floor_position), {}};
  tell(FeedNews::versions_lost,
       {ErrorCode::kTooOld, fmt::format("versions {} to {} are held nowhere", first.value, floor.version.value)});
  delivery_.skip_to(floor);
  const FeedPosition before = position_;
  position_ = position_of(floor);
  position_.range_epoch = before.range_epoch;
  position_.seq = before.seq;
  backfill_.reset();
  subscribe();
}

// --- What other servers know ---

void FeedReader::begin_check() {
  check_at_ = now_.mono + kSecondServerCheck + draw_between(random_, -kCheckJitter, kCheckJitter);
  const std::array<HostPort, 1> in_use = {line_->address()};
  const auto next = choice_.next(now_.mono, in_use);
  if (!next || next->at > now_.mono) return;
  check_.begin(++last_line_, next->server, now_.mono);
  shell_.dial(last_line_, next->server);
}

bool FeedReader::is_ahead(const KnownHead& head) const {
  return std::tie(head.epoch, head.version) > std::tuple(delivery_.epoch(), delivery_.version()) &&
         head.version.value > 0;
}

void FeedReader::on_head(const FeedHead& head, const FoundServer& server) {
  const auto& ours = delivery_.newest_batch();
  if (ours && ours->range_epoch == head.range_epoch && ours->seq == head.seq && ours->link != head.link) {
    if (line_ && line_->session() != nullptr) line_->session()->send_evidence({{ours->header, head.header}});
    tell(FeedNews::origin_forked,
         {ErrorCode::kFork, fmt::format("seq {} of epoch {}", head.seq.value, head.range_epoch.value)});
    return;
  }
  const KnownHead known{head.epoch, head.version, now_.mono, head, server};
  if (is_ahead(known)) {
    known_head_ = known;
    status_.fresh.newest = std::max(status_.fresh.newest, head.version);
  }
}

void FeedReader::judge_known_head() {
  if (known_head_ && !is_ahead(*known_head_)) known_head_.reset();
  if (!known_head_ || !live() || leaving_) return;
  if (now_.mono < std::max(known_head_->since, live_since_) + kWithholdingGrace) return;

  const auto text = fmt::format("version {} exists, {} sent up to {}", known_head_->version.value,
                                status_.server->to_string(), delivery_.version().value);
  if (known_head_->proof) {
    line_->session()->send_evidence({{known_head_->proof->header}});
    preferred_ = known_head_->shown_by;
    leave(FailureCause::dishonest, {ErrorCode::kWrongVersion, text}, FeedNews::server_withheld);
  } else {
    leave(FailureCause::timeout, {ErrorCode::kWrongVersion, text}, FeedNews::server_lost);
  }
  known_head_.reset();
}

// --- Coming and going ---

void FeedReader::dial_next() {
  dial_at_ = kNever;
  if (preferred_) return dial(*std::exchange(preferred_, std::nullopt));
  const std::vector<HostPort> except(refused_by_.begin(), refused_by_.end());
  auto next = choice_.next(now_.mono, except);
  if (!next) {
    refused_by_.clear();
    next = choice_.next(now_.mono);
  }
  if (!next) return enter(FeedState::searching, Error{ErrorCode::kNoServers, {}});
  if (next->at > now_.mono) {
    dial_at_ = next->at;
    return;
  }
  dial(next->server);
}

void FeedReader::dial(const FoundServer& server) {
  line_.emplace(++last_line_, server, now_.mono);
  status_.server = line_->address();
  status_.node_name.clear();
  enter(FeedState::connecting, status_.error);
  shell_.dial(last_line_, server);
}

void FeedReader::leave(FailureCause cause, Error error, FeedNews news) {
  if (!leaving_) leaving_ = Leaving{cause, std::move(error), news};
}

void FeedReader::settle() {
  if (over_ || calls_ > 0) return;
  ++calls_;
  if (!stopped_) {
    settle_check();
    judge_known_head();
    settle_timers();
    settle_end();
    settle_line();
    update_silence();
    if (untold_) publish();
  }
  --calls_;
  if (!stopped_ || over_) return;
  over_ = true;
  close_lines();
}

void FeedReader::settle_check() {
  if (check_.line() == nullptr) return;
  const LineId id = check_.line()->id();
  if (Bytes out = check_.take_output(now_.mono); !out.empty()) shell_.send(id, std::move(out));
  const auto outcome = check_.outcome();
  if (!outcome) return;
  const FoundServer server = check_.line()->server();
  check_.end();
  shell_.close(id);
  if (outcome->failure) choice_.avoid(address_of(server), outcome->failure->cause, now_.mono);
  if (outcome->head) on_head(*outcome->head, server);
}

void FeedReader::settle_timers() {
  const MonoTime now = now_.mono;
  if (now >= leave_at_) {
    leave_at_ = kNever;
    if (line_) leave(FailureCause::refused, {ErrorCode::kDraining, status_.server->to_string()}, FeedNews::server_lost);
  }
  if (now >= above_at_) {
    above_at_ = kNever;
    shell_.find_servers_above();
  }
  if (now >= check_at_) {
    const bool in_use = line_ && line_->session() != nullptr && line_->session()->ready();
    check_at_ = now + kSecondServerCheck;
    if (in_use && check_.line() == nullptr) begin_check();
  }
  if (options_.patience && !live() && now >= progress_at_ + *options_.patience) {
    end(FeedState::failed, status_.error.value_or(Error{ErrorCode::kTimeout, "no progress"}));
  }
}

void FeedReader::settle_end() {
  if (stopped_) return;
  const bool read_to_live = options_.until_live && live() && !known_head_ && check_.line() == nullptr;
  if (!ending_ && (delivery_.reached_end() || read_to_live)) end(FeedState::finished);
  if (!ending_) return;
  over_ = true;
  enter(ending_->state, ending_->error);
  close_lines();
}

void FeedReader::on_failure(const SessionFailure& failure) {
  // Signed, and another history than ours: no lie, but nothing to go on with either.
  if (failure.error.code == ErrorCode::kForked) {
    refused_by_.insert(line_->address());
    if (are_all_servers(refused_by_)) return end(FeedState::failed, failure.error);
  }
  const bool lied = failure.cause == FailureCause::dishonest;
  leave(failure.cause, failure.error, lied ? FeedNews::server_lied : FeedNews::server_lost);
}

void FeedReader::settle_line() {
  if (over_ || stopped_) return;
  if (line_) {
    UpstreamSession* session = line_->session();
    if (session != nullptr) {
      if (Bytes out = session->take_output(now_.mono); !out.empty()) shell_.send(line_->id(), std::move(out));
    }
    if (const auto failure = line_->failure()) on_failure(*failure);
    if (ending_) settle_end();
    if (!leaving_ || over_) return;
    choice_.failed(line_->address(), leaving_->cause, now_.mono);
    if (above_at_ == kNever) above_at_ = now_.mono + draw_between(random_, kAskAboveMin, kAskAboveMax);
    const LineId id = line_->id();
    line_.reset();
    backfill_.reset();
    leave_at_ = kNever;
    shell_.close(id);
    enter(FeedState::connecting, leaving_->error);
    tell(leaving_->news, leaving_->error);
    leaving_.reset();
    dial_next();
  } else if (now_.mono >= dial_at_) {
    dial_next();
  }
}

void FeedReader::close_lines() {
  if (line_) {
    shell_.close(line_->id());
    line_.reset();
  }
  if (check_.line() != nullptr) {
    shell_.close(check_.line()->id());
    check_.end();
  }
}

// --- The status ---

void FeedReader::enter(FeedState state, std::optional<Error> error) {
  const bool same_error =
      error.has_value() == status_.error.has_value() && (!error || error->code == status_.error->code);
  if (state == status_.state && same_error) return;
  status_.state = state;
  status_.error = std::move(error);
  untold_ = true;
}

void FeedReader::tell(FeedNews news, Error error) {
  if (status_.news != FeedNews::none) publish();
  status_.news = news;
  status_.error = std::move(error);
  untold_ = true;
}

void FeedReader::publish() {
  untold_ = false;
  if (stopped_) return;
  status_.position = delivery_.cursor();
  FeedStatus told = status_;
  status_.news = FeedNews::none;
  listener_.on_status(told);
}

void FeedReader::note_signed_time(Timestamp time) {
  auto& as_of = status_.fresh.as_of;
  if (!as_of || time > *as_of) as_of = time;
}

// From when on silence would count: the newest signed time is old, and something newer would have been heard here.
MonoTime FeedReader::silence_counts_from() const {
  const MonoTime heard_by = heard_beacon_ ? ready_since_ : ready_since_ + kBeaconExpectedWithin;
  const auto& as_of = status_.fresh.as_of;
  if (!as_of) return std::max(heard_by, ready_since_ + kOriginSilentAfter);
  const auto left = *as_of + kOriginSilentAfter - now_.utc;
  return std::max(heard_by, now_.mono + left);
}

void FeedReader::update_silence() {
  const bool silent = live() && now_.mono >= silence_counts_from();
  if (silent == status_.fresh.origin_silent) return;
  if (!live() && status_.fresh.origin_silent) return;  // nothing newer was heard since
  status_.fresh.origin_silent = silent;
  untold_ = true;
}

}  // namespace xylem
