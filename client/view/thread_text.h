// A thread for the terminal: headline and post, then the tree of comments with guides, wrapped to the terminal's width.
// Pure: state in, text out; whether to colour (NO_COLOR, no terminal) and how wide the terminal is, the caller knows.
// Strangers' text never reaches the result raw (text_cells.h).
//
//   ann · 347 points · 5h
//   │ What they said, wrapped.
//   │
//   ├─ bob · 12 points · 4h · edited
//   │  A reply.
//   │
//   └─ [deleted] · 3 points · 4h
//      │
//      └─ cat → [deleted] · …        beyond the deepest level that fits: same level, and whom it answers
#pragma once

#include <string>

#include "client/view/comment_order.h"
#include "client/view/comments.h"

namespace xylem {

struct ThreadTextOptions {
  int width = 80;  // of the terminal in columns; below 40 counts as 40. Text takes at most 100
  bool colour = false;
  bool unicode = true;  // the terminal shows UTF-8
  CommentSort sort = CommentSort::kBest;
  Timestamp now;  // ages count from here
};

std::string thread_text(const Comments& comments, const ThreadTextOptions& options);

// One change as it happens, for a reader who follows: a new or edited comment with whom it answers; one line for a vote
// ("ann: 12 points") and for a deletion. Empty for a change that is not visible.
std::string change_text(const Comments& comments, const Comments::Change& change, const ThreadTextOptions& options);

}  // namespace xylem
