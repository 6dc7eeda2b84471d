// A feed's events as text: what stands in an HTTP body.
//
//   application/json   [details,details,null,…]                a removed event reads null, so that positions hold
//   other types        the details, one after another          a removed event is nothing
//   shape=event        {"feed":"31337","epoch":…,"version":18,"time":"…","origin_time":"…","kind":"…","details":…}\n
//                      details: as posted in a JSON feed; else text, or "details_base64" where they are not UTF-8
#pragma once

#include <cstdint>
#include <string>

#include "proto/record.h"

namespace xylem {

enum class EventForm : std::uint8_t { json_array, raw, json_lines, json_lines_of_other };

class EventText {
 public:
  EventText(EventForm form, FeedId feed, FeedEpoch epoch);

  // One event of the record with this header; nothing in `item` where it was removed.
  void append(std::string& out, const RecordHeader& header, Version version, const BatchItem& item);
  // What stands before the first and after the last one.
  std::string_view head() const { return form_ == EventForm::json_array ? "[" : ""; }
  std::string_view tail() const { return form_ == EventForm::json_array ? "]" : ""; }

 private:
  void append_line(std::string& out, const RecordHeader& header, Version version, const BatchItem& item) const;

  const EventForm form_;
  const std::string line_start_;
  bool first_ = true;
};

}  // namespace xylem
