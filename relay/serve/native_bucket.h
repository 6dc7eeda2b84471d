// A bucket that a native peer is subscribed to as a whole: a child relay, mostly. The same life as a feed's
// (native_feed.h), but its records lie next to each other: live they leave as one stretch for all children, behind they
// are copied from memory or go from the file to the socket.
#pragma once

#include <optional>

#include "relay/serve/bucket_place.h"
#include "relay/serve/fanout.h"
#include "relay/serve/native_task.h"

namespace xylem {

class NativeSession;

class NativeBucket final : public LiveBucketListener, public NativeTask {
 public:
  NativeBucket(NativeSession& session, BucketFanout& fanout, const BucketCursor& cursor);
  ~NativeBucket() override;
  NativeBucket(const NativeBucket&) = delete;
  NativeBucket& operator=(const NativeBucket&) = delete;

  Step step() override;
  void finish() override;
  void on_run(LiveRun& run) override;
  void on_left_behind(Seq sent) override;
  void on_history_replaced() override;

 private:
  enum class State : std::uint8_t { finding, catching_up, live, waiting };

  Step find();
  Step catch_up();
  Step send_cold(const LogReader& reader);
  Step send_records(ByteView records, Seq last);
  void fall_behind(State state, Seq sent);
  void tell(StatusCode code);

  NativeSession& session_;
  BucketFanout& fanout_;
  const BucketCursor cursor_;
  Seq sent_;  // all up to here was sent
  std::uint64_t history_ = 0;
  State state_ = State::finding;
  std::optional<StatusCode> told_;
};

}  // namespace xylem
