#include "client/view/comments.h"

#include <algorithm>
#include <utility>

#include "proto/limits.h"

namespace xylem {
namespace {

using Effect = Comments::Effect;
using Type = JsonValue::Type;

// Absent and null are the empty text; nothing: another type, or too long.
std::optional<std::string_view> optional_text(const JsonValue& value, std::size_t bytes_max) {
  if (value.absent_or_null()) return std::string_view();
  if (!value.is(Type::kText) || value.text.size() > bytes_max) return std::nullopt;
  return value.text;
}

std::optional<std::string_view> required_text(const JsonValue& value, std::size_t bytes_max) {
  return value.is(Type::kText) ? optional_text(value, bytes_max) : std::nullopt;
}

// A text, or an integer's digits; absent and null name nobody.
std::optional<std::string> user_of(const JsonValue& value) {
  if (value.is(Type::kInteger)) return std::to_string(value.integer);
  if (value.is(Type::kBigInteger)) return std::to_string(value.big);
  const auto text = optional_text(value, kAuthorBytesMax);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<std::int64_t> votes_of(const JsonValue& value, std::int64_t at_least) {
  if (!value.is(Type::kInteger) || value.integer < at_least || value.integer > kVotesMax) return std::nullopt;
  return value.integer;
}

// Totals: ups and downs where either is there, else the score alone.
std::optional<Votes> totals_of(const JsonObject& details) {
  const JsonValue ups = details.member("ups");
  const JsonValue downs = details.member("downs");
  if (!ups.absent_or_null() || !downs.absent_or_null()) {
    const auto up = votes_of(ups, 0);
    const auto down = votes_of(downs, 0);
    return up && down ? std::optional<Votes>({*up, *down, false}) : std::nullopt;
  }
  const auto score = votes_of(details.member("score"), -kVotesMax);
  if (!score) return std::nullopt;
  return Votes{std::max<std::int64_t>(*score, 0), std::max<std::int64_t>(-*score, 0), true};
}

}  // namespace

Comments::Comments() : Comments(Options{}) {}

Comments::Comments(Options options) : options_(options), entries_(1), towards_top_(1) {}

Comments::Change Comments::apply(const ViewEvent& event) {
  const Change change = reduce(event);
  ++effects_[static_cast<std::size_t>(change.effect)];
  return change;
}

std::optional<Comments::Index> Comments::find(const CommentId& id) const {
  if (id.is_post()) return 0;
  const auto at = index_of_.find(id.key());
  return at == index_of_.end() ? std::nullopt : std::optional(at->second);
}

const Comments::Kind* Comments::kind_of(std::string_view name) {
  static constexpr Kind kKinds[] = {
      {"add_comment", &Comments::add_comment, nullptr},
      {"vote", nullptr, &Comments::vote},
      {"upvote", nullptr, &Comments::upvote},
      {"downvote", nullptr, &Comments::downvote},
      {"edit_comment", nullptr, &Comments::edit_comment},
      {"delete_comment", nullptr, &Comments::delete_comment},
      {"add_post", &Comments::add_post, nullptr},
  };
  const auto* at = std::ranges::find(kKinds, name, &Kind::name);
  return at == std::end(kKinds) ? nullptr : at;
}

Comments::Change Comments::reduce(const ViewEvent& event) {
  if (event.version <= version_) return {Effect::kOld};
  version_ = event.version;
  if (event.removed) return {Effect::kRedacted};
  const Kind* kind = kind_of(event.kind);
  if (kind == nullptr) return {Effect::kUnknownKind};
  if (event.details.size() > kEventBytesMax || !details_.parse(event.details)) return {Effect::kMalformed};
  return kind->add != nullptr ? (this->*kind->add)(event) : reduce_target(*kind, event);
}

// Kinds that speak of a comment that was added before.
Comments::Change Comments::reduce_target(const Kind& kind, const ViewEvent& event) {
  const auto id = CommentId::from_json(details_.member("comment_id"));
  if (!id) return {Effect::kMalformed};
  const auto index = find(*id);
  if (!index || at(*index).state == Comment::State::kMissing) return {Effect::kNoTarget};
  return {(this->*kind.change)(entries_[*index], event), *index};
}

Comments::Change Comments::add_post(const ViewEvent& event) {
  auto author = user_of(details_.member("user_id"));
  const auto title = required_text(details_.member("title"), kTitleBytesMax);
  const auto url = optional_text(details_.member("url"), kUrlBytesMax);
  const auto message = optional_text(details_.member("message"), kEventBytesMax);
  if (!author || !title || !url || !message) return {Effect::kMalformed};
  if (post().state != Comment::State::kMissing) return {Effect::kDuplicate};
  if (!fits(0, author->size() + title->size() + url->size() + message->size())) return {Effect::kOverLimit};
  title_ = *title;
  url_ = *url;
  text_bytes_ += title_.size() + url_.size();
  fill(0, event, std::move(*author), *message);
  return {Effect::kAdded, 0};
}

Comments::Change Comments::add_comment(const ViewEvent& event) {
  const auto id = CommentId::from_json(details_.member("comment_id"));
  const JsonValue parent_value = details_.member("parent_comment");
  const auto parent = parent_value.absent_or_null() ? CommentId() : CommentId::from_json(parent_value);
  auto author = user_of(details_.member("user_id"));
  const auto message = required_text(details_.member("message"), kEventBytesMax);
  if (!id || id->is_post() || !parent || !author || !message) return {Effect::kMalformed};

  const auto known = find(*id);
  if (known && at(*known).state != Comment::State::kMissing) return {Effect::kDuplicate};
  const bool new_parent = !find(*parent) && *parent != *id;
  const std::size_t new_entries = (known ? 0u : 1u) + (new_parent ? 1u : 0u);
  const std::size_t id_bytes = (known ? 0 : id->key().size()) + (new_parent ? parent->key().size() : 0);
  if (!fits(new_entries, id_bytes + author->size() + message->size())) return {Effect::kOverLimit};

  const Index index = entry_of(*id, event);
  attach(index, entry_of(*parent, event));
  fill(index, event, std::move(*author), *message);
  ++count_;
  return {Effect::kAdded, index};
}

Effect Comments::edit_comment(Comment& comment, const ViewEvent& event) {
  const auto message = required_text(details_.member("message"), kEventBytesMax);
  if (!message) return Effect::kMalformed;
  if (comment.gone()) return Effect::kNoTarget;
  const std::size_t before = comment.message.size();
  if (message->size() > before && !fits(0, message->size() - before)) return Effect::kOverLimit;
  text_bytes_ += message->size() - before;
  comment.message = *message;
  comment.edited = true;
  comment.edited_at = event.time;
  return Effect::kEdited;
}

Effect Comments::delete_comment(Comment& comment, const ViewEvent& /*event*/) {
  const auto reason = optional_text(details_.member("reason"), kEventBytesMax);
  if (!reason) return Effect::kMalformed;
  if (comment.gone()) return Effect::kDuplicate;
  comment.state = *reason == "removed" ? Comment::State::kRemoved : Comment::State::kDeleted;
  drop(comment.author);
  drop(comment.message);
  if (comment.id.is_post()) {
    drop(title_);
    drop(url_);
  }
  return Effect::kDeleted;
}

Effect Comments::upvote(Comment& comment, const ViewEvent& /*event*/) {
  comment.votes.ups = std::min(comment.votes.ups + 1, kVotesMax);
  return Effect::kVoted;
}

Effect Comments::downvote(Comment& comment, const ViewEvent& /*event*/) {
  comment.votes.downs = std::min(comment.votes.downs + 1, kVotesMax);
  return Effect::kVoted;
}

Effect Comments::vote(Comment& comment, const ViewEvent& /*event*/) {
  const auto totals = totals_of(details_);
  if (!totals) return Effect::kMalformed;
  comment.votes = *totals;
  return Effect::kVoted;
}

bool Comments::fits(std::size_t entries, std::size_t text_bytes) const {
  return entries_.size() - 1 + entries <= options_.entries_max && text_bytes_ + text_bytes <= options_.text_bytes_max;
}

// The entry of `id`; makes one of state kMissing where there is none.
Comments::Index Comments::entry_of(const CommentId& id, const ViewEvent& event) {
  if (const auto known = find(id)) return *known;
  const auto index = static_cast<Index>(entries_.size());
  Comment& entry = entries_.emplace_back();
  entry.id = id;
  entry.version = event.version;
  entry.created = event.time;
  index_of_.emplace(entry.id.key(), index);
  towards_top_.push_back(index);
  text_bytes_ += id.key().size();
  return index;
}

void Comments::fill(Index index, const ViewEvent& event, std::string author, std::string_view message) {
  Comment& comment = entries_[index];
  comment.state = Comment::State::kShown;
  comment.version = event.version;
  comment.created = event.time;
  comment.author = std::move(author);
  comment.message = message;
  text_bytes_ += comment.author.size() + comment.message.size();
}

void Comments::drop(std::string& text) {
  text_bytes_ -= text.size();
  std::string().swap(text);  // gives the memory back, which clear() does not
}

// `child` stands at the top until now. Whoever would become its own ancestor stays there.
void Comments::attach(Index child, Index parent) {
  if (parent == 0 || top_of(parent) == child) return;
  entries_[child].parent = parent;
  towards_top_[child] = parent;
}

// The topmost ancestor. towards_top_ holds for each entry an ancestor (or, at the top, itself) and is shortened as it
// is walked (union-find with path halving): cheap also for a chain of 100 000 replies that arrives backwards.
Comments::Index Comments::top_of(Index index) {
  while (towards_top_[index] != index) {
    towards_top_[index] = towards_top_[towards_top_[index]];
    index = towards_top_[index];
  }
  return index;
}

}  // namespace xylem
