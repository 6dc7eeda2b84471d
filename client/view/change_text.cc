// The second function of thread_text.h.
#include <algorithm>

#include "client/view/comment_text.h"
#include "client/view/ink.h"
#include "client/view/text_cells.h"
#include "client/view/thread_text.h"

namespace xylem {
namespace {

void append_message(std::string& out, const Comment& comment, const ThreadTextOptions& options) {
  const int columns = std::min(std::max(options.width, kWidthMin) - 2, kTextColumnsMax);
  for (const MessageLine& line : message_lines(comment.message, columns, options.unicode)) {
    if (!line.text.empty()) out += "  ";
    append_message_line(out, line, options.colour);
    out += '\n';
  }
}

// "ann: 12 points"
std::string vote_line(const Comment& comment, bool unicode) {
  return display_name(comment, kNameColumnsMax, unicode) + ": " + points_text(comment.votes.score(), unicode);
}

// "a reply to bob was deleted"; whose it was is no longer known.
std::string deletion_line(const Comments& comments, const Comment& comment, bool unicode) {
  std::string line = comment.id.is_post() ? "the post" : comment.parent == 0 ? "a comment" : "a reply to ";
  if (comment.parent != 0) line += display_name(comments.at(comment.parent), kNameColumnsMax, unicode);
  return line + (comment.state == Comment::State::kRemoved ? " was removed" : " was deleted");
}

}  // namespace

std::string change_text(const Comments& comments, const Comments::Change& change, const ThreadTextOptions& options) {
  if (!change.visible()) return {};
  const Comment& comment = comments.at(change.index);
  std::string out;
  if (change.effect == Comments::Effect::kVoted) {
    paint(out, Ink::kFaint, vote_line(comment, options.unicode), options.colour);
  } else if (change.effect == Comments::Effect::kDeleted) {
    paint(out, Ink::kFaint, deletion_line(comments, comment, options.unicode), options.colour);
  } else {
    const int columns = std::max(options.width, kWidthMin);
    append_headline(out, comments, change.index, comment.parent != 0, columns, options);
    out += '\n';
    append_message(out, comment, options);
  }
  return out += '\n';
}

}  // namespace xylem
