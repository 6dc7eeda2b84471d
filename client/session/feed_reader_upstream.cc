// What the session in use tells a FeedReader, and what other servers know.
#include <fmt/format.h>

#include <algorithm>

#include "client/session/feed_reader.h"
#include "client/session/random_values.h"

namespace xylem {
namespace {

constexpr auto kCheckJitter = 6s;

}  // namespace

// --- What the session tells ---

void FeedReader::on_ready(const UpstreamPeer& peer) {
  status_.use_node(peer.node_name, now_.mono);
  asked_anew_ = false;
  skipping_to_.reset();
  above_at_ = kNever;
  progress_at_ = now_.mono;
  if (options_.check_servers && check_at_ == kNever) check_at_ = now_.mono;
  status_.enter(FeedState::catching_up);
  subscribe();
}

void FeedReader::subscribe() {
  const auto subscribed = line_->session()->subscribe(options_.feed, position_);
  XYLEM_ASSERT(subscribed.has_value());  // the only one of its session
}

void FeedReader::on_feed_records(FeedId feed, std::span<const RecordView> records) {
  if (stopped_ || ending_ || leaving_) return;
  const bool shows_versions =
      std::ranges::any_of(records, [](const auto& record) { return record.header().is_batch(); });
  if (skipping_to_ && shows_versions) skip();
  const auto outcome = delivery_.deliver(records);
  if (!outcome) return end(FeedState::failed, outcome.error());
  choice_.worked(line_->address());
  progress_at_ = now_.mono;
  if (const auto newest = delivery_.newest_time()) status_.note_signed_time(*newest);
  if (delivery_.take_epoch_changed()) status_.tell(FeedNews::epoch_changed, {ErrorCode::kEpochChanged, {}});

  if (*outcome == FeedDelivery::Outcome::withheld) return on_withheld(records);
  if (*outcome == FeedDelivery::Outcome::stopped) return;
  too_old_at_ = kNever;
  if (!skipping_to_) position_ = *line_->session()->position(feed);
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
        {ErrorCode::kWithheld, fmt::format("from version {}, by {}", withheld_version_.value, server_name())},
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
  if (backfill_) return;  // of a subscription that has ended
  if (skipping_to_) skip();
  choice_.worked(line_->address());
  refused_by_.clear();
  too_old_at_ = kNever;
  progress_at_ = now_.mono;
  if (!status_.live()) live_since_ = now_.mono;
  status_.enter(FeedState::live);
  status_.note_head(Version(status.head_position));
  const KnownHead word{FeedEpoch(status.head_epoch), Version(status.head_position), now_.mono, {}, {}};
  if (is_ahead(word) && !(known_head_ && known_head_->proof)) known_head_ = word;
}

// Only its word: that the feed was begun anew is proven by the signed `open` that comes first.
void FeedReader::on_epoch_changed(const Status& status) {
  if (FeedEpoch(status.head_epoch) <= position_.epoch) return on_refused(status, ErrorCode::kFromTheFuture);
  if (asked_anew_) return on_refused(status, ErrorCode::kEpochChanged);
  asked_anew_ = true;
  status_.enter(FeedState::catching_up);
  const auto subscribed = line_->session()->subscribe_anew(options_.feed, position_);
  XYLEM_ASSERT(subscribed.has_value());
}

bool FeedReader::are_all_servers(const std::set<HostPort>& some) const {
  return std::ranges::all_of(choice_.servers(),
                             [&](const FoundServer& server) { return some.contains(address_of(server)); });
}

void FeedReader::on_refused(const Status& status, ErrorCode code) {
  const Error error{code, fmt::format("{}{}{}", server_name(), status.text.empty() ? "" : ": ", status.text)};
  refused_by_.insert(line_->address());
  if (!are_all_servers(refused_by_)) return leave(FailureCause::refused, error, FeedNews::server_lost);

  if (code == ErrorCode::kTooOld && too_old_at_ == kNever) {
    above_at_ = now_.mono;
    too_old_at_ = now_.mono + kAboveAnswerMax;
  }
  if (code == ErrorCode::kTooOld && now_.mono < too_old_at_) {
    return leave(FailureCause::refused, error, FeedNews::server_lost);
  }
  refused_by_.clear();
  if (code == ErrorCode::kTooOld && options_.skip_lost) return skip_to_floor(status);
  if (code == ErrorCode::kTooOld || code == ErrorCode::kForked) return end(FeedState::failed, error);
  if (code != ErrorCode::kFromTheFuture) return leave(FailureCause::refused, error, FeedNews::server_lost);
  // The servers are behind the cursor: one that follows waits for them.
  has_end() ? end(FeedState::failed, error) : status_.enter(FeedState::catching_up, error);
}

void FeedReader::on_skipped(const Skipped&) { subscribe(); }

void FeedReader::on_beacon(const Beacon& beacon, ByteView) {
  if (beacon.bucket != trust_.bucket_of(options_.feed)) return;
  status_.note_beacon(beacon.time);
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
  status_.enter(FeedState::catching_up);
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

// Only their word: what is held is given up when a signed batch shows that it goes on there, or when nothing follows.
void FeedReader::skip_to_floor(const Status& status) {
  backfill_.reset();
  skipping_to_ = FeedCursor{FeedEpoch(status.floor_epoch), Version(status.floor_position), {}};
  FeedPosition floor = position_of(*skipping_to_);
  floor.range_epoch = position_.range_epoch;
  floor.seq = position_.seq;
  const auto subscribed = line_->session()->subscribe(options_.feed, floor);
  XYLEM_ASSERT(subscribed.has_value());
}

void FeedReader::skip() {
  status_.tell(FeedNews::versions_lost,
               {ErrorCode::kTooOld, fmt::format("versions {} to {} are held nowhere", delivery_.version().value + 1,
                                                skipping_to_->version.value)});
  delivery_.skip_to(*skipping_to_);
  skipping_to_.reset();
  position_ = *line_->session()->position(options_.feed);
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
    status_.tell(FeedNews::origin_forked,
                 {ErrorCode::kFork, fmt::format("seq {} of epoch {}", head.seq.value, head.range_epoch.value)});
    return;
  }
  const KnownHead known{head.epoch, head.version, now_.mono, head, server};
  if (is_ahead(known)) {
    known_head_ = known;
    status_.note_head(head.version);
  }
}

void FeedReader::judge_known_head() {
  if (known_head_ && !is_ahead(*known_head_)) known_head_.reset();
  if (!known_head_ || !status_.live() || leaving_) return;
  if (now_.mono < std::max(known_head_->since, live_since_) + kWithholdingGrace) return;

  const auto text = fmt::format("version {} exists, {} sent up to {}", known_head_->version.value, server_name(),
                                delivery_.version().value);
  if (known_head_->proof) {
    line_->session()->send_evidence({{known_head_->proof->header}});
    preferred_ = known_head_->shown_by;
    leave(FailureCause::dishonest, {ErrorCode::kWrongVersion, text}, FeedNews::server_withheld);
  } else {
    leave(FailureCause::timeout, {ErrorCode::kWrongVersion, text}, FeedNews::server_lost);
  }
  known_head_.reset();
}

}  // namespace xylem
