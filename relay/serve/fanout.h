// One loop's reader of one bucket: walks from where it stands to the published head once per wake, and hands each
// record to those attached to its feed, and each stretch of records to those attached to the whole bucket.
//
//   position: all records up to it were walked. Attach only who holds, or has been sent, everything up to it.
//
// Who falls behind, or finds that history was replaced, detaches and becomes a place in the log (feed_place.h).
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "client/uv/shared_bytes.h"
#include "relay/log/bucket_log.h"
#include "relay/serve/intrusive_list.h"
#include "relay/serve/log_record.h"

namespace xylem {

// A record during a walk. Its encoded forms are made when first asked for, once per loop.
class LiveRecord {
 public:
  explicit LiveRecord(const LogRecord& record) : record_(record) {}
  const LogRecord& record() const { return record_; }  // views live for the call
  const SharedBytes& native();

 private:
  const LogRecord& record_;
  SharedBytes native_;
};

// Records [first, last] of a bucket during a walk, as children are sent them: those of denied feeds withheld.
class LiveRun {
 public:
  LiveRun(const HotRun& run, const std::vector<FeedId>& denied) : run_(run), denied_(denied) {}
  Seq first() const { return run_.first; }
  Seq last() const { return run_.last; }
  const SharedBytes& native();

 private:
  const HotRun& run_;
  const std::vector<FeedId>& denied_;
  SharedBytes native_;
};

struct AttachedTag;

// May detach itself inside its calls, but must not destroy other listeners there.
class LiveFeedListener : public ListNode<AttachedTag> {
 public:
  virtual void on_record(LiveRecord& record) = 0;
  // What was attached no longer is. The log went on without this loop: everything up to `sent` was handed over.
  virtual void on_left_behind(Seq sent) = 0;
  // What was attached no longer is. The bucket has another history now.
  virtual void on_history_replaced() = 0;

 protected:
  ~LiveFeedListener() = default;
};

class LiveBucketListener : public ListNode<AttachedTag> {
 public:
  virtual void on_run(LiveRun& run) = 0;
  virtual void on_left_behind(Seq sent) = 0;
  virtual void on_history_replaced() = 0;

 protected:
  ~LiveBucketListener() = default;
};

class BucketFanout {
 public:
  // `hash_seed` is random: nobody may choose feeds that collide. While views may be held, the fan-out stands in
  // `in_use`, until quiescent().
  BucketFanout(BucketLog& log, std::uint64_t hash_seed, std::vector<BucketFanout*>& in_use);
  ~BucketFanout();

  Bucket bucket() const { return bucket_; }
  Seq position() const { return position_; }
  // The log's window. When its history was replaced meanwhile, those attached are told first.
  LogWindow window();
  // For a place in the history of the last window().
  const LogReader& reader();
  // Ends the views that were taken from reader().
  void quiescent() {
    reader_.quiescent();
    used_ = false;
  }

  void attach(FeedId feed, LiveFeedListener& listener);
  void detach(FeedId feed, LiveFeedListener& listener);
  void attach(LiveBucketListener& listener) { bucket_listeners_.push_back(listener); }

  // Up to the published head, or until about `bytes_max` were walked; gives the number of records. Call again while
  // position() is not the head.
  std::uint64_t walk(std::size_t bytes_max);
  bool at_head() { return window().head <= position_; }

  // Feeds of this bucket that are not served, ascending.
  const std::vector<FeedId>& denied() const { return denied_; }
  void set_denied(std::vector<FeedId> denied) { denied_ = std::move(denied); }
  // As a frame; empty without one.
  const SharedBytes& beacon() const { return beacon_; }
  void set_beacon(SharedBytes frame) { beacon_ = std::move(frame); }

 private:
  struct FeedHash {
    std::uint64_t seed;
    std::size_t operator()(FeedId feed) const;
  };
  using Listeners = IntrusiveList<LiveFeedListener, AttachedTag>;

  std::uint64_t walk_run(const HotRun& run);
  void jump_to(const LogWindow& window);

  LogReader reader_;
  const Bucket bucket_;
  Seq position_;
  std::uint64_t history_;
  bool used_ = false;
  std::vector<BucketFanout*>& in_use_;
  std::unordered_map<FeedId, Listeners, FeedHash> feeds_;
  const Listeners* walking_ = nullptr;
  IntrusiveList<LiveBucketListener, AttachedTag> bucket_listeners_;
  std::vector<FeedId> denied_;
  SharedBytes beacon_;
};

// Records as children are sent them: those of `denied` feeds (ascending) in the form `withheld`. kCorrupt when the
// bytes are not whole records.
Result<Bytes> withhold_denied(ByteView records, const std::vector<FeedId>& denied);

}  // namespace xylem
