// What is seen in a drill, by whoever judges it (witness.h). Nodes tell it as it happens; views live for the call.
#pragma once

#include <string_view>

#include "client/session/feed_event.h"
#include "client/session/reading_status.h"
#include "origin/sequence/sequencer.h"

namespace xylem {

class DrillObserver {
 public:
  // The site is about to post this as its feed's next event: it has no other writer.
  virtual void on_post(FeedId feed, const NewEvent& event) = 0;
  // The site was told that its newest events have these versions.
  virtual void on_accepted(FeedId feed, Version first, Version last) = 0;
  // An origin shows a record; after each of its starts all of them again, then `on_origin_started`.
  virtual void on_origin_record(Bucket bucket, Seq seq, ByteView frame) = 0;
  virtual void on_origin_started(Bucket bucket, Seq head) = 0;
  // A relay shows a record; after each of its starts all of them again.
  virtual void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) = 0;
  // A reader begins behind this version; then every event that it is given.
  virtual void on_reading(std::string_view reader, FeedId feed, Version behind) = 0;
  virtual void on_event(std::string_view reader, const FeedEvent& event) = 0;
  // A reader gave up, though it was to follow for ever.
  virtual void on_given_up(std::string_view reader, const Error& error) = 0;

 protected:
  ~DrillObserver() = default;
};

}  // namespace xylem
