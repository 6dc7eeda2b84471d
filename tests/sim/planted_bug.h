// Stands between the nodes of a drill and its witness, and makes one mistake: what a broken core would have done.
#pragma once

#include <deque>

#include "origin/drill/witness.h"

namespace xylem {

class PlantedBug : public DrillObserver {
 public:
  explicit PlantedBug(Witness& witness) : witness_(witness) {}
  virtual ~PlantedBug() = default;

  void on_post(FeedId feed, const NewEvent& event) override { witness_.on_post(feed, event); }
  void on_accepted(FeedId feed, Version first, Version last) override { witness_.on_accepted(feed, first, last); }
  void on_origin_record(Bucket bucket, Seq seq, ByteView frame) override {
    witness_.on_origin_record(bucket, seq, frame);
  }
  void on_origin_started(Bucket bucket, Seq head) override { witness_.on_origin_started(bucket, head); }
  void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) override {
    witness_.on_relay_record(relay, bucket, seq, frame);
  }
  void on_reading(std::string_view reader, FeedId feed, Version behind) override {
    witness_.on_reading(reader, feed, behind);
  }
  void on_event(std::string_view reader, const FeedEvent& event) override { witness_.on_event(reader, event); }
  void on_given_up(std::string_view reader, const Error& error) override { witness_.on_given_up(reader, error); }

 protected:
  // True once, at the nth time.
  bool strikes(std::uint64_t nth = 100) { return ++times_ == nth; }
  Witness& witness_;

 private:
  std::uint64_t times_ = 0;
};

// An event as it can be kept: its views live for the call only.
struct KeptEvent {
  explicit KeptEvent(const FeedEvent& original)
      : event(original), kind(original.kind), details(original.details.begin(), original.details.end()) {
    event.kind = kind;
    event.details = details;
  }
  KeptEvent(const KeptEvent&) = delete;
  KeptEvent& operator=(const KeptEvent&) = delete;

  FeedEvent event;
  std::string kind;
  Bytes details;
};

}  // namespace xylem
