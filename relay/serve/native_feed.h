// A feed that a native peer is subscribed to:
//
//   finding ── place ──> catching up ── has reached the loop's seq ──> live
//      │ │                   ▲  └── retention passed ──> finding          │
//      │ └── nothing yet ──> waiting ── record ──> finding               │
//      └── refused: ended    └─────────── socket is full ────────────────┘
//
// While live it hands over what the fan-out walks over; else it is a place in the log and costs nothing.
#pragma once

#include <optional>

#include "relay/serve/fanout.h"
#include "relay/serve/feed_place.h"
#include "relay/serve/native_task.h"

namespace xylem {

class NativeSession;

class NativeFeed final : public LiveFeedListener, public NativeTask {
 public:
  NativeFeed(NativeSession& session, BucketFanout& fanout, const FeedSubscription& subscription);
  ~NativeFeed() override;
  NativeFeed(const NativeFeed&) = delete;
  NativeFeed& operator=(const NativeFeed&) = delete;

  FeedId feed() const { return feed_; }
  Bucket bucket() const { return fanout_.bucket(); }
  void withhold();  // the feed was denied: says so; the session ends the subscription

  Step step() override;
  void finish() override;
  void on_record(LiveRecord& record) override;
  void on_left_behind(Seq sent) override;
  void on_history_replaced() override;

 private:
  enum class State : std::uint8_t { finding, catching_up, live, waiting };

  Step find();
  Step catch_up();
  Step refuse(const FeedRefusal& refusal);
  Step start_from(const FeedPlace& place);
  Step send_frames(Bytes frames, Seq last);
  void note(const LogRecord& record);
  void fall_behind(State state, Seq sent);
  void tell(StatusCode code, const FeedCursor& floor, const FeedCursor& head, Bytes snapshot = {});

  NativeSession& session_;
  BucketFanout& fanout_;
  const FeedId feed_;
  FeedCursor cursor_;  // epoch and version that were sent last
  Seq sent_;           // all of the feed up to here was sent
  std::uint64_t history_ = 0;
  State state_ = State::finding;
  const FeedMode mode_;
  std::optional<StatusCode> told_;
};

}  // namespace xylem
