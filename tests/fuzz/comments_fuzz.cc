// Events of a thread from hostile bytes: the reducer holds its limits and its tree has no ring, each order shows each
// entry once, what is shown holds no control character, and a second run gives the same hash.
// links: xylem::view
#include <cstdlib>
#include <vector>

#include "client/view/comment_order.h"
#include "client/view/comments.h"
#include "client/view/comments_hash.h"
#include "client/view/thread_json.h"
#include "client/view/thread_text.h"

namespace xylem {
namespace {

constexpr std::size_t kEntriesMax = 40;
constexpr std::string_view kKinds[] = {"add_post", "add_comment", "edit_comment", "delete_comment",
                                       "upvote",   "downvote",    "vote",         "other"};

void require(bool holds) {
  if (!holds) std::abort();
}

// Lines: one byte that chooses kind and redaction, then the details.
Comments built_from(std::string_view input) {
  Comments comments({.entries_max = kEntriesMax, .text_bytes_max = 4096});
  std::uint64_t version = 0;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.empty()) continue;
    const auto choice = static_cast<unsigned char>(line[0]);
    ++version;
    comments.apply({Version(version), from_ms(version * 1000), kKinds[choice % std::size(kKinds)],
                    as_bytes(line.substr(1)), choice >= 0xF0});
  }
  return comments;
}

void check_tree(const Comments& comments) {
  require(comments.size() <= kEntriesMax + 1);
  for (const auto sort : {CommentSort::kBest, CommentSort::kTop, CommentSort::kNew, CommentSort::kOld}) {
    const auto places = reading_order(comments, sort);
    require(places.size() == comments.size() - 1);
    std::vector<bool> met(comments.size());
    for (const auto& place : places) {
      const Comments::Index parent = comments.at(place.index).parent;
      require(!met[place.index] && (parent == 0 || met[parent]));
      require((place.depth == 0) == (parent == 0));
      met[place.index] = true;
    }
  }
}

void check_output(const Comments& comments) {
  ThreadTextOptions options;
  for (const std::string& text : {thread_text(comments, options), thread_json(comments, {})}) {
    for (const char c : text) require(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    require(text.find("\u009b") == std::string::npos);
  }
  JsonObject json;
  require(json.parse(as_bytes(thread_json(comments, {}))));
}

}  // namespace
}  // namespace xylem

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xylem;
  const std::string_view input = as_text({data, size});
  const Comments comments = built_from(input);
  check_tree(comments);
  check_output(comments);
  require(state_hash(comments) == state_hash(built_from(input)));
  return 0;
}
