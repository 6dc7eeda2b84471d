// Reads one feed from a cursor, through whatever servers of its bucket there are. A core: it says whom to dial and what
// to send, and is told what happened.
//
//   searching ─> connecting ⇄ catching_up ⇄ live ─> finished | failed
//
// Each event is delivered exactly once and in order, whatever servers come and go: another server is asked for what
// follows the last event delivered, nothing else. Only verified content is delivered, decompressed after its
// verification. A server that lies, stays silent or keeps back the newest part is left for another; at open and each
// minute a second server is asked for the feed's newest signed header. What one server has dropped is fetched through
// it from above. There is never a silent gap: what cannot be had is told, as an event without content, as news, or as
// the reader's end.
#pragma once

#include <set>

#include "client/session/feed_delivery.h"
#include "client/session/feed_event.h"
#include "client/session/head_check.h"
#include "client/session/reading_status.h"
#include "client/session/server_choice.h"
#include "client/session/upstream_line.h"

namespace xylem {

// How long a server may lag behind another one's signed header, or its own word.
inline constexpr auto kWithholdingGrace = 5s;
// When no server of the bucket answers, those one label up are asked after a random wait (spec §7).
inline constexpr auto kAskAboveMin = 5s;
inline constexpr auto kAskAboveMax = 60s;
// When no server of the bucket has what comes next any more, those one label up are asked at once, and count as having
// none either when they did not say so by then.
inline constexpr auto kAboveAnswerMax = 5s;

struct FeedReaderOptions {
  FeedId feed;
  FeedCursor from;  // {} = the start
  // Finish when everything was read that there is, or when this version was delivered. Otherwise it follows for ever.
  bool until_live = false;
  std::optional<Version> until_version;
  // Without progress for so long while not live: fail. Nothing: try for ever.
  std::optional<std::chrono::milliseconds> patience;
  // Where no server holds the versions after `from` any more: go on with the oldest there are, and tell. Else fail.
  bool skip_lost = false;
  bool check_servers = true;  // ask a second server for the newest header
  std::string agent;
};

// Who does for a FeedReader what a core cannot. It never calls the reader from inside one of these.
class FeedReaderShell {
 public:
  // on_connected() or on_closed() follows. All of the server's addresses are to be tried.
  virtual void dial(LineId line, const FoundServer& server) = 0;
  virtual void send(LineId line, Bytes bytes) = 0;
  // After what was sent. Nothing more is heard of the line.
  virtual void close(LineId line) = 0;
  // The feed's own servers do not answer, or lack what comes next: on_servers() with those one label up as well
  // follows, if there are any.
  virtual void find_servers_above() {}

 protected:
  ~FeedReaderShell() = default;
};

class FeedReader final : private UpstreamListener {
 public:
  // `trust`, `redactions`, `shell` and `listener` must outlive it; sessions of a program share the first two.
  FeedReader(Trust& trust, RedactionBook& redactions, FeedReaderOptions options, RandomBits random,
             FeedReaderShell& shell, FeedListener& listener, Moment now);
  FeedReader(const FeedReader&) = delete;
  FeedReader& operator=(const FeedReader&) = delete;

  // The bucket's servers: first, and again whenever DNS says something else. An error ends a reading that has an end,
  // when no server is known yet; others go on waiting.
  void on_servers(const Result<std::vector<FoundServer>>& servers, Moment now);
  void on_connected(LineId line, Moment now);
  void on_bytes(LineId line, ByteView bytes, Moment now);
  void on_closed(LineId line, const Error& error, Moment now);
  void on_deadline(Moment now);
  MonoTime deadline() const;
  // Closes its lines and falls silent; no status follows.
  void stop();

  const FeedStatus& status() const { return status_.get(); }
  bool over() const { return over_; }  // finished, failed or stopped

 private:
  // What is known to exist, and by whose word.
  struct KnownHead {
    FeedEpoch epoch;
    Version version;
    MonoTime since;
    std::optional<FeedHead> proof;  // a signed header; without one it is the word of the server in use
    std::optional<FoundServer> shown_by;
  };
  // Versions that the server in use has dropped, fetched through it; `told` is the STATUS that began it.
  struct Backfill {
    Status told;
    std::uint32_t request = 0;       // of a range, under way
    std::uint32_t head_request = 0;  // of the feed's notices
  };
  struct Leaving {
    FailureCause cause;
    Error error;
    FeedNews news;
  };
  struct Ending {
    FeedState state;
    std::optional<Error> error;
  };
  class Call;

  // What the session in use tells. Whatever would end it waits until settle().
  void on_ready(const UpstreamPeer& peer) override;
  void on_feed_records(FeedId feed, std::span<const RecordView> records) override;
  void on_status(const Status& status) override;
  void on_skipped(const Skipped& skipped) override;
  void on_beacon(const Beacon& beacon, ByteView frame) override;
  void on_fetched(std::uint32_t request, Result<Bytes> bytes) override;
  void on_goaway(const GoAway& goaway) override;

  // Where the server stands.
  void subscribe();
  void on_live(const Status& status);
  void on_epoch_changed(const Status& status);
  void on_refused(const Status& status, ErrorCode code);
  void on_withheld(std::span<const RecordView> records);
  void on_failure(const SessionFailure& failure);
  bool are_all_servers(const std::set<HostPort>& some) const;
  void begin_backfill(const Status& status);
  void fetch_more();
  void on_fetched_notices(const Result<Bytes>& frames);
  void skip_to_floor(const Status& status);
  void skip();

  // What other servers know.
  void begin_check();
  void on_head(const FeedHead& head, const FoundServer& server);
  void judge_known_head();
  bool is_ahead(const KnownHead& head) const;

  // Coming and going.
  void dial_next();
  void dial(const FoundServer& server);
  void leave(FailureCause cause, Error error, FeedNews news);
  void end(FeedState state, std::optional<Error> error = {}) { ending_ = Ending{state, std::move(error)}; }
  void settle();
  void settle_timers();
  void settle_check();
  void settle_end();
  void settle_line();
  void close_lines();
  void publish();

  bool has_end() const { return options_.until_live || options_.until_version; }
  std::string server_name() const { return line_->address().to_string(); }

  Trust& trust_;
  RedactionBook& redactions_;
  const FeedReaderOptions options_;
  RandomBits random_;
  FeedReaderShell& shell_;
  Moment now_;

  ServerChoice choice_;
  FeedDelivery delivery_;
  FeedPosition position_;  // verified and delivered up to here: where any server goes on
  ReadingStatus status_;

  LineId last_line_ = 0;
  std::optional<UpstreamLine> line_;
  HeadCheck check_;
  std::optional<Backfill> backfill_;
  bool asked_anew_ = false;                // on this line, after it spoke of a newer epoch
  std::optional<FeedCursor> skipping_to_;  // with the first record that shows it
  std::optional<KnownHead> known_head_;
  std::set<HostPort> refused_by_;   // servers that cannot serve the position
  std::set<HostPort> withheld_by_;  // servers that withhold the version below
  Version withheld_version_;
  std::optional<FoundServer> preferred_;  // to be dialled next

  std::optional<Leaving> leaving_;
  std::optional<Ending> ending_;
  bool stopped_ = false;
  bool over_ = false;
  int calls_ = 0;

  MonoTime progress_at_;
  MonoTime live_since_{};
  MonoTime dial_at_ = kNever;
  MonoTime leave_at_ = kNever;  // after a GOAWAY
  MonoTime check_at_ = kNever;
  MonoTime above_at_ = kNever;
  MonoTime too_old_at_ = kNever;  // from then on it is true that nobody has what comes next
};

}  // namespace xylem
