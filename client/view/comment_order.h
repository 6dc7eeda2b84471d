// The order in which a thread is read: siblings sorted, each followed by its replies. A total order, the same on every
// machine and in every language: integers, and one formula of IEEE-754 doubles (docs/views.md gives its steps).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "client/view/comments.h"

namespace xylem {

enum class CommentSort : std::uint8_t { kBest, kTop, kNew, kOld };

std::optional<CommentSort> parse_comment_sort(std::string_view text);  // "best", "top", "new", "old"
std::string_view to_string(CommentSort sort);

// Lower bound of the Wilson score interval at 95 % (z = 1.96): how good a comment surely is. 0 without upvotes.
double wilson_lower_bound(const Votes& votes);

struct CommentPlace {
  Comments::Index index;
  std::uint32_t depth;  // 0 = under the post

  friend bool operator==(const CommentPlace&, const CommentPlace&) = default;
};

// All entries but the post, missing parents too, as they stand one below the other.
std::vector<CommentPlace> reading_order(const Comments& comments, CommentSort sort);

}  // namespace xylem
