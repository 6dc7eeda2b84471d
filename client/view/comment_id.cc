#include "client/view/comment_id.h"

#include "client/view/json_text.h"
#include "client/view/view_limits.h"

namespace xylem {

std::optional<CommentId> CommentId::from_json(const JsonValue& value) {
  using Type = JsonValue::Type;
  if (value.is(Type::kInteger)) return value.integer == 0 ? CommentId() : CommentId(std::to_string(value.integer));
  if (value.is(Type::kBigInteger)) return CommentId(std::to_string(value.big));
  if (!value.is(Type::kText) || value.text.empty() || value.text.size() > kCommentIdBytesMax) return std::nullopt;
  return CommentId('"' + std::string(value.text));
}

std::string CommentId::to_json() const {
  if (is_post()) return "0";
  if (key_[0] != '"') return key_;
  std::string json;
  append_json_text(json, std::string_view(key_).substr(1));
  return json;
}

}  // namespace xylem
