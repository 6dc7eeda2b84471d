// What names a comment: an integer other than 0 or a text of 1…kCommentIdBytesMax bytes, exactly as its JSON value
// says. 7 and "7" are different ids; two texts are the same id when their bytes (after JSON escapes) are the same. 0
// names the post. docs/views.md
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "client/view/json_object.h"

namespace xylem {

class CommentId {
 public:
  CommentId() = default;  // the post's
  // Nothing for any other value: 0 must be meant, so absent and null name nothing.
  static std::optional<CommentId> from_json(const JsonValue& value);

  bool is_post() const { return key_.empty(); }
  // The name as JSON has it: 7, "c364mzp"; 0 for the post.
  std::string to_json() const;
  // Digits for an integer, `"` and the bytes for a text, nothing for the post: differs exactly where ids differ.
  const std::string& key() const { return key_; }

  friend bool operator==(const CommentId&, const CommentId&) = default;

 private:
  explicit CommentId(std::string key) : key_(std::move(key)) {}

  std::string key_;
};

}  // namespace xylem
