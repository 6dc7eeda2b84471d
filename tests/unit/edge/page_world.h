// A relay that holds a feed, to be read over HTTP.
#pragma once

#include <string>

#include "tests/unit/edge/web_reader.h"

namespace xylem {

inline const std::string kPath = "/v1/stream/31337";

struct PageWorld : Serving {
  explicit PageWorld(const BucketLogOptions& options = {}) : Serving(options) {}

  // open, then versions 1…5 in two batches.
  void make_history() {
    five.maker.open(kFeed);
    five.maker.batch_of(kFeed, {R"({"n":1})", R"({"n":2})"});
    five.maker.batch(kOtherFeed);
    five.maker.batch_of(kFeed, {R"({"n":3})", R"({"n":4})", R"({"n":5})"});
    five.publish();
  }
  void open_as(FeedId feed, const std::string& content_type) {
    OpenNotice open;
    open.content_type = content_type;
    five.maker.notice(feed, open);
  }
  void start() { Serving::start(make_http_session); }
};

}  // namespace xylem
