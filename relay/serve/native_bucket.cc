#include "relay/serve/native_bucket.h"

#include <algorithm>

#include "relay/serve/native_session.h"

namespace xylem {

NativeBucket::NativeBucket(NativeSession& session, BucketFanout& fanout, const BucketCursor& cursor)
    : session_(session), fanout_(fanout), cursor_(cursor) {
  ++session_.context().stats.bucket_subscriptions;
}

NativeBucket::~NativeBucket() {
  --session_.context().stats.bucket_subscriptions;
  session_.forget(*this);
}

void NativeBucket::finish() { session_.drop(fanout_.bucket()); }

NativeTask::Step NativeBucket::step() { return state_ == State::finding ? find() : catch_up(); }

NativeTask::Step NativeBucket::find() {
  history_ = fanout_.window().history;
  const auto place = find_bucket_place(fanout_.reader(), cursor_);
  if (place) {
    state_ = State::catching_up;
    sent_ = *place;
    return Step::again;
  }
  if (told_ != place.error().code) tell(place.error().code);
  if (!place.error().waits) return Step::done;
  state_ = State::waiting;
  sent_ = Seq(0);
  fanout_.attach(*this);
  return Step::rest;
}

NativeTask::Step NativeBucket::catch_up() {
  const LogWindow window = fanout_.window();
  const LogReader& reader = fanout_.reader();
  if (window.history != history_) {
    tell(StatusCode::epoch_changed);
    return Step::done;
  }
  if (sent_ >= fanout_.position()) {
    state_ = State::live;
    fanout_.attach(*this);
    if (told_ != StatusCode::live) tell(StatusCode::live);
    return Step::rest;
  }
  if (sent_.next() < window.floor) {
    tell(StatusCode::too_old);
    return Step::done;
  }
  const std::optional<HotRun> run = reader.hot_run(sent_.next(), session_.unit_left());
  return run ? send_records(run->bytes, run->last) : send_cold(reader);
}

NativeTask::Step NativeBucket::send_cold(const LogReader& reader) {
  ServeConnection& connection = session_.connection();
  const bool as_file = fanout_.denied().empty() && connection.takes_file_now();
  Result<ColdRun> run = reader.cold_run(sent_.next(), as_file ? connection.unit_bytes() : session_.unit_left());
  if (!run) {  // retention passed in between
    tell(StatusCode::too_old);
    return Step::done;
  }
  const Seq last = run->last;
  if (as_file) {
    connection.send_file(*run);
    sent_ = last;
    return Step::file;
  }
  session_.read(*this, {std::move(*run)}, [this, last](const Bytes& bytes) { return send_records(bytes, last); });
  return Step::rest;
}

NativeTask::Step NativeBucket::send_records(ByteView records, Seq last) {
  if (fanout_.denied().empty()) {
    session_.connection().send(records);
  } else if (Result<Bytes> withheld = withhold_denied(records, fanout_.denied())) {
    session_.connection().send(SharedBytes::adopt(std::move(*withheld)));
  } else {
    session_.fail(withheld.error().code, withheld.error().detail);
    return Step::rest;
  }
  sent_ = last;
  return Step::again;
}

void NativeBucket::on_run(LiveRun& run) {
  if (run.last() <= sent_) return;  // was published when the place was found, and is walked over only now
  if (state_ == State::waiting) {
    LiveBucketListener::unlink();
    state_ = State::finding;
    return session_.want(*this);
  }
  if (run.first() <= sent_ || !session_.connection().has_room()) {
    LiveBucketListener::unlink();
    return fall_behind(State::catching_up, std::max(sent_, Seq(run.first().value - 1)));
  }
  session_.connection().send(run.native());
}

void NativeBucket::on_left_behind(Seq sent) {
  fall_behind(state_ == State::waiting ? State::finding : State::catching_up, std::max(sent, sent_));
}

// What was sent belongs to the history before: said by catch_up(), as the history differs.
void NativeBucket::on_history_replaced() {
  fall_behind(state_ == State::waiting ? State::finding : State::catching_up, sent_);
}

void NativeBucket::fall_behind(State state, Seq sent) {
  state_ = state;
  sent_ = sent;
  ++session_.context().stats.fell_behind_total;
  session_.want(*this);
}

void NativeBucket::tell(StatusCode code) {
  told_ = code;
  const LogWindow window = fanout_.window();
  Status status;
  status.bucket = fanout_.bucket();
  status.code = code;
  status.floor_epoch = window.epoch.value;
  status.floor_position = window.floor.value - 1;
  status.head_epoch = window.epoch.value;
  status.head_position = code == StatusCode::live ? sent_.value : window.head.value;
  session_.send(status);
}

}  // namespace xylem
