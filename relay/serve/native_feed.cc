#include "relay/serve/native_feed.h"

#include <algorithm>

#include "relay/serve/feed_portion.h"
#include "relay/serve/native_session.h"

namespace xylem {

NativeFeed::NativeFeed(NativeSession& session, BucketFanout& fanout, const FeedSubscription& subscription)
    : session_(session),
      fanout_(fanout),
      feed_(subscription.feed),
      cursor_(subscription.from),
      mode_(subscription.mode) {
  ++session_.context().stats.feed_subscriptions;
}

NativeFeed::~NativeFeed() {
  --session_.context().stats.feed_subscriptions;
  fanout_.detach(feed_, *this);
  session_.forget(*this);
}

void NativeFeed::finish() { session_.drop(feed_); }

NativeTask::Step NativeFeed::step() { return state_ == State::finding ? find() : catch_up(); }

NativeTask::Step NativeFeed::find() {
  history_ = fanout_.window().history;
  const LogReader& reader = fanout_.reader();
  if (std::ranges::binary_search(fanout_.denied(), feed_)) {
    withhold();
    return Step::done;
  }
  const FeedAnswer answer = find_feed_place(reader, feed_, cursor_);
  if (mode_ == FeedMode::state && (!answer || cursor_.version == Version(0))) {
    if (std::optional<SnapshotPlace> snapshot = find_snapshot_place(reader, feed_, cursor_)) {
      const FeedPlace& place = snapshot->place;
      const FeedCursor at{place.epoch, place.version, std::nullopt};
      tell(StatusCode::snapshot_follows, at, at, std::move(snapshot->notice));
      return start_from(place);
    }
  }
  return answer ? start_from(*answer) : refuse(answer.error());
}

NativeTask::Step NativeFeed::refuse(const FeedRefusal& refusal) {
  if (told_ != refusal.code) tell(refusal.code, refusal.floor, refusal.head);
  if (!refusal.waits) return Step::done;
  state_ = State::waiting;
  sent_ = Seq(0);
  fanout_.attach(feed_, *this);
  return Step::rest;
}

NativeTask::Step NativeFeed::start_from(const FeedPlace& place) {
  cursor_ = {place.epoch, place.version, std::nullopt};
  sent_ = place.after;
  state_ = State::catching_up;
  if (place.first) {
    Result<Bytes> notice = fanout_.reader().notice(feed_, *place.first);
    if (notice) session_.connection().send(SharedBytes::adopt(std::move(*notice)));
  }
  return Step::again;
}

NativeTask::Step NativeFeed::catch_up() {
  const LogWindow window = fanout_.window();
  const LogReader& reader = fanout_.reader();
  Result<FeedPortion> portion = fail(ErrorCode::kTooOld);
  if (window.history == history_ && sent_.next() >= window.floor) {
    portion = next_feed_portion(reader, feed_, sent_, fanout_.position(), session_.unit_left());
  }
  if (!portion) {  // what comes next is no longer held, or never was: ask again by version
    state_ = State::finding;
    return Step::again;
  }
  if (!portion->hot.empty()) return send_frames(std::move(portion->hot), portion->last);
  if (!portion->cold.empty()) {
    session_.read(*this, std::move(portion->cold),
                  [this, last = portion->last](Bytes frames) { return send_frames(std::move(frames), last); });
    return Step::rest;
  }
  state_ = State::live;
  fanout_.attach(feed_, *this);
  if (told_ != StatusCode::live) tell(StatusCode::live, {}, cursor_);
  return Step::rest;
}

NativeTask::Step NativeFeed::send_frames(Bytes frames, Seq last) {
  for (ByteView rest = frames; !rest.empty();) {
    const std::optional<LogRecord> record = first_record(rest);
    if (!record) {
      session_.fail(ErrorCode::kCorrupt, "stored record");
      return Step::rest;
    }
    note(*record);
    rest = rest.subspan(record->frame.size());
  }
  sent_ = last;
  session_.connection().send(SharedBytes::adopt(std::move(frames)));
  return Step::again;
}

// Versions go on in a new feed epoch, but for that of a feed that was erased (spec §1.4).
void NativeFeed::note(const LogRecord& record) {
  if (record.feed_epoch != cursor_.epoch && !record.follows_batch) cursor_.version = Version(0);
  cursor_.epoch = record.feed_epoch;
  if (record.is_batch()) cursor_.version = record.last_version();
}

void NativeFeed::on_record(LiveRecord& live) {
  const LogRecord& record = live.record();
  if (record.seq <= sent_) return;  // was published when the place was found, and is walked over only now
  if (state_ == State::waiting) {
    fanout_.detach(feed_, *this);
    state_ = State::finding;
    return session_.want(*this);
  }
  if (!session_.connection().has_room()) {
    fanout_.detach(feed_, *this);
    return fall_behind(State::catching_up, Seq(record.seq.value - 1));
  }
  note(record);
  session_.connection().send(live.native());
  ++session_.context().stats.records_delivered;
}

void NativeFeed::on_left_behind(Seq sent) {
  fall_behind(state_ == State::waiting ? State::finding : State::catching_up, std::max(sent, sent_));
}

void NativeFeed::on_history_replaced() { fall_behind(State::finding, Seq(0)); }

void NativeFeed::fall_behind(State state, Seq sent) {
  state_ = state;
  sent_ = sent;
  ++session_.context().stats.fell_behind_total;
  session_.want(*this);
}

void NativeFeed::withhold() { tell(StatusCode::withheld, {}, {}); }

void NativeFeed::tell(StatusCode code, const FeedCursor& floor, const FeedCursor& head, Bytes snapshot) {
  told_ = code;
  Status status;
  status.feed = feed_;
  status.code = code;
  status.floor_epoch = floor.epoch.value;
  status.floor_position = floor.version.value;
  status.head_epoch = head.epoch.value;
  status.head_position = head.version.value;
  status.snapshot = std::move(snapshot);
  if (code == StatusCode::not_held) status.owners = session_.who_may_hold();
  if (code == StatusCode::withheld) status.text = session_.context().facts->abuse_contact;
  session_.send(status);
}

}  // namespace xylem
