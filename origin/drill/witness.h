// Judges a drill: knows what the site posted and what the origins signed, and compares everything that anyone shows or
// is given with it. The first violation is kept; nothing is believed after it.
//
//   reader    each event is the next version (none is lost, doubled or out of order), with the bytes that were posted
//   relay     each record is, byte for byte, the origin's for that bucket and seq
//   origin    no place is ever shown with two contents, none that was shown is lost; versions are given in order
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "origin/drill/drill_observer.h"

namespace xylem {

class Witness final : public DrillObserver {
 public:
  void on_post(FeedId feed, const NewEvent& event) override;
  void on_accepted(FeedId feed, Version first, Version last) override;
  void on_origin_record(Bucket bucket, Seq seq, ByteView frame) override;
  void on_origin_started(Bucket bucket, Seq head) override;
  void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) override;
  void on_reading(std::string_view reader, FeedId feed, Version behind) override;
  void on_event(std::string_view reader, const FeedEvent& event) override;
  void on_given_up(std::string_view reader, const Error& error) override;

  const std::optional<std::string>& violation() const { return violation_; }

  // What everyone must have in the end.
  Version posted(FeedId feed) const;
  Version read(std::string_view reader) const;
  // A bucket's records from a seq on, one after another.
  Bytes records_from(Bucket bucket, Seq first) const;

  struct Counts {
    std::uint64_t events_posted = 0, records_signed = 0, events_read = 0, records_relayed = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Reading {
    FeedId feed;
    Version last;
  };
  void violate(std::string text);

  std::map<FeedId, std::vector<NewEvent>> posted_;
  std::map<FeedId, Version> accepted_;
  std::map<Bucket, std::vector<Bytes>> records_;  // by seq, from 1
  std::map<std::string, Reading, std::less<>> readings_;
  Counts counts_;
  std::optional<std::string> violation_;
};

}  // namespace xylem
