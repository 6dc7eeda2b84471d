#include "origin/ingest/thread/thread_generator.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "client/view/comment_order.h"
#include "client/view/comments_hash.h"
#include "tests/unit/thread/thread_lines.h"

namespace xylem {
namespace {

using test::generated;

std::size_t levels_of(const Comments& comments) {
  std::size_t levels = 0;
  for (const auto& place : reading_order(comments, CommentSort::kOld))
    levels = std::max<std::size_t>(levels, place.depth + 1);
  return levels;
}

TEST_CASE("the same seed gives the same thread, another seed another") {
  CHECK(generated({.seed = 7, .comments = 50}) == generated({.seed = 7, .comments = 50}));
  CHECK(generated({.seed = 7, .comments = 50}) != generated({.seed = 8, .comments = 50}));
}

TEST_CASE("a generated thread has the state it had when this was written, on every machine") {
  const test::BuiltThread built = test::built_from(generated({.seed = 1}));
  CHECK(built.comments.count() == 1428);
  CHECK(built.comments.version() == Version(2912));
  CHECK(to_hex(state_hash(built.comments)) == "28c7dff2b2b91126711dd4a33ca4cae45eae647ba5569baec206a6f20d12e936");
  // And half of the way there.
  const test::BuiltThread half = test::built_from(generated({.seed = 1}), 1456);
  CHECK(to_hex(state_hash(half.comments)) == "2b3c04ae0802e88a08f5f63d6c84df0b30e4b41674a48ac0ffc6d5a66fde5a50");
}

TEST_CASE("threads of any seed have the shape of a real one") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const test::BuiltThread built = test::built_from(generated({.seed = seed}));
    const Comments& comments = built.comments;
    REQUIRE(comments.count() == 1428);
    CHECK(comments.size() == 1429);  // no parent is missing
    CHECK(levels_of(comments) == 11);
    std::int64_t best = 0, worst = 0;
    std::size_t deleted = 0, edited = 0, longest = 0, ones = 0, beyond_ascii = 0;
    for (Comments::Index i = 1; i < comments.size(); ++i) {
      const Comment& comment = comments.at(i);
      best = std::max(best, comment.votes.score());
      worst = std::min(worst, comment.votes.score());
      deleted += comment.gone();
      edited += comment.edited;
      ones += comment.votes.score() == 1;
      longest = std::max(longest, comment.message.size());
      beyond_ascii +=
          std::ranges::any_of(comment.message, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    }
    CHECK(best == 2645);
    CHECK(worst == -52);
    CHECK(deleted > 5);
    CHECK(edited > 5);
    CHECK(ones > 500);
    CHECK(longest > 1800);
    CHECK(longest < 4000);
    CHECK(beyond_ascii > 50);
  }
}

TEST_CASE("size and depth are as asked for") {
  CHECK(generated({.comments = 0}).size() == 1);
  CHECK(generated({.comments = 1}).size() == 2);
  CHECK(levels_of(test::built_from(generated({.comments = 300, .levels = 1})).comments) == 1);
  CHECK(levels_of(test::built_from(generated({.comments = 300, .levels = 300})).comments) == 300);
  CHECK(levels_of(test::built_from(generated({.comments = 1000, .levels = 40})).comments) == 40);
}

TEST_CASE("lines are in order of time") {
  const test::BuiltThread built = test::built_from(generated({.comments = 500, .start = 1'000'000}));
  CHECK(built.counts.out_of_order == 0);
  CHECK(to_ms(built.comments.post().created) == 1'000'000'000);
}

}  // namespace
}  // namespace xylem
