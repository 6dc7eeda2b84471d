// Writes down what a reader of a feed is told, one line each.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "client/session/feed_event.h"

namespace xylem {

class HeardFeed final : public FeedListener {
 public:
  struct Event {
    FeedEpoch epoch;
    Version version;
    Timestamp time;
    std::string kind, text;
    FeedCursor cursor;
  };
  std::vector<std::string> lines;  // events by version, notices by name
  std::vector<Event> events;
  std::vector<FeedStatus> statuses;
  std::size_t records = 0;
  std::function<void(const FeedEvent&)> when_event;
  std::function<void(const FeedStatus&)> when_status;

  void on_record(const RecordView&) override { ++records; }
  void on_event(const FeedEvent& event) override {
    lines.push_back(
        fmt::format("{}{}{}", event.version.value, event.removed ? " removed" : "", event.withheld ? " withheld" : ""));
    events.push_back(
        {event.epoch, event.version, event.time, std::string(event.kind), std::string(event.text()), event.cursor});
    if (when_event) when_event(event);
  }
  void on_notice(const FeedNotice& notice) override {
    static constexpr std::array kNames = {"open", "close", "expire", "erase", "snapshot", "redaction"};
    lines.emplace_back(kNames.at(notice.notice.index()));
  }
  void on_status(const FeedStatus& status) override {
    statuses.push_back(status);
    if (when_status) when_status(status);
  }

  std::vector<std::string> take() { return std::exchange(lines, {}); }
  // The news told so far, in order.
  std::vector<FeedNews> news() const {
    std::vector<FeedNews> out;
    for (const FeedStatus& status : statuses) {
      if (status.news != FeedNews::none) out.push_back(status.news);
    }
    return out;
  }
};

}  // namespace xylem
