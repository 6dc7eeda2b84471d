// The parts of one comment that thread_text and change_text share: the line that says who, how good, how old; and the
// lines of its text.
#pragma once

#include <string>

#include "client/view/comments.h"
#include "client/view/message_lines.h"
#include "client/view/thread_text.h"

namespace xylem {

inline constexpr int kWidthMin = 40;         // a narrower terminal counts as this
inline constexpr int kTextColumnsMax = 100;  // longer lines are hard to read
inline constexpr int kNameColumnsMax = 28;

// "ann", "[deleted]", "[removed]", "[missing]"; safe, one line.
std::string display_name(const Comment& comment, int columns_max, bool unicode);
std::string points_text(std::int64_t score, bool unicode);  // "1 point", "−9 points", "12.3k points"

// Without a line end; of at most `columns`, where those are 26 or more. `answers` adds whom it answers: where the tree
// does not show it.
void append_headline(std::string& out, const Comments& comments, Comments::Index index, bool answers, int columns,
                     const ThreadTextOptions& options);
void append_message_line(std::string& out, const MessageLine& line, bool colour);

}  // namespace xylem
