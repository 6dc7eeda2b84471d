#include "client/view/comment_order.h"

#include <bit>
#include <catch2/catch.hpp>

#include "tests/unit/view/thread_events.h"

namespace xylem {
namespace {

using test::Thread;

// "1 2/1 3": ids, with the depth behind a slash where it is not 0.
std::string order_of(const Thread& thread, CommentSort sort) {
  std::string text;
  for (const auto [index, depth] : reading_order(thread.comments, sort)) {
    if (!text.empty()) text += ' ';
    text += thread.comments.at(index).id.to_json();
    if (depth > 0) text += '/' + std::to_string(depth);
  }
  return text;
}

TEST_CASE("an empty thread has an empty order") {
  Thread thread;
  for (const auto sort : {CommentSort::kBest, CommentSort::kTop, CommentSort::kNew, CommentSort::kOld}) {
    CHECK(reading_order(thread.comments, sort).empty());
  }
}

TEST_CASE("siblings are sorted and each is followed by its replies") {
  Thread thread;
  thread.add("1", "0");
  thread.add("2", "0");
  thread.add("11", "1");
  thread.add("12", "1");
  thread.add("121", "12");
  thread.add("21", "2");
  thread.score("2", 5);
  thread.score("12", 3);
  CHECK(order_of(thread, CommentSort::kOld) == "1 11/1 12/1 121/2 2 21/1");
  CHECK(order_of(thread, CommentSort::kNew) == "2 21/1 1 12/1 121/2 11/1");
  CHECK(order_of(thread, CommentSort::kTop) == "2 21/1 1 12/1 121/2 11/1");
  CHECK(order_of(thread, CommentSort::kBest) == "2 21/1 1 12/1 121/2 11/1");
}

TEST_CASE("best trusts many votes more than a few perfect ones; top only counts") {
  Thread thread;
  for (const char* id : {"1", "2", "3", "4"}) thread.add(id, "0");
  thread.totals("1", 2, 0);
  thread.totals("2", 95, 5);
  thread.totals("3", 300, 250);
  thread.totals("4", 0, 9);
  CHECK(order_of(thread, CommentSort::kBest) == "2 3 1 4");
  CHECK(order_of(thread, CommentSort::kTop) == "2 3 1 4");
  thread.totals("3", 600, 480);
  CHECK(order_of(thread, CommentSort::kTop) == "3 2 1 4");
  CHECK(order_of(thread, CommentSort::kBest) == "2 3 1 4");
}

TEST_CASE("comments without upvotes are told apart by their score") {
  Thread thread;
  for (const char* id : {"1", "2", "3", "4"}) thread.add(id, "0");
  thread.score("1", -52);
  thread.score("3", -1);
  CHECK(order_of(thread, CommentSort::kBest) == "2 4 3 1");
}

TEST_CASE("ties go to the earlier version, among the newest to the later") {
  Thread thread;
  for (const char* id : {"\"b\"", "\"a\"", "\"c\""}) thread.add(id, "0");
  CHECK(order_of(thread, CommentSort::kBest) == R"("b" "a" "c")");
  CHECK(order_of(thread, CommentSort::kTop) == R"("b" "a" "c")");
  Comments same_time;
  for (const std::uint64_t version : {1u, 2u, 3u}) {
    const std::string json = "{\"comment_id\":" + std::to_string(version) + ",\"message\":\"m\"}";
    same_time.apply({Version(version), test::seconds_after_start(0), "add_comment", as_bytes(json), false});
  }
  CHECK(reading_order(same_time, CommentSort::kNew)[0].index == 3);
  CHECK(reading_order(same_time, CommentSort::kOld)[0].index == 1);
}

TEST_CASE("new and old go by the event's time, not by its version") {
  Comments comments;
  const auto add = [&](std::uint64_t version, std::uint64_t seconds) {
    const std::string json = "{\"comment_id\":" + std::to_string(version) + ",\"message\":\"m\"}";
    comments.apply({Version(version), test::seconds_after_start(seconds), "add_comment", as_bytes(json), false});
  };
  add(1, 100);
  add(2, 50);
  CHECK(reading_order(comments, CommentSort::kOld)[0].index == 2);
  CHECK(reading_order(comments, CommentSort::kNew)[0].index == 1);
}

TEST_CASE("deleted comments and missing parents keep their replies in place") {
  Thread thread;
  thread.add("1", "0");
  thread.add("2", "1");
  thread.add("4", "3");
  thread.remove("1");
  CHECK(order_of(thread, CommentSort::kOld) == "1 2/1 3 4/1");
}

TEST_CASE("20 000 levels are walked without recursion") {
  Thread thread;
  constexpr std::uint32_t kLevels = 20'000;
  for (std::uint32_t id = 1; id <= kLevels; ++id) thread.add(std::to_string(id), std::to_string(id - 1));
  thread.add("999999", "0");
  const auto places = reading_order(thread.comments, CommentSort::kOld);
  REQUIRE(places.size() == kLevels + 1);
  CHECK(places[kLevels - 1] == CommentPlace{kLevels, kLevels - 1});
  CHECK(places[kLevels] == CommentPlace{kLevels + 1, 0});
}

TEST_CASE("the Wilson bound has the same bits everywhere") {
  const auto bits = [](std::int64_t ups, std::int64_t downs) {
    return std::bit_cast<std::uint64_t>(wilson_lower_bound({ups, downs, false}));
  };
  CHECK(wilson_lower_bound({0, 0, false}) == 0);
  CHECK(wilson_lower_bound({0, 52, false}) == 0);
  CHECK(wilson_lower_bound({1, 0, false}) == Approx(0.2065).margin(0.0001));
  CHECK(wilson_lower_bound({95, 5, false}) == Approx(0.8882).margin(0.0001));
  CHECK(wilson_lower_bound({kVotesMax, 0, false}) < 1);
  // Computed apart, in another language, by the steps of docs/views.md.
  CHECK(bits(1, 0) == 0x3FCA7002B50B5620);
  CHECK(bits(1, 2) == 0x3FAF7BA89A43805A);
  CHECK(bits(95, 5) == 0x3FEC6C87247C909D);
  CHECK(bits(2645, 0) == 0x3FEFF41E8326A5F1);
  CHECK(bits(300, 250) == 0x3FE01E0D0B82C43A);
  CHECK(bits(123456789, 987654) == 0x3FEFBEDB36FA51CF);
  CHECK(bits(kVotesMax, kVotesMax) == 0x3FDFFFFD17EF5422);
}

TEST_CASE("sorts have names") {
  CHECK(parse_comment_sort("best") == CommentSort::kBest);
  CHECK(parse_comment_sort("top") == CommentSort::kTop);
  CHECK(parse_comment_sort("new") == CommentSort::kNew);
  CHECK(parse_comment_sort("old") == CommentSort::kOld);
  CHECK_FALSE(parse_comment_sort("Best"));
  CHECK_FALSE(parse_comment_sort(""));
  CHECK(to_string(CommentSort::kNew) == "new");
}

}  // namespace
}  // namespace xylem
