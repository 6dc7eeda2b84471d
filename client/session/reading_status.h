// What a reader of a feed tells of how it goes: each change once, each piece of news once, and since when the origin is
// silent. Silence is only told where something newer would have been heard: on a live line, after the time in which a
// beacon must have come.
#pragma once

#include "client/session/feed_event.h"
#include "proto/mono_time.h"

namespace xylem {

// A reader on an idle bucket gets a beacon each 15 s, which its server got within 10 s: this is twice that and more.
inline constexpr auto kOriginSilentAfter = 60s;

// Both clocks of one moment: the loop's, and the calendar's (which only ever serves to say how old something is).
struct Moment {
  MonoTime mono;
  Timestamp utc;
};

class ReadingStatus {
 public:
  explicit ReadingStatus(FeedListener& listener) : listener_(listener) {}

  const FeedStatus& get() const { return status_; }
  bool live() const { return status_.state == FeedState::live; }

  // A state with the error that explains it; the same again says nothing.
  void enter(FeedState state, std::optional<Error> error = {});
  // News come with the status that publish() tells next; earlier ones are told before.
  void tell(FeedNews news, Error error);
  void use_server(const HostPort& server);
  void use_node(const std::string& node_name, MonoTime now);
  void note_head(Version newest) { status_.fresh.newest = std::max(status_.fresh.newest, newest); }
  void note_signed_time(Timestamp time);
  void note_beacon(Timestamp time);
  void set_position(const FeedCursor& position) { status_.position = position; }

  // When the origin will count as silent, if nothing is heard; kNever when it does already or cannot be told.
  MonoTime silent_at(Moment now) const;
  void update_silence(Moment now);
  // Tells the listener, if there is something to tell.
  void publish();

 private:
  MonoTime old_from(Moment now) const;

  FeedListener& listener_;
  FeedStatus status_;
  bool untold_ = false;
  MonoTime connected_at_{};    // to the server in use
  bool heard_beacon_ = false;  // from it
};

}  // namespace xylem
