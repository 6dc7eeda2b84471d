// What a reader of a feed gets: its events, what the origin says about the feed itself, and how the reading goes.
// Everything but FeedStatus was verified before it got here. Views live for the call.
#pragma once

#include <optional>
#include <string>

#include "client/uv/host_port.h"
#include "proto/cursor.h"
#include "proto/record.h"

namespace xylem {

struct FeedEvent {
  FeedId feed;
  FeedEpoch epoch;
  Version version;        // 1, 2, 3, … without a gap
  Timestamp time;         // the event's own, as the site gave it; origin_time where it was removed or withheld
  Timestamp origin_time;  // when the origin signed it
  std::string_view kind;
  ByteView details;       // exactly as posted
  bool removed = false;   // taken out by a redaction: no kind, no details, but still a version
  bool withheld = false;  // no server that was asked gives it: as if removed
  FeedCursor cursor;      // reading from here goes on behind this event, at any server

  std::string_view text() const { return as_text(details); }
};

// A feed's notice: opened, closed, …
struct FeedNotice {
  FeedId feed;
  FeedEpoch epoch;
  Seq seq;
  Timestamp origin_time;
  Notice notice;
};

enum class FeedState : std::uint8_t {
  searching,    // no servers known yet
  connecting,   // dialling, or waiting for the next attempt (then `error` has the reason)
  catching_up,  // connected; history is coming
  live,         // everything the server holds has been delivered; new events come as they are signed
  finished,     // read as far as was asked for; the end
  failed,       // cannot go on; `error` has the reason; the end
};

// What has happened, beside the state. Told once, in the status that follows it.
enum class FeedNews : std::uint8_t {
  none,
  server_lost,      // the connection ended; goes on at another server, or later
  server_lied,      // it sent what does not prove itself; it is left alone for some time
  server_withheld,  // it kept back the newest part: another server has a newer signed header
  epoch_changed,    // the feed was begun anew: versions start again at 1, what was read before is history
  versions_lost,    // no server holds these versions any more; goes on behind them (skip_lost)
  origin_forked,    // the origin signed two records for one place
};

// How old what was read may be.
struct Freshness {
  std::optional<Timestamp> as_of;  // the newest time that the origin signed in this bucket, in a record or a beacon
  // Nothing was signed for kOriginSilentAfter: the origin, or the way to it, is down. What was read stays true.
  bool origin_silent = false;
  Version newest;  // the newest version known to exist, by the server's word or another's signed header
};

struct FeedStatus {
  FeedState state = FeedState::searching;
  FeedNews news = FeedNews::none;
  std::optional<HostPort> server;  // in use, or being dialled
  std::string node_name;           // its own word for its place, e.g. "5.4-6.1-6.distributed.example"
  FeedCursor position;             // behind the last event delivered
  Freshness fresh;
  std::optional<Error> error;  // why it does not go on, or what the news is about
};

// Who is told. May stop the reading from any of these; must not destroy the reader there.
class FeedListener {
 public:
  virtual void on_record(const RecordView&) {}  // each verified record as it was signed, before its events
  virtual void on_event(const FeedEvent&) {}
  virtual void on_notice(const FeedNotice&) {}
  virtual void on_status(const FeedStatus&) {}

 protected:
  ~FeedListener() = default;
};

std::string_view to_string(FeedState state);
std::string_view to_string(FeedNews news);

}  // namespace xylem
