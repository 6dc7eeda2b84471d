#include "client/session/feed_reader.h"

#include <algorithm>

#include "client/session/random_values.h"

namespace xylem {

// Between two of these nothing of ours is on the stack.
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
      now_(now),
      choice_(random_),
      delivery_(options_.feed, options_.from, options_.until_version, listener),
      position_(position_of(options_.from)),
      status_(listener),
      check_(trust, redactions, options_.feed, options_.agent),
      progress_at_(now.mono) {
  status_.set_position(options_.from);
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
  has_end() ? end(FeedState::failed, error) : status_.enter(FeedState::searching, error);
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
  if (options_.patience && !status_.live()) soonest = std::min(soonest, progress_at_ + *options_.patience);
  if (status_.live() && known_head_) {
    soonest = std::min(soonest, std::max(known_head_->since, live_since_) + kWithholdingGrace);
  }
  soonest = std::min(soonest, status_.silent_at(now_));
  return soonest;
}

void FeedReader::stop() {
  stopped_ = true;
  delivery_.stop();
  settle();
}

// --- Coming and going ---

void FeedReader::dial_next() {
  dial_at_ = kNever;
  if (preferred_) return dial(*std::exchange(preferred_, std::nullopt));
  const std::vector<HostPort> except(refused_by_.begin(), refused_by_.end());
  auto next = choice_.next(now_.mono, except);
  if (!next && too_old_at_ != kNever && now_.mono < too_old_at_) {
    dial_at_ = too_old_at_;  // until on_servers() names those above
    return;
  }
  if (!next) {
    refused_by_.clear();
    next = choice_.next(now_.mono);
  }
  if (!next) return status_.enter(FeedState::searching, Error{ErrorCode::kNoServers, {}});
  if (next->at > now_.mono) {
    dial_at_ = next->at;
    return;
  }
  dial(next->server);
}

void FeedReader::dial(const FoundServer& server) {
  line_.emplace(++last_line_, server, now_.mono);
  status_.use_server(line_->address());
  status_.enter(FeedState::connecting, status_.get().error);
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
    publish();
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
    if (line_) leave(FailureCause::refused, {ErrorCode::kDraining, server_name()}, FeedNews::server_lost);
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
  if (options_.patience && !status_.live() && now >= progress_at_ + *options_.patience) {
    end(FeedState::failed, status_.get().error.value_or(Error{ErrorCode::kTimeout, "no progress"}));
  }
}

void FeedReader::settle_end() {
  if (stopped_) return;
  const bool nothing_open = !known_head_ && !leaving_ && check_.line() == nullptr;
  const bool read_to_live = options_.until_live && status_.live() && nothing_open;
  if (!ending_ && (delivery_.reached_end() || read_to_live)) end(FeedState::finished);
  if (!ending_) return;
  over_ = true;
  status_.enter(ending_->state, ending_->error);
  close_lines();
}

void FeedReader::on_failure(const SessionFailure& failure) {
  // Another history than ours, or another zone: no lie, but where all say so there is nothing to go on with.
  if (failure.error.code == ErrorCode::kForked || failure.error.code == ErrorCode::kWrongZone) {
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
    if (status_.live()) progress_at_ = now_.mono;  // until now there was nothing to wait for
    choice_.failed(line_->address(), leaving_->cause, now_.mono);
    if (above_at_ == kNever) above_at_ = now_.mono + draw_between(random_, kAskAboveMin, kAskAboveMax);
    const LineId id = line_->id();
    line_.reset();
    backfill_.reset();
    leave_at_ = kNever;
    shell_.close(id);
    status_.enter(FeedState::connecting, leaving_->error);
    status_.tell(leaving_->news, leaving_->error);
    leaving_.reset();
    dial_next();
  } else if (now_.mono >= dial_at_) {
    dial_next();
  }
}

void FeedReader::publish() {
  if (stopped_) return;
  status_.set_position(delivery_.cursor());
  status_.update_silence(now_);
  status_.publish();
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

}  // namespace xylem
