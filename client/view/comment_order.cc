// Compiled without fused multiply-add (CMakeLists.txt): it would round differently on some machines.
#include "client/view/comment_order.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <limits>
#include <tuple>

namespace xylem {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "double expressions must be rounded to double at each step");
static_assert(std::numeric_limits<double>::is_iec559);

constexpr std::array<std::string_view, 4> kNames = {"best", "top", "new", "old"};
constexpr Comments::Index kNone = std::numeric_limits<Comments::Index>::max();

// Smaller stands first: what the sort asks for, then what breaks ties. Versions differ among comments; a missing parent
// has the version of the reply that named it, so the entry has the last word.
struct Key {
  double quality;
  std::int64_t number;
  std::uint64_t version;
  Comments::Index index;

  friend bool operator<(const Key& a, const Key& b) {
    return std::tie(a.quality, a.number, a.version, a.index) < std::tie(b.quality, b.number, b.version, b.index);
  }
};

Key key_of(const Comment& comment, Comments::Index index, CommentSort sort) {
  const std::int64_t created = comment.created.time_since_epoch().count();
  const std::uint64_t version = comment.version.value;
  switch (sort) {
    case CommentSort::kBest:
      return {-wilson_lower_bound(comment.votes), -comment.votes.score(), version, index};
    case CommentSort::kTop:
      return {0, -comment.votes.score(), version, index};
    case CommentSort::kNew:
    case CommentSort::kOld:
      return {0, created, version, index};
  }
  return {};
}

std::vector<Comments::Index> sorted(const Comments& comments, CommentSort sort) {
  std::vector<Key> keys;
  keys.reserve(comments.size());
  for (Comments::Index i = 1; i < comments.size(); ++i) keys.push_back(key_of(comments.at(i), i, sort));
  std::sort(keys.begin(), keys.end());
  if (sort == CommentSort::kNew) std::reverse(keys.begin(), keys.end());
  std::vector<Comments::Index> order(keys.size());
  std::ranges::transform(keys, order.begin(), &Key::index);
  return order;
}

}  // namespace

std::optional<CommentSort> parse_comment_sort(std::string_view text) {
  const auto at = std::ranges::find(kNames, text);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<CommentSort>(at - kNames.begin());
}

std::string_view to_string(CommentSort sort) { return kNames[static_cast<std::size_t>(sort)]; }

double wilson_lower_bound(const Votes& votes) {
  if (votes.ups == 0) return 0;
  constexpr double z = 1.96;
  const double n = static_cast<double>(votes.ups + votes.downs);
  const double p = static_cast<double>(votes.ups) / n;
  const double middle = p + z * z / (2 * n);
  const double spread = z * std::sqrt((p * (1 - p) + z * z / (4 * n)) / n);
  return (middle - spread) / (1 + z * z / n);
}

// The sorted entries are dealt to their parents back to front, so that each parent's list of replies comes out sorted;
// then one walk down those lists, up again by parent.
std::vector<CommentPlace> reading_order(const Comments& comments, CommentSort sort) {
  std::vector<Comments::Index> first_reply(comments.size(), kNone);
  std::vector<Comments::Index> next_sibling(comments.size(), kNone);
  const std::vector<Comments::Index> order = sorted(comments, sort);
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    const Comments::Index parent = comments.at(*at).parent;
    next_sibling[*at] = first_reply[parent];
    first_reply[parent] = *at;
  }

  std::vector<CommentPlace> places;
  places.reserve(order.size());
  std::uint32_t depth = 0;
  Comments::Index at = first_reply[0];
  while (at != kNone) {
    places.push_back({at, depth});
    if (first_reply[at] != kNone) {
      at = first_reply[at];
      ++depth;
      continue;
    }
    while (at != 0 && next_sibling[at] == kNone) {
      at = comments.at(at).parent;
      --depth;  // wraps below the top, where it is no longer used
    }
    at = next_sibling[at];
  }
  return places;
}

}  // namespace xylem
