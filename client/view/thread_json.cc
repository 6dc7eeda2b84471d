#include "client/view/thread_json.h"

#include <array>
#include <utility>

#include "client/view/json_text.h"

namespace xylem {
namespace {

using Effect = Comments::Effect;

// Members in the order in which they are added.
class JsonMembers {
 public:
  explicit JsonMembers(std::string& out) : out_(out) { out_ += '{'; }

  void raw(std::string_view name, std::string_view json) {
    if (!std::exchange(first_, false)) out_ += ',';
    append_json_text(out_, name);
    out_ += ':';
    out_ += json;
  }
  void text(std::string_view name, std::string_view value) {
    std::string json;
    append_json_text(json, value);
    raw(name, json);
  }
  void number(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }
  void truth(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  void text_or_null(std::string_view name, std::string_view value, bool is_null) {
    is_null ? raw(name, "null") : text(name, value);
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// What the post and a comment have in common.
void common_members(JsonMembers& members, const Comment& comment) {
  const bool missing = comment.state == Comment::State::kMissing;
  const bool no_text = comment.state != Comment::State::kShown;
  const bool no_totals = missing || comment.votes.score_only;
  members.text_or_null("author", comment.author, no_text || comment.author.empty());
  members.text_or_null("body", comment.message, no_text);
  members.raw("score", missing ? "null" : std::to_string(comment.votes.score()));
  members.raw("ups", no_totals ? "null" : std::to_string(comment.votes.ups));
  members.raw("downs", no_totals ? "null" : std::to_string(comment.votes.downs));
  members.text_or_null("created", missing ? "" : to_rfc3339(comment.created), missing);
  members.text_or_null("edited", comment.edited ? to_rfc3339(comment.edited_at) : "", !comment.edited);
  members.truth("deleted", comment.gone());
  members.truth("removed", comment.state == Comment::State::kRemoved);
  members.raw("version", missing ? "null" : std::to_string(comment.version.value));
}

std::string post_json(const Comments& comments) {
  const Comment& post = comments.post();
  if (post.state == Comment::State::kMissing) return "null";
  std::string out;
  JsonMembers members(out);
  members.text_or_null("title", comments.post_title(), post.gone());
  members.text_or_null("url", comments.post_url(), comments.post_url().empty());
  common_members(members, post);
  members.end();
  return out;
}

void append_comment(std::string& out, const Comments& comments, const CommentPlace& place) {
  const Comment& comment = comments.at(place.index);
  JsonMembers members(out);
  members.raw("id", comment.id.to_json());
  members.raw("parent", comment.parent == 0 ? "null" : comments.at(comment.parent).id.to_json());
  members.number("depth", place.depth);
  members.truth("missing", comment.state == Comment::State::kMissing);
  common_members(members, comment);
  members.end();
}

std::string passed_by_json(const Comments& comments) {
  static constexpr std::array<std::pair<std::string_view, Effect>, 6> kNames = {{{"unknown_kind", Effect::kUnknownKind},
                                                                                 {"redacted", Effect::kRedacted},
                                                                                 {"malformed", Effect::kMalformed},
                                                                                 {"duplicate", Effect::kDuplicate},
                                                                                 {"no_target", Effect::kNoTarget},
                                                                                 {"over_limit", Effect::kOverLimit}}};
  std::string out;
  JsonMembers members(out);
  for (const auto& [name, effect] : kNames) members.number(name, comments.effects(effect));
  members.end();
  return out;
}

}  // namespace

std::string thread_json(const Comments& comments, const ThreadJsonOptions& options) {
  std::string out;
  JsonMembers members(out);
  members.text("feed", options.feed);
  members.number("version", comments.version().value);
  members.raw("freshness", options.freshness);
  members.text("sort", to_string(options.sort));
  members.number("count", comments.count());
  members.raw("passed_by", passed_by_json(comments));
  members.raw("post", post_json(comments));
  members.raw("comments", "[");
  std::string_view separator = "\n";
  for (const CommentPlace& place : reading_order(comments, options.sort)) {
    out += std::exchange(separator, ",\n");
    append_comment(out, comments, place);
  }
  out += "\n]";
  members.end();
  out += '\n';
  return out;
}

}  // namespace xylem
