// A whole thread as one JSON object, for scripts: `xylem thread --json`. Its members are stable and stand in
// docs/views.md. One comment a line, in reading order. Nothing in it can steer a terminal (json_text.h).
#pragma once

#include <string>
#include <string_view>

#include "client/view/comment_order.h"
#include "client/view/comments.h"

namespace xylem {

struct ThreadJsonOptions {
  std::string_view feed;                // as text: "31337"
  std::string_view freshness = "null";  // a JSON value of the caller's
  CommentSort sort = CommentSort::kBest;
};

std::string thread_json(const Comments& comments, const ThreadJsonOptions& options);

}  // namespace xylem
