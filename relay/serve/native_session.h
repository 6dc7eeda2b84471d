// The parent's end of the native protocol (spec §7):
//
//   HELLO ─> WELCOME, BUCKETS…, PATH, beacons (of relays) ── PROVE ─> relay, else reader ── SUBSCRIBE, FETCH, PING …
//
// What takes time or room (greeting, catching up, answers to FETCH) are tasks that take turns, one unit each, whenever
// everything sent before has left. Live records do not pass here: feeds and buckets attached to the fan-out send them.
// A peer that breaks a rule is sent ERROR and closed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>

#include "proto/frames.h"
#include "relay/serve/connection.h"
#include "relay/serve/fetch_answer.h"
#include "relay/serve/frame_rate.h"
#include "relay/serve/greeting.h"
#include "relay/serve/native_bucket.h"
#include "relay/serve/native_feed.h"
#include "relay/serve/native_task.h"

namespace xylem {

class NativeSession final : public ServeSession, public ListNode<BeaconLinkTag> {
 public:
  explicit NativeSession(ServeConnection& connection);
  ~NativeSession() override;

  void on_bytes(ByteView bytes) override;
  void on_end() override;
  bool work() override;
  void on_timer() override;
  void on_facts(const FactsChange& change) override;
  void on_beacon(const SharedBytes& frame) { connection_.send(frame); }

  // --- for its tasks ---
  ServeConnection& connection() { return connection_; }
  ServeContext& context() { return connection_.context(); }
  bool is_relay() const { return standing_ == Standing::relay; }
  void send(const ControlFrame& frame) { connection_.send(SharedBytes::adopt(encode(frame))); }
  void want(NativeTask& task);
  // Bytes of memory that may still be sent in this go; a little remains for the last task, so that there are no crumbs.
  std::size_t unit_left() const;
  // The session's one read of files; its tasks wait meanwhile. `done` takes the task on and says how it goes on.
  void read(NativeTask& task, std::vector<ColdRun> runs, std::function<NativeTask::Step(Bytes)> done);
  void forget(NativeTask& task);  // the task dies
  void drop(FeedId feed) { feeds_.erase(feed); }
  void drop(Bucket bucket) { buckets_.erase(bucket); }
  void drop(const FetchAnswer& answer);
  std::vector<std::string> who_may_hold() const;
  void fail(ErrorCode code, std::string text = {});

 private:
  // What a peer may do. `unproven`: said that it is a relay, and may still show it.
  enum class Standing : std::uint8_t { stranger, unproven, reader, relay };
  void on_frame(const Envelope& envelope);
  void handle(const Hello& hello);
  void handle(const Prove& prove);
  void handle(const Have& have);
  void handle(const Subscribe& subscribe);
  void handle(const Unsubscribe& unsubscribe);
  void handle(const Ping& ping);
  void handle(const Pong&) {}
  void handle(const Fetch& fetch);
  void handle(const Evidence& evidence);
  void handle(const ErrorFrame&) { connection_.close(); }
  template <typename Frame>
  void handle(const Frame&);  // what only a parent sends

  std::optional<Error> refusal_of(const Hello& hello) const;
  void set_standing(Standing standing);
  bool admit();  // as what it has shown to be; false: it was refused
  void go_away(ErrorCode reason);
  void subscribe(const FeedSubscription& subscription);
  void subscribe(const BucketCursor& cursor);
  bool room_for_subscription();
  void after_step(NativeTask& task, NativeTask::Step step);
  void send_idle_beacons();
  void set_timer();

  ServeConnection& connection_;
  FrameSplitter splitter_;
  FrameRate rate_;
  MonoTime last_received_;
  Standing standing_ = Standing::stranger;
  Nonce nonce_{};  // ours, in WELCOME
  RelayId relay_;  // as the peer said, and once it is a relay, as it has shown
  std::unordered_map<FeedId, NativeFeed> feeds_;
  std::map<Bucket, NativeBucket> buckets_;
  std::unique_ptr<Greeting> greeting_;  // goes before everything else
  std::vector<std::unique_ptr<FetchAnswer>> fetches_;
  IntrusiveList<NativeTask, TaskTag> queue_;  // those that can go on
  std::size_t unit_end_ = 0;                  // backlog at which the unit that is being sent is full
  std::unique_ptr<ColdRead> read_;
  NativeTask* reading_ = nullptr;
};

}  // namespace xylem
