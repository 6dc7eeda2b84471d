#include "client/view/comments.h"

#include <catch2/catch.hpp>

#include "client/view/comments_hash.h"
#include "proto/limits.h"
#include "tests/unit/view/thread_events.h"

namespace xylem {
namespace {

using test::Thread;
using Effect = Comments::Effect;
using State = Comment::State;

TEST_CASE("the founding design's events build a tree") {
  Thread thread;
  CHECK(thread.apply("add_comment", R"({"feed_id": 31337, "timestamp": "17:01", "event_kind": "add_comment",
      "comment_id": 1, "parent_comment": 0, "user_id": "a", "message": "hello"})") == Effect::kAdded);
  CHECK(thread.add("2", "1", "hi") == Effect::kAdded);
  CHECK(thread.last.index == 2);
  CHECK(thread.apply("downvote", R"({"feed_id": 31337, "timestamp": "17:02", "event_kind": "downvote",
      "comment_id": 1})") == Effect::kVoted);
  CHECK(thread.upvote("2") == Effect::kVoted);

  CHECK(thread.comments.count() == 2);
  CHECK(thread.at("1").author == "a");
  CHECK(thread.at("1").message == "hello");
  CHECK(thread.at("1").votes.score() == -1);
  CHECK(thread.at("1").version == Version(1));
  CHECK(thread.at("1").created == test::seconds_after_start(1));
  CHECK(thread.at("2").votes.score() == 1);
  CHECK(thread.parent_of("2") == "1");
  CHECK(thread.parent_of("1") == "0");
  CHECK(thread.comments.version() == Version(4));
}

TEST_CASE("a comment without a parent, or with null or 0, stands under the post") {
  Thread thread;
  CHECK(thread.apply("add_comment", R"({"comment_id":1,"message":""})") == Effect::kAdded);
  CHECK(thread.apply("add_comment", R"({"comment_id":2,"parent_comment":null,"message":""})") == Effect::kAdded);
  CHECK(thread.apply("add_comment", R"({"comment_id":3,"parent_comment":-0,"message":""})") == Effect::kAdded);
  for (const char* id : {"1", "2", "3"}) CHECK(thread.at(id).parent == 0);
}

TEST_CASE("an id is its JSON value") {
  Thread thread;
  CHECK(thread.add("7", "0") == Effect::kAdded);
  CHECK(thread.add("\"7\"", "0") == Effect::kAdded);
  CHECK(thread.add("-7", "0") == Effect::kAdded);
  CHECK(thread.add("18446744073709551615", "0") == Effect::kAdded);
  CHECK(thread.add("\"caf\u00e9\"", "0") == Effect::kAdded);
  CHECK(thread.add("\"cafe\u0301\"", "0") == Effect::kAdded);
  CHECK(thread.add("\"caf\\u00e9\"", "0") == Effect::kDuplicate);
  CHECK(thread.add("\"0\"", "0") == Effect::kAdded);
  CHECK(thread.comments.count() == 7);
  CHECK(thread.at("\"7\"").id.to_json() == "\"7\"");
  CHECK(thread.at("18446744073709551615").id.to_json() == "18446744073709551615");
}

TEST_CASE("what is no id makes an event malformed") {
  const std::string longest = '"' + std::string(kCommentIdBytesMax, 'x') + '"';
  const std::string too_long = '"' + std::string(kCommentIdBytesMax + 1, 'x') + '"';
  for (const std::string& id : std::vector<std::string>{"1.0", "1e0", "true", "\"\"", "[1]", "{}", too_long}) {
    CAPTURE(id);
    Thread thread;
    CHECK(thread.add(id, "0") == Effect::kMalformed);
    CHECK(thread.add("1", id) == Effect::kMalformed);
    CHECK(thread.remove(id) == Effect::kMalformed);
    CHECK(thread.upvote(id) == Effect::kMalformed);
    CHECK(thread.comments.count() == 0);
  }
  Thread thread;
  CHECK(thread.add("0", "0") == Effect::kMalformed);
  CHECK(thread.add("null", "0") == Effect::kMalformed);
  CHECK(thread.upvote("null") == Effect::kMalformed);
  CHECK(thread.add(longest, "0") == Effect::kAdded);
}

TEST_CASE("an edit replaces the message and keeps the rest") {
  Thread thread;
  thread.add("1", "0", "frist");
  thread.upvote("1");
  CHECK(thread.edit("1", "first") == Effect::kEdited);
  CHECK(thread.last.index == 1);
  CHECK(thread.at("1").message == "first");
  CHECK(thread.at("1").edited);
  CHECK(thread.at("1").edited_at == test::seconds_after_start(3));
  CHECK(thread.at("1").created == test::seconds_after_start(1));
  CHECK(thread.at("1").votes.score() == 1);
}

TEST_CASE("a deleted comment forgets its words and keeps place, replies and votes") {
  Thread thread;
  thread.add("1", "0");
  thread.add("2", "1");
  thread.upvote("1");
  CHECK(thread.remove("1") == Effect::kDeleted);
  CHECK(thread.at("1").state == State::kDeleted);
  CHECK(thread.at("1").message.empty());
  CHECK(thread.at("1").author.empty());
  CHECK(thread.at("1").votes.score() == 1);
  CHECK(thread.parent_of("2") == "1");

  SECTION("it can be voted on and answered") {
    CHECK(thread.upvote("1") == Effect::kVoted);
    CHECK(thread.at("1").votes.score() == 2);
    CHECK(thread.add("3", "1") == Effect::kAdded);
  }
  SECTION("it cannot be edited, deleted or added again") {
    CHECK(thread.edit("1", "back") == Effect::kNoTarget);
    CHECK(thread.remove("1") == Effect::kDuplicate);
    CHECK(thread.add("1", "0", "back") == Effect::kDuplicate);
    CHECK(thread.at("1").message.empty());
  }
}

TEST_CASE("a moderator's deletion says so") {
  Thread thread;
  thread.add("1", "0");
  thread.add("2", "0");
  CHECK(thread.apply("delete_comment", R"({"comment_id":1,"reason":"removed"})") == Effect::kDeleted);
  CHECK(thread.apply("delete_comment", R"({"comment_id":2,"reason":"second thoughts"})") == Effect::kDeleted);
  CHECK(thread.at("1").state == State::kRemoved);
  CHECK(thread.at("2").state == State::kDeleted);
  CHECK(thread.apply("delete_comment", R"({"comment_id":2,"reason":5})") == Effect::kMalformed);
}

TEST_CASE("edits, votes and deletions of what was not added pass by") {
  Thread thread;
  CHECK(thread.edit("1", "x") == Effect::kNoTarget);
  CHECK(thread.upvote("1") == Effect::kNoTarget);
  CHECK(thread.downvote("1") == Effect::kNoTarget);
  CHECK(thread.score("1", 5) == Effect::kNoTarget);
  CHECK(thread.remove("1") == Effect::kNoTarget);
  CHECK(thread.score("0", 5) == Effect::kNoTarget);

  SECTION("a missing parent was not added either") {
    thread.add("2", "1");
    CHECK(thread.edit("1", "x") == Effect::kNoTarget);
    CHECK(thread.remove("1") == Effect::kNoTarget);
    CHECK(thread.upvote("1") == Effect::kNoTarget);
  }
  SECTION("they are not kept for later") {
    CHECK(thread.add("1", "0") == Effect::kAdded);
    CHECK(thread.at("1").votes == Votes{});
    CHECK_FALSE(thread.at("1").edited);
  }
}

TEST_CASE("of two comments with one id the first stays") {
  Thread thread;
  thread.add("1", "0", "mine");
  CHECK(thread.add("1", "0", "no, mine") == Effect::kDuplicate);
  CHECK(thread.at("1").message == "mine");
  CHECK(thread.comments.count() == 1);
}

TEST_CASE("a missing parent takes its place, with its replies, when it arrives") {
  Thread thread;
  thread.add("1", "0");
  thread.add("20", "10");
  thread.add("21", "10");
  CHECK(thread.at("10").state == State::kMissing);
  CHECK(thread.at("10").parent == 0);
  CHECK(thread.comments.count() == 3);
  CHECK(thread.comments.size() == 5);

  CHECK(thread.add("10", "1", "late") == Effect::kAdded);
  CHECK(thread.at("10").state == State::kShown);
  CHECK(thread.at("10").version == Version(4));
  CHECK(thread.parent_of("10") == "1");
  CHECK(thread.parent_of("20") == "10");
  CHECK(thread.parent_of("21") == "10");
  CHECK(thread.comments.size() == 5);
  CHECK(thread.comments.count() == 4);
}

TEST_CASE("whoever would become its own ancestor stands at the top") {
  Thread thread;
  SECTION("a comment that answers itself") {
    CHECK(thread.add("1", "1") == Effect::kAdded);
    CHECK(thread.at("1").parent == 0);
    CHECK(thread.comments.size() == 2);
  }
  SECTION("a ring of three") {
    thread.add("1", "2");
    thread.add("2", "3");
    CHECK(thread.add("3", "1") == Effect::kAdded);
    CHECK(thread.parent_of("1") == "2");
    CHECK(thread.parent_of("2") == "3");
    CHECK(thread.at("3").parent == 0);
  }
}

TEST_CASE("a chain of 20 000 replies that arrives backwards is put together") {
  Thread thread;
  constexpr std::uint64_t kLength = 20'000;
  for (std::uint64_t id = kLength; id >= 1; --id) thread.add(std::to_string(id), std::to_string(id - 1));
  CHECK(thread.comments.count() == kLength);
  CHECK(thread.comments.size() == kLength + 1);
  CHECK(thread.parent_of("20000") == "19999");
  CHECK(thread.at("1").parent == 0);
  // It ends in itself, were it allowed to.
  Thread ring;
  for (std::uint64_t id = 1; id < 10'000; ++id) ring.add(std::to_string(id), std::to_string(id + 1));
  CHECK(ring.add("10000", "1") == Effect::kAdded);
  CHECK(ring.at("10000").parent == 0);
}

TEST_CASE("vote totals replace what was counted, single votes go on from there") {
  Thread thread;
  thread.add("1", "0");
  thread.upvote("1");
  CHECK(thread.totals("1", 12, 2) == Effect::kVoted);
  CHECK(thread.at("1").votes == Votes{12, 2, false});
  thread.downvote("1");
  CHECK(thread.at("1").votes == Votes{12, 3, false});
}

TEST_CASE("a score alone is kept as the fewest votes that give it") {
  Thread thread;
  thread.add("1", "0");
  thread.score("1", 2645);
  CHECK(thread.at("1").votes == Votes{2645, 0, true});
  thread.score("1", -52);
  CHECK(thread.at("1").votes == Votes{0, 52, true});
  thread.upvote("1");
  CHECK(thread.at("1").votes.score() == -51);
  thread.totals("1", 1, 1);
  CHECK_FALSE(thread.at("1").votes.score_only);
}

TEST_CASE("totals that are not what they should be are malformed") {
  const std::vector<std::string> bad = {
      R"({"comment_id":1})",
      R"({"comment_id":1,"ups":1})",
      R"({"comment_id":1,"downs":1,"score":5})",
      R"({"comment_id":1,"ups":-1,"downs":0})",
      R"({"comment_id":1,"ups":1.5,"downs":0})",
      R"({"comment_id":1,"ups":1000000000001,"downs":0})",
      R"({"comment_id":1,"score":-1000000000001})",
      R"({"comment_id":1,"score":18446744073709551615})",
      R"({"comment_id":1,"score":"5"})",
  };
  Thread thread;
  thread.add("1", "0");
  for (const std::string& json : bad) {
    CAPTURE(json);
    CHECK(thread.apply("vote", json) == Effect::kMalformed);
  }
  CHECK(thread.at("1").votes == Votes{});
  CHECK(thread.apply("vote", R"({"comment_id":1,"ups":1,"downs":0,"score":99})") == Effect::kVoted);
  CHECK(thread.at("1").votes.score() == 1);
}

TEST_CASE("single votes stop at the limit") {
  Thread thread;
  thread.add("1", "0");
  thread.totals("1", kVotesMax, kVotesMax);
  CHECK(thread.upvote("1") == Effect::kVoted);
  CHECK(thread.downvote("1") == Effect::kVoted);
  CHECK(thread.at("1").votes == Votes{kVotesMax, kVotesMax, false});
}

TEST_CASE("the post is comment 0") {
  Thread thread;
  CHECK(thread.comments.post().state == State::kMissing);
  CHECK(thread.apply("add_post", R"({"title":"We're back","user_id":"ann","message":"It was the cache.",
      "url":"https://forum.example/c/1"})") == Effect::kAdded);
  CHECK(thread.last.index == 0);
  CHECK(thread.comments.post_title() == "We're back");
  CHECK(thread.comments.post_url() == "https://forum.example/c/1");
  CHECK(thread.comments.post().author == "ann");
  CHECK(thread.comments.count() == 0);

  CHECK(thread.score("0", 2412) == Effect::kVoted);
  CHECK(thread.comments.post().votes.score() == 2412);
  CHECK(thread.edit("0", "It was two caches.") == Effect::kEdited);
  CHECK(thread.comments.post().message == "It was two caches.");
  CHECK(thread.apply("add_post", R"({"title":"Another"})") == Effect::kDuplicate);
  CHECK(thread.remove("0") == Effect::kDeleted);
  CHECK(thread.comments.post_title().empty());
  CHECK(thread.comments.post_url().empty());
  CHECK(thread.comments.post().message.empty());
}

TEST_CASE("a post needs a title, and everything within its limits") {
  const std::string title_max = "{\"title\":\"" + std::string(kTitleBytesMax, 't') + "\"}";
  const std::string title_over = "{\"title\":\"" + std::string(kTitleBytesMax + 1, 't') + "\"}";
  const std::string url_over = "{\"title\":\"t\",\"url\":\"" + std::string(kUrlBytesMax + 1, 'u') + "\"}";
  const std::string user_over = "{\"title\":\"t\",\"user_id\":\"" + std::string(kAuthorBytesMax + 1, 'u') + "\"}";
  for (const std::string& json :
       std::vector<std::string>{R"({"message":"x"})", R"({"title":null})", title_over, url_over, user_over}) {
    Thread thread;
    CHECK(thread.apply("add_post", json) == Effect::kMalformed);
    CHECK(thread.comments.post().state == State::kMissing);
  }
  Thread thread;
  CHECK(thread.apply("add_post", title_max) == Effect::kAdded);
}

TEST_CASE("a user is a text or an integer, or nobody") {
  Thread thread;
  thread.apply("add_comment", R"({"comment_id":1,"user_id":42,"message":""})");
  thread.apply("add_comment", R"({"comment_id":2,"user_id":18446744073709551615,"message":""})");
  thread.apply("add_comment", R"({"comment_id":3,"user_id":null,"message":""})");
  CHECK(thread.apply("add_comment", R"({"comment_id":4,"user_id":true,"message":""})") == Effect::kMalformed);
  CHECK(thread.at("1").author == "42");
  CHECK(thread.at("2").author == "18446744073709551615");
  CHECK(thread.at("3").author.empty());
}

TEST_CASE("details that are not what they should be are counted and passed by") {
  std::string deep = R"({"comment_id":1,"message":"m","x":)";
  deep += std::string(2000, '[') + std::string(2000, ']') + "}";
  const std::vector<std::string> bad = {
      "",
      "null",
      "[]",
      "17",
      "{",
      R"({"comment_id":1,"message":"m"} {})",
      R"({"comment_id":1,"message":"m",})",
      R"({"comment_id":1})",
      R"({"comment_id":1,"message":null})",
      R"({"comment_id":1,"message":7})",
      R"({"message":"m"})",
      R"({"comment_id":1,"message":"m","x":18446744073709551616})",
      R"({"comment_id":1,"message":"m","x":1e999})",
      R"({"comment_id":1,"message":"\ud800"})",
      "{\"comment_id\":1,\"message\":\"\xff\"}",
      "\xef\xbb\xbf{\"comment_id\":1,\"message\":\"m\"}",
      deep,
      R"({"comment_id":1,"message":")" + std::string(kEventBytesMax, 'x') + "\"}",
  };
  Thread thread;
  for (const std::string& json : bad) {
    CAPTURE(json.substr(0, 80));
    CHECK(thread.apply("add_comment", json) == Effect::kMalformed);
  }
  CHECK(thread.comments.effects(Effect::kMalformed) == bad.size());
  CHECK(thread.comments.size() == 1);
  CHECK(thread.comments.version() == Version(bad.size()));
}

TEST_CASE("of two members with one name the first counts") {
  Thread thread;
  thread.apply("add_comment", R"({"comment_id":1,"comment_id":2,"message":"a","message":"b"})");
  CHECK(thread.at("1").message == "a");
}

TEST_CASE("other kinds and redacted events take a version and nothing else") {
  Thread thread;
  CHECK(thread.apply("paint_pixel", R"({"x":1})") == Effect::kUnknownKind);
  CHECK(thread.apply("", "not json") == Effect::kUnknownKind);
  CHECK(thread.redacted() == Effect::kRedacted);
  CHECK(thread.comments.version() == Version(3));
  CHECK(thread.comments.size() == 1);
}

TEST_CASE("a comment whose adding event was redacted is missing to its replies") {
  Thread thread;
  thread.redacted();
  thread.add("2", "1");
  CHECK(thread.edit("1", "x") == Effect::kNoTarget);
  CHECK(thread.at("1").state == State::kMissing);
}

TEST_CASE("a version that was applied before is passed by") {
  Thread thread;
  thread.add("1", "0");
  const ViewEvent again{Version(1), {}, "upvote", as_bytes(R"({"comment_id":1})"), false};
  CHECK(thread.comments.apply(again).effect == Effect::kOld);
  CHECK(thread.at("1").votes.score() == 0);
  const ViewEvent zero{Version(0), {}, "upvote", as_bytes(R"({"comment_id":1})"), false};
  CHECK(thread.comments.apply(zero).effect == Effect::kOld);
}

TEST_CASE("a full view refuses comments and goes on counting votes") {
  Thread thread({.entries_max = 3, .text_bytes_max = 1000});
  CHECK(thread.add("1", "0") == Effect::kAdded);
  CHECK(thread.add("2", "9") == Effect::kAdded);
  CHECK(thread.add("3", "0") == Effect::kOverLimit);
  CHECK(thread.add("9", "1") == Effect::kAdded);  // its entry is there already
  CHECK(thread.upvote("1") == Effect::kVoted);
  CHECK(thread.remove("2") == Effect::kDeleted);
  CHECK(thread.add("3", "0") == Effect::kOverLimit);  // entries are never given back
  CHECK(thread.comments.effects(Effect::kOverLimit) == 2);
}

TEST_CASE("a missing parent needs room of its own") {
  Thread thread({.entries_max = 1, .text_bytes_max = 1000});
  CHECK(thread.add("1", "9") == Effect::kOverLimit);
  CHECK(thread.comments.size() == 1);
  CHECK(thread.add("1", "0") == Effect::kAdded);
}

TEST_CASE("text has a limit, and deletions give room back") {
  Thread thread({.entries_max = 10, .text_bytes_max = 100});
  CHECK(thread.add("1", "0", std::string(60, 'a')) == Effect::kAdded);  // 60, "ann", "1"
  CHECK(thread.add("2", "0", std::string(40, 'b')) == Effect::kOverLimit);
  CHECK(thread.edit("1", std::string(97, 'c')) == Effect::kOverLimit);
  CHECK(thread.edit("1", std::string(96, 'c')) == Effect::kEdited);
  CHECK(thread.edit("1", "short") == Effect::kEdited);
  CHECK(thread.add("2", "0", std::string(40, 'b')) == Effect::kAdded);
  CHECK(thread.remove("2") == Effect::kDeleted);
  CHECK(thread.add("3", "0", std::string(80, 'd')) == Effect::kAdded);
  CHECK(thread.apply("add_post", R"({"title":"no room left for this"})") == Effect::kOverLimit);
}

TEST_CASE("the hash differs where readers see a difference, and nowhere else") {
  const auto hash_after = [](auto&& events) {
    Thread thread;
    thread.add("1", "0", "one");
    thread.add("2", "1", "two");
    events(thread);
    return state_hash(thread.comments);
  };
  const Hash256 plain = hash_after([](Thread&) {});
  CHECK(plain == hash_after([](Thread&) {}));
  CHECK(plain == hash_after([](Thread& t) { t.upvote("99"); }));
  CHECK(plain == hash_after([](Thread& t) { t.apply("paint_pixel", "{}"); }));
  CHECK(plain != hash_after([](Thread& t) { t.upvote("1"); }));
  CHECK(plain != hash_after([](Thread& t) { t.edit("1", "one"); }));
  CHECK(plain != hash_after([](Thread& t) { t.remove("2"); }));
  CHECK(plain != hash_after([](Thread& t) { t.add("3", "0"); }));
  CHECK(plain != hash_after([](Thread& t) { t.apply("add_post", R"({"title":"t"})"); }));
  CHECK(hash_after([](Thread& t) { t.score("1", 3); }) != hash_after([](Thread& t) { t.totals("1", 3, 0); }));
}

}  // namespace
}  // namespace xylem
