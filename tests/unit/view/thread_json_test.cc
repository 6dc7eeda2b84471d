#include "client/view/thread_json.h"

#include <catch2/catch.hpp>

#include "tests/unit/view/thread_events.h"

namespace xylem {
namespace {

using test::Thread;

TEST_CASE("a thread as JSON has everything that docs/views.md names") {
  Thread thread;
  thread.apply("add_post", R"({"title":"We're back","user_id":"ann","message":"Hey","url":"https://x.example/"})");
  thread.apply("add_comment", R"({"comment_id":"c1","user_id":"bob","message":"\u001b[31m\"hi\""})");
  thread.add("2", "\"c1\"");
  thread.add("3", "99");
  thread.totals("\"c1\"", 5, 2);
  thread.score("2", -52);
  thread.edit("\"c1\"", "hi");
  thread.apply("delete_comment", R"({"comment_id":2,"reason":"removed"})");
  thread.apply("other", "{}");
  thread.apply("upvote", "{");
  ThreadJsonOptions options;
  options.feed = "31337";
  options.freshness = R"({"age_ms":17})";
  options.sort = CommentSort::kOld;
  CHECK(thread_json(thread.comments, options) ==
        R"({"feed":"31337","version":10,"freshness":{"age_ms":17},"sort":"old","count":3,)"
        R"("passed_by":{"unknown_kind":1,"redacted":0,"malformed":1,"duplicate":0,"no_target":0,"over_limit":0},)"
        R"("post":{"title":"We're back","url":"https://x.example/","author":"ann","body":"Hey","score":0,"ups":0,)"
        R"("downs":0,"created":"2011-12-08T03:02:25.000Z","edited":null,"deleted":false,"removed":false,"version":1},)"
        R"("comments":[
{"id":"c1","parent":null,"depth":0,"missing":false,"author":"bob","body":"hi","score":3,"ups":5,"downs":2,)"
        R"("created":"2011-12-08T03:02:26.000Z","edited":"2011-12-08T03:02:31.000Z",)"
        R"("deleted":false,"removed":false,"version":2},
{"id":2,"parent":"c1","depth":1,"missing":false,"author":null,"body":null,"score":-52,"ups":null,"downs":null,)"
        R"("created":"2011-12-08T03:02:27.000Z","edited":null,"deleted":true,"removed":true,"version":3},
{"id":99,"parent":null,"depth":0,"missing":true,"author":null,"body":null,"score":null,"ups":null,"downs":null,)"
        R"("created":null,"edited":null,"deleted":false,"removed":false,"version":null},
{"id":3,"parent":99,"depth":1,"missing":false,"author":"ann","body":"text","score":0,"ups":0,"downs":0,)"
        R"("created":"2011-12-08T03:02:28.000Z","edited":null,"deleted":false,"removed":false,"version":4}
]}
)");
}

TEST_CASE("an empty thread is JSON, too") {
  Thread thread;
  const std::string json = thread_json(thread.comments, {});
  JsonObject object;
  REQUIRE(object.parse(as_bytes(json)));
  CHECK(object.member("post").is(JsonValue::Type::kNull));
  CHECK(object.member("freshness").is(JsonValue::Type::kNull));
  CHECK(object.member("count").integer == 0);
  CHECK(object.member("comments").is(JsonValue::Type::kNested));
}

TEST_CASE("hostile text stays JSON") {
  Thread thread;
  thread.apply("add_comment", R"({"comment_id":"\"\\\u001b","user_id":"\u0000","message":"\u009b\u2028\n"})");
  const std::string json = thread_json(thread.comments, {});
  JsonObject object;
  CHECK(object.parse(as_bytes(json)));
  CHECK(json.find('\x1b') == std::string::npos);
  CHECK(json.find(R"("id":"\"\\\u001b")") != std::string::npos);
}

}  // namespace
}  // namespace xylem
