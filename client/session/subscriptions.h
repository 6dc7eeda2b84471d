// The records' half of a session: sorts what arrives by subscription, verifies each group, keeps back what must wait,
// and hands on what is proven. The other half, UpstreamSession, has the connection.
//
//   add_record … → group ── flush() ─> chain ─> listener
//                             └ redactions missing: held back, with all that follows, until they are in the book
//
// Every error returned means that the connection must end. Views in the arguments must live until flush().
#pragma once

#include <map>

#include "client/session/record_stream.h"
#include "client/session/redaction_book.h"
#include "client/session/upstream_listener.h"

namespace xylem {

// Frames that wait, in all subscriptions of a session together. Beyond it: kTooMany.
inline constexpr std::size_t kHeldBackBytesMax = 16 * kMiB;
inline constexpr std::size_t kSubscriptionsMax = 65'536;

class Subscriptions {
 public:
  Subscriptions(const Trust& trust, RedactionBook& redactions, UpstreamListener& listener);

  // What is there already begins anew. kUsage: buckets and feeds on one session; kTooMany.
  Result<void> add(Bucket bucket, const ChainPosition& from);
  Result<void> add(const FeedSubscription& asked, const FeedPosition& from);
  void remove(const StreamKey& key);
  const RecordStream* find(const StreamKey& key) const;
  // UNSUBSCRIBE, PING and SUBSCRIBE frames for what was added and removed since the last call.
  Bytes take_requests();
  void on_pong(std::uint64_t token);

  Result<void> add_record(const Envelope& frame);
  Result<void> add_status(const Status& status, const Envelope& frame);
  Result<void> add_skipped(const Skipped& skipped, const Envelope& frame);
  // Verifies and hands on what was collected.
  Result<void> flush();
  // Records below a parent's floor, fetched for a subscribed feed; passed over when it is not.
  Result<void> add_fetched(FeedId feed, ByteView frames);

  // While a manifest is on its way everything is held back.
  Result<void> hold(bool on);
  // Redactions to fetch, each once; on_redaction() says that one is in the book.
  std::vector<std::pair<Bucket, Seq>> take_missing();
  Result<void> on_redaction(Bucket bucket, Seq seq);

  std::size_t held_back_bytes() const { return held_back_bytes_; }

 private:
  class Call;

  Result<void> admit(const StreamKey& key);
  void announce(const StreamKey& key);
  Bucket bucket_of(const StreamKey& key) const;
  RecordStream* stream_of(const StreamKey& key);
  RecordStream* stream_of(const RecordHeader& header);
  bool waits(const RecordStream& stream) const { return hold_ || !stream.missing.empty(); }

  Result<void> collect(RecordStream& stream, const RecordView& record);
  Result<void> verify(RecordStream& stream);
  Result<void> keep_until_known(RecordStream& stream, std::span<const RecordView> records, const Rejected& rejected);
  Result<void> note_redactions(Bucket bucket, std::span<const RecordView> records);
  void hand_on(const RecordStream& stream, std::span<const RecordView> records);
  // True: all of the stream before `frame` was handed on. False: the frame waits as well.
  Result<bool> is_turn_of(RecordStream& stream, const Envelope& frame);
  Result<void> hold_back(RecordStream& stream, ByteView frame);
  Result<void> resume(RecordStream& stream);
  Result<void> replay_frame(RecordStream& stream, const Envelope& frame);

  const Trust& trust_;
  RedactionBook& redactions_;
  UpstreamListener& listener_;

  std::map<StreamKey, RecordStream> streams_;
  std::vector<RecordStream*> collected_;  // those with a group
  bool hold_ = false;
  std::size_t held_back_bytes_ = 0;
  std::vector<std::pair<Bucket, Seq>> missing_;

  // Towards the parent. What was unsubscribed may be arriving still, until the PONG of the PING that was sent behind.
  std::set<StreamKey> to_announce_, to_retract_;
  std::map<StreamKey, std::uint64_t> retired_;
  std::uint64_t next_fence_ = kFenceBit;
  static constexpr std::uint64_t kFenceBit = std::uint64_t{1} << 63;  // no other PING has it

  int calls_ = 0;  // under way; removed streams live until there is none
  std::vector<std::map<StreamKey, RecordStream>::node_type> removed_;
};

}  // namespace xylem
