#include "client/view/comment_text.h"

#include <algorithm>
#include <cstdlib>

#include "client/view/age_text.h"
#include "client/view/ink.h"
#include "client/view/text_cells.h"

namespace xylem {
namespace {

constexpr int kNameColumnsMin = 9;  // "[deleted]", "anonymous"

Ink name_ink(const Comments& comments, const Comment& comment) {
  if (comment.state != Comment::State::kShown) return Ink::kGone;
  const Comment& post = comments.post();
  const bool poster = post.state == Comment::State::kShown && !post.author.empty() && comment.author == post.author;
  return poster ? Ink::kPoster : Ink::kAuthor;
}

struct Headline {
  std::string name;
  std::string after_name;
  std::string points;
  std::string after_points;
};

// Where not everything fits, whom it answers goes first, then "edited", the age, the mark of the poster; names are cut
// to what is left.
Headline headline_of(const Comments& comments, Comments::Index index, bool answers, int columns,
                     const ThreadTextOptions& options) {
  const Comment& comment = comments.at(index);
  const bool unicode = options.unicode;
  const std::string dot = unicode ? " · " : " - ";
  if (comment.state == Comment::State::kMissing) return {display_name(comment, kNameColumnsMax, unicode), "", "", ""};

  const bool op = name_ink(comments, comment) == Ink::kPoster && index != 0;
  std::string mark = op ? " (OP)" : "";
  const std::string points = points_text(comment.votes.score(), unicode);
  std::string age = dot + age_text(comment.created, options.now);
  std::string edited = comment.edited && !comment.gone() ? dot + "edited" : "";
  std::string answered;
  if (answers) {
    answered = (unicode ? " → " : " > ") + display_name(comments.at(comment.parent), kNameColumnsMax / 2, unicode);
  }
  const auto left_for_name = [&] { return columns - columns_of(mark + answered + dot + points + age + edited); };
  const std::string full_name = display_name(comment, kNameColumnsMax, unicode);
  const int name_columns = std::min(columns_of(full_name), kNameColumnsMin);
  for (std::string* part : {&answered, &edited, &age, &mark}) {
    if (left_for_name() < name_columns) part->clear();
  }
  const int name_left = std::clamp(left_for_name(), name_columns, kNameColumnsMax);
  return {display_name(comment, name_left, unicode), mark + answered + dot, points, age + edited};
}

// Exact below 10 000, then "12.3k", "4.5M", …, rounded down.
std::string count_text(std::int64_t count) {
  if (count < 10'000) return std::to_string(count);
  std::int64_t unit = 1000;
  std::string_view sign = "kMGT";
  for (; sign.size() > 1 && count / unit >= 1000; unit *= 1000) sign.remove_prefix(1);
  return std::to_string(count / unit) + '.' + std::to_string(count % unit / (unit / 10)) + sign[0];
}

}  // namespace

std::string display_name(const Comment& comment, int columns_max, bool unicode) {
  switch (comment.state) {
    case Comment::State::kMissing:
      return "[missing]";
    case Comment::State::kDeleted:
      return "[deleted]";
    case Comment::State::kRemoved:
      return "[removed]";
    case Comment::State::kShown:
      break;
  }
  std::string name = safe_line(comment.author, columns_max, unicode);
  return name.empty() ? "anonymous" : name;
}

std::string points_text(std::int64_t score, bool unicode) {
  std::string text = score < 0 ? (unicode ? "−" : "-") : "";
  text += count_text(std::abs(score));
  return text += score == 1 || score == -1 ? " point" : " points";
}

void append_headline(std::string& out, const Comments& comments, Comments::Index index, bool answers, int columns,
                     const ThreadTextOptions& options) {
  const Comment& comment = comments.at(index);
  const Ink ink = name_ink(comments, comment);
  const Headline line = headline_of(comments, index, answers, columns, options);
  const std::int64_t score = comment.votes.score();
  paint(out, ink, line.name, options.colour);
  paint(out, Ink::kFaint, line.after_name, options.colour);
  paint(out, score < 0 ? Ink::kBadScore : Ink::kScore, line.points, options.colour);
  paint(out, Ink::kFaint, line.after_points, options.colour);
}

void append_message_line(std::string& out, const MessageLine& line, bool colour) {
  switch (line.style) {
    case MessageLine::Style::kProse:
      paint(out, Ink::kPlain, line.text, colour);
      break;
    case MessageLine::Style::kQuote:
      paint(out, Ink::kQuote, line.text, colour);
      break;
    case MessageLine::Style::kCode:
      paint(out, Ink::kCode, line.text, colour);
      break;
  }
}

}  // namespace xylem
