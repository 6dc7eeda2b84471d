#include "origin/ingest/thread/thread_export.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::string_view kPost = R"({"id":"n4","author":"ann","title":"We're back","selftext":"Hey",)"
                                   R"("url":"https://x.example/","created_utc":100,"score":2412})";

std::string comment(std::string_view more) {
  return R"({"id":"c1","parent_id":"t3_n4","author":"bob","body":"hi","created_utc":110)" + std::string(more) + "}";
}

std::string converted(ThreadExport& thread, std::string_view line) {
  std::string out;
  const auto done = thread.convert(line, out);
  REQUIRE((done ? "" : done.error().message()) == std::string());
  return out;
}

Error refused(ThreadExport& thread, std::string_view line) {
  std::string out;
  const auto done = thread.convert(line, out);
  REQUIRE_FALSE(done);
  CHECK(out.empty());
  return done.error();
}

TEST_CASE("the post becomes add_post and its vote") {
  ThreadExport thread;
  CHECK(converted(thread, kPost) ==
        R"({"event_kind":"add_post","timestamp":100,"title":"We're back","user_id":"ann","message":"Hey",)"
        R"("url":"https://x.example/"}
{"event_kind":"vote","timestamp":100,"comment_id":0,"score":2412}
)");
  CHECK(refused(thread, kPost).detail == "line 2: a second post");
}

TEST_CASE("a comment becomes add_comment and its vote") {
  ThreadExport thread;
  CHECK(converted(thread, comment(R"(,"edited":false,"score":-52)")) ==
        R"({"event_kind":"add_comment","timestamp":110,"comment_id":"c1","parent_comment":0,)"
        R"("user_id":"bob","message":"hi"}
{"event_kind":"vote","timestamp":110,"comment_id":"c1","score":-52}
)");
  const std::string reply =
      R"({"id":"c2","parent_id":"t1_c1","author":null,"body":"line\n\"two\"","created_utc":"111","score":null})";
  CHECK(converted(thread, reply) ==
        R"({"event_kind":"add_comment","timestamp":111,"comment_id":"c2","parent_comment":"c1",)"
        R"("user_id":"","message":"line\n\"two\""}
)");
  CHECK(thread.counts().comments == 2);
  CHECK(thread.counts().events == 3);
}

TEST_CASE("deleted and removed bodies become deletions, and are not edited") {
  ThreadExport thread;
  const std::string deleted =
      R"({"id":"c1","parent_id":"t3_n4","author":"[deleted]","body":"[deleted]","created_utc":1,"edited":true})";
  CHECK(converted(thread, deleted)
            .ends_with("\n{\"event_kind\":\"delete_comment\",\"timestamp\":1,\"comment_id\":\"c1\"}\n"));
  const std::string removed =
      R"({"id":"c2","parent_id":"t3_n4","author":"[deleted]","body":"[removed]","created_utc":1})";
  CHECK(converted(thread, removed)
            .ends_with(R"("comment_id":"c2","reason":"removed"})"
                       "\n"));
  CHECK(thread.counts().deletions == 2);
  CHECK(thread.counts().edits == 0);
}

TEST_CASE("an edit without a time is made at once") {
  ThreadExport thread;
  CHECK(converted(thread, comment(R"(,"edited":true)"))
            .ends_with(
                "\n{\"event_kind\":\"edit_comment\",\"timestamp\":110,\"comment_id\":\"c1\",\"message\":\"hi\"}\n"));
}

TEST_CASE("an edit with a time waits for it") {
  ThreadExport thread;
  const std::string first = converted(thread, comment(R"(,"edited":130.0)"));
  CHECK(first.find("edit_comment") == std::string::npos);
  const auto at = [&](int seconds) {
    return converted(thread,
                     R"({"id":"x","parent_id":"t3_n4","body":"m","created_utc":)" + std::to_string(seconds) + "}");
  };
  CHECK(at(129).find("edit_comment") == std::string::npos);
  CHECK(at(130).starts_with("{\"event_kind\":\"edit_comment\",\"timestamp\":130,"));
  CHECK(at(131).find("edit_comment") == std::string::npos);

  SECTION("or for the end") {
    converted(thread, comment(R"(,"edited":500)"));
    converted(thread, comment(R"(,"edited":400)"));
    std::string out;
    thread.finish(out);
    CHECK(out.find("\"timestamp\":400") < out.find("\"timestamp\":500"));
    CHECK(thread.counts().edits == 3);
  }
}

TEST_CASE("an edit before its comment is made with it") {
  ThreadExport thread;
  CHECK(converted(thread, comment(R"(,"edited":50)")).find(R"("edit_comment","timestamp":110)") != std::string::npos);
}

TEST_CASE("beyond the memory for waiting edits the earliest is written early") {
  ThreadExport thread({.waiting_bytes_max = 150});
  CHECK(converted(thread, comment(R"(,"edited":900)")).find("edit_comment") == std::string::npos);
  CHECK(converted(thread, comment(R"(,"edited":800)")).find(R"("edit_comment","timestamp":800)") != std::string::npos);
}

TEST_CASE("a line older than one before it stands where it stood, and is counted") {
  ThreadExport thread;
  converted(thread, comment(""));
  const std::string older = R"({"id":"c0","parent_id":"t3_n4","body":"m","created_utc":50})";
  CHECK(converted(thread, older).find("\"timestamp\":50") != std::string::npos);
  CHECK(thread.counts().out_of_order == 1);
}

TEST_CASE("blank lines are no events, and count as lines") {
  ThreadExport thread;
  CHECK(converted(thread, "").empty());
  CHECK(converted(thread, " \t\r").empty());
  CHECK(refused(thread, "x").detail == "line 3: not a JSON object");
}

TEST_CASE("a refused line says its number and cause") {
  const auto cause = [](std::string_view line) {
    ThreadExport thread;
    const Error error = refused(thread, line);
    CHECK(error.code == ErrorCode::kBadEvent);
    CHECK(error.detail.starts_with("line 1: "));
    return error.detail.substr(8);
  };
  CHECK(cause("[]") == "not a JSON object");
  CHECK(cause(R"({"id":"c","parent_id":"t3_n","body":"m"})") == "created_utc is missing or no time in seconds");
  CHECK(cause(R"({"id":"c","parent_id":"t3_n","body":"m","created_utc":-1})") ==
        "created_utc is missing or no time in seconds");
  CHECK(cause(R"({"id":"c","parent_id":"t3_n","body":"m","created_utc":"soon"})") ==
        "created_utc is missing or no time in seconds");
  CHECK(cause(R"({"id":"c","parent_id":"t3_n","body":"m","created_utc":1e300})") ==
        "created_utc is missing or no time in seconds");
  CHECK(cause(R"({"parent_id":"t3_n","body":"m","created_utc":1})") == "id is missing");
  CHECK(cause(R"({"id":"","parent_id":"t3_n","body":"m","created_utc":1})") == "id is empty");
  CHECK(cause(R"({"id":7,"parent_id":"t3_n","body":"m","created_utc":1})") == "id is not a text");
  CHECK(cause(R"({"id":"c","body":"m","created_utc":1})") == "parent_id is missing");
  CHECK(cause(R"({"id":"c","parent_id":"t5_x","body":"m","created_utc":1})") ==
        "parent_id begins neither with t1_ nor with t3_");
  CHECK(cause(R"({"id":"c","parent_id":"t1_","body":"m","created_utc":1})") ==
        "parent_id begins neither with t1_ nor with t3_");
  CHECK(cause(R"({"id":"c","parent_id":"t3_n","created_utc":1})") == "body is missing");
  CHECK(cause(comment(R"(,"score":1.5)")) == "score is no integer from -10^12 to 10^12");
  CHECK(cause(comment(R"(,"score":1000000000001)")) == "score is no integer from -10^12 to 10^12");
  CHECK(cause(comment(R"(,"edited":"yes")")) == "edited is neither true, false nor a time in seconds");
  CHECK(cause(R"({"title":"t","author":")" + std::string(300, 'a') + R"(","created_utc":1})") ==
        "author is longer than 256 bytes");
}

TEST_CASE("what an origin would refuse is refused here") {
  ThreadExport thread;
  const std::string long_body =
      R"({"id":"c","parent_id":"t3_n","created_utc":1,"body":")" + std::string(kEventBytesMax - 50, 'x') + "\"}";
  const Error too_large = refused(thread, long_body);
  CHECK(too_large.code == ErrorCode::kEventTooLarge);
  CHECK(too_large.detail.starts_with("line 1: add_comment of 492"));
  const Error too_long = refused(thread, std::string(ThreadExport::kLineBytesMax + 1, ' ') + "{");
  CHECK(too_long.code == ErrorCode::kTooLarge);
}

TEST_CASE("after a refused line the next is converted") {
  ThreadExport thread;
  refused(thread, R"({"title":"t","created_utc":1,"score":"x"})");
  CHECK_FALSE(converted(thread, kPost).empty());
  CHECK_FALSE(converted(thread, comment("")).empty());
}

}  // namespace
}  // namespace xylem
