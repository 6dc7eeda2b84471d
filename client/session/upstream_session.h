// A child's end of the native protocol (spec §7): handshake, subscriptions, verification, FETCH, liveness. A core:
// bytes and time go in, verified records and bytes to send come out.
//
//   greeting ── WELCOME proves what it must ──> preparing ── manifest held, all BUCKETS told ──> ready
//        └──────────────────────────┴───────── a breach, silence, the end ──────────────────────────┴──> failed
//
// Complete RECORD frames of one bucket or feed that arrive in one on_bytes() are one group and cost one signature.
// Records that name a redaction which is not held are kept back, with all that follows them, until it was fetched and
// verified.
//
// Memory, whatever the peer sends: one incomplete frame (256 KiB), kHeldBackBytesMax, kFetchesInFlightMax answers of at
// most kFetchBytesMax, a few hundred bytes a subscription. A peer that breaks a rule is told so and dropped.
//
// It does not dial, does not choose servers, stores nothing and never tries again: FeedReader does, for a reader.
#pragma once

#include "client/session/fetch_table.h"
#include "client/session/handshake.h"
#include "client/session/liveness.h"
#include "client/session/subscriptions.h"

namespace xylem {

// After WELCOME: until the manifest and all BUCKETS are there.
inline constexpr auto kReadyTimeout = 30s;

class UpstreamSession {
 public:
  // Made when the connection stands. `trust`, `redactions` and `listener` must outlive it; a program's sessions share
  // the first two. The nonce must be fresh.
  UpstreamSession(Trust& trust, RedactionBook& redactions, UpstreamOptions options, const Nonce& nonce,
                  UpstreamListener& listener, MonoTime now);
  UpstreamSession(const UpstreamSession&) = delete;
  UpstreamSession& operator=(const UpstreamSession&) = delete;

  void on_bytes(ByteView bytes, MonoTime now);
  void on_closed(const Error& error);  // by the peer or the network; on_failed follows
  void on_deadline(MonoTime now);      // harmless when called early
  MonoTime deadline() const;           // kNever when failed
  // What must be sent, to be asked for after every other call.
  Bytes take_output(MonoTime now);

  bool ready() const { return state_ == State::ready; }
  bool failed() const { return state_ == State::failed; }
  const SessionFailure& failure() const { return failure_; }  // when failed
  const UpstreamPeer& peer() const { return peer_; }

  // At any time; SUBSCRIBE leaves when the session is ready. Subscribed again, it begins anew from the given position.
  // kUsage: buckets and feeds on one session; kTooMany: kSubscriptionsMax.
  Result<void> subscribe(Bucket bucket, const ChainPosition& from) { return subscriptions_.add(bucket, from); }
  Result<void> subscribe(FeedId feed, const FeedPosition& from, FeedMode mode = FeedMode::events) {
    return subscriptions_.add({feed, cursor_of(from), mode}, from);
  }
  // The same from the feed's start, whatever is held already: it was begun anew, or so the parent says. Only a signed
  // `open` of a newer feed epoch leads away from what is held.
  Result<void> subscribe_anew(FeedId feed, const FeedPosition& held) {
    return subscriptions_.add({feed, {}, FeedMode::events}, held);
  }
  void unsubscribe(Bucket bucket) { subscriptions_.remove(bucket); }
  void unsubscribe(FeedId feed) { subscriptions_.remove(feed); }
  // After the newest record that was handed on; nullptr when not subscribed.
  const ChainPosition* position(Bucket bucket) const;
  const FeedPosition* position(FeedId feed) const;

  // on_fetched() follows, with kTimeout when no answer comes. kTooMany: kFetchesQueuedMax wait already.
  Result<std::uint32_t> fetch(const FetchTarget& what) { return fetches_.add(what, FetchPurpose::owner); }
  // RECORD frames that were fetched for a subscribed feed: verified as if they had come by subscription. So a reader
  // gets what lies below the parent's floor; it then subscribes from the position it reached.
  void accept_fetched(FeedId feed, ByteView frames);
  // Records wait for a redaction or a manifest.
  bool holds_back() const { return subscriptions_.held_back_bytes() > 0; }
  void send_evidence(const Evidence& evidence);

 private:
  enum class State : std::uint8_t { greeting, preparing, ready, failed };

  void on_frame(const Envelope& frame);
  void on_control(const Envelope& frame);
  void on_welcome(const Welcome& welcome);
  void on_first_welcome(const Welcome& welcome);
  void on_buckets(const Buckets& buckets);
  void on_beacon(const Envelope& frame);
  void on_path(const Path& path);
  void on_blob(Blob blob);
  void on_error_frame(const ErrorFrame& error);
  void on_answer(FetchTable::Answer answer);
  void on_manifest(const Result<Bytes>& bytes);
  void on_redaction(const FetchTable::Answer& answer);
  void want_manifest(const Welcome& welcome);
  void become_ready();

  void send(const Bytes& bytes) { output_.insert(output_.end(), bytes.begin(), bytes.end()); }
  // Ends the session when the result is an error.
  bool must(const Result<void>& result);
  void break_off(const Error& error);  // the peer broke a rule: it is told
  void end(FailureCause cause, Error error);

  Trust& trust_;
  RedactionBook& redactions_;
  UpstreamListener& listener_;
  const UpstreamOptions options_;
  const Nonce nonce_;

  State state_ = State::greeting;
  SessionFailure failure_;
  UpstreamPeer peer_;
  Nonce peer_nonce_{};
  bool buckets_told_ = false;
  std::uint32_t manifest_request_ = 0;  // under way; 0 = none
  MonoTime now_;
  MonoTime prepare_by_;

  FrameSplitter splitter_;
  Bytes output_;
  Liveness liveness_;
  std::uint64_t ping_token_ = 0;
  FetchTable fetches_;
  Subscriptions subscriptions_;
  std::map<Bucket, Timestamp> beacon_times_;  // newest that was handed on
};

}  // namespace xylem
