// The feed resource: the table of docs/reading.md, case by case.
#include <algorithm>

#include "tests/unit/edge/page_world.h"

namespace xylem {

TEST_CASE("A feed is read from the start as one JSON array", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  for (const char* query : {"", "?offset=-1", "?offset=0"}) {
    const WebAnswer answer = reader.get(kPath + query);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"([{"n":1},{"n":2},{"n":3},{"n":4},{"n":5}])");
    CHECK(answer["Content-Type"] == "application/json");
    CHECK(answer["Stream-Next-Offset"] == offset_text(5));
    CHECK(answer["Stream-Up-To-Date"] == "true");
    CHECK(answer["Cache-Control"] == "no-store");
    CHECK(answer["Vary"] == "Accept, Accept-Encoding");
    CHECK(answer["Access-Control-Allow-Origin"] == "*");
    CHECK(answer["Stream-Closed"].empty());
  }
}

TEST_CASE("A reader resumes behind its cursor, also within a batch", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const WebAnswer answer = reader.get(kPath + "?offset=" + offset_text(3));
  CHECK(answer.body == R"([{"n":4},{"n":5}])");
  CHECK(answer["Stream-Next-Offset"] == offset_text(5));
  CHECK(answer["Cache-Control"] == "public, max-age=1");
  CHECK(reader.get(kPath + "?offset=4").body == R"([{"n":5}])");
}

TEST_CASE("At the head an answer is empty, and never another's cursor", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  for (const std::string& query : {std::string("now"), offset_text(5), std::string("5")}) {
    const WebAnswer answer = reader.get(kPath + "?offset=" + query);
    CHECK(answer.status == 200);
    CHECK(answer.body == "[]");
    CHECK(answer["Stream-Next-Offset"] == offset_text(5));
    CHECK(answer["Stream-Up-To-Date"] == "true");
    CHECK(answer["Cache-Control"] == "no-store");
    CHECK(answer["ETag"].empty());
  }
}

TEST_CASE("Ahead of this relay an answer is empty at the cursor that was asked for", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const WebAnswer answer = reader.get(kPath + "?offset=" + offset_text(9));
  CHECK(answer.status == 200);
  CHECK(answer.body == "[]");
  CHECK(answer["Stream-Next-Offset"] == offset_text(9));
  CHECK(answer["Stream-Tail-Offset"] == offset_text(5));
  CHECK(answer["Stream-Up-To-Date"].empty());
  CHECK(answer["Cache-Control"] == "no-store");
}

TEST_CASE("A limit ends a page before the head, which is cached longer", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const WebAnswer answer = reader.get(kPath + "?limit=2&offset=" + offset_text(1));
  CHECK(answer.body == R"([{"n":2},{"n":3}])");
  CHECK(answer["Stream-Next-Offset"] == offset_text(3));
  CHECK(answer["Stream-Up-To-Date"].empty());
  CHECK(answer["Cache-Control"] == "public, max-age=600, stale-while-revalidate=60");
}

TEST_CASE("Pages end at fixed versions, so that readers share them", "[edge]") {
  PageWorld world;
  world.five.maker.open(kFeed);
  for (int i = 0; i < 25; ++i) world.five.maker.batch(kFeed, 100, 3);
  world.five.publish();
  world.start();
  WebReader reader(world);
  CHECK(reader.get(kPath)["Stream-Next-Offset"] == offset_text(1000));
  CHECK(reader.get(kPath + "?offset=" + offset_text(999))["Stream-Next-Offset"] == offset_text(1000));
  CHECK(reader.get(kPath + "?offset=" + offset_text(1000))["Stream-Next-Offset"] == offset_text(2000));
  const WebAnswer last = reader.get(kPath + "?offset=" + offset_text(2000));
  CHECK(last["Stream-Next-Offset"] == offset_text(2500));
  CHECK(std::ranges::count(last.body, ',') == 499);
}

TEST_CASE("What has not changed is not sent again", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const std::string url = kPath + "?offset=" + offset_text(1);
  const std::string etag = reader.get(url)["ETag"];
  REQUIRE_FALSE(etag.empty());
  const WebAnswer again = reader.get(url, "If-None-Match: \"other\", " + etag + "\r\n");
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again["ETag"] == etag);
  CHECK(reader.get(url, "If-None-Match: \"other\"\r\n").status == 200);
  world.five.maker.batch_of(kFeed, {"6"});
  world.publish();
  CHECK(reader.get(url, "If-None-Match: " + etag + "\r\n").status == 200);
}

TEST_CASE("HEAD and OPTIONS", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const WebAnswer head = reader.ask("HEAD", kPath);
  CHECK(head.status == 200);
  CHECK(head["Stream-Next-Offset"] == offset_text(5));
  CHECK(head["Content-Type"] == "application/json");
  const WebAnswer options =
      reader.ask("OPTIONS", kPath, "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n");
  CHECK(options.status == 204);
  CHECK(options["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS");
  CHECK(options["Access-Control-Allow-Origin"] == "*");
}

TEST_CASE("Each event as an object, one a line", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  WebReader reader(world);
  const std::string line = R"({"feed":"31337","epoch":1700000000000,"version":5,"time":"2023-11-14T22:13:20.030Z",)"
                           R"("origin_time":"2023-11-14T22:13:20.030Z","kind":"add_comment","details":{"n":5}})"
                           "\n";
  for (const auto& [query, accept] :
       {std::pair("&shape=event", ""), std::pair("", "Accept: application/x-ndjson\r\n")}) {
    const WebAnswer answer = reader.get(kPath + "?offset=" + offset_text(4) + query, accept);
    CHECK(answer.body == line);
    CHECK(answer["Content-Type"] == "application/x-ndjson");
  }
}

TEST_CASE("A feed of another type is its bytes, one after another", "[edge]") {
  PageWorld world;
  world.open_as(kFeed, "text/plain; charset=utf-8");
  world.five.maker.batch_of(kFeed, {"one ", "two\n"});
  world.five.maker.batch_of(kFeed, {std::string("\xFF\x00", 2)});
  world.five.publish();
  world.start();
  WebReader reader(world);
  const WebAnswer answer = reader.get(kPath);
  CHECK(answer.body == std::string("one two\n\xFF\x00", 10));
  CHECK(answer["Content-Type"] == "text/plain; charset=utf-8");
  CHECK(answer["Content-Security-Policy"] == "sandbox");
  const WebAnswer lines = reader.get(kPath + "?shape=event");
  CHECK(lines.has(R"("details":"two\u000a"})"));
  CHECK(lines.has(R"("details_base64":"/wA="})"));
  CHECK(reader.get(kPath + "?offset=now").body.empty());
}

TEST_CASE("A type that does not fit into a header is not passed on", "[edge]") {
  PageWorld world;
  world.open_as(kFeed, "text/plain; charset=\u00FCtf-8");
  world.five.publish();
  world.start();
  WebReader reader(world);
  CHECK(reader.get(kPath)["Content-Type"] == "application/octet-stream");
}

TEST_CASE("A removed event reads null and keeps its place", "[edge]") {
  PageWorld world;
  world.five.maker.open(kFeed);
  world.five.maker.batch_of(kFeed, {"1", "2", "3"});
  const Bytes elided = elide_record(world.five.maker.record(1), {false, true, false}, std::vector{Seq(3)}).value();
  world.five.maker.frames[1] = elided;
  world.five.publish();
  world.start();
  WebReader reader(world);
  CHECK(reader.get(kPath).body == "[1,null,3]");
  CHECK(reader.get(kPath + "?shape=event").has(R"("version":2,"time":"2023-11-14T22:13:20.010Z",)"));
  CHECK(reader.get(kPath + "?shape=event").has(R"("kind":null,"details":null})"));
}

TEST_CASE("A closed feed says so at its end", "[edge]") {
  PageWorld world;
  world.make_history();
  world.five.maker.notice(kFeed, CloseNotice{Version(5)});
  world.five.publish();
  world.start();
  WebReader reader(world);
  CHECK(reader.get(kPath)["Stream-Closed"] == "true");
  CHECK(reader.get(kPath + "?offset=now")["Stream-Closed"] == "true");
  CHECK(reader.get(kPath + "?limit=1")["Stream-Closed"].empty());
}

TEST_CASE("What cannot be answered is a problem with its status", "[edge]") {
  PageWorld world;
  world.make_history();
  world.facts.denied = {kOtherFeed};
  world.facts.abuse_contact = "abuse@relay.example";
  world.start();
  WebReader reader(world);
  const std::string other_hash = offset_text(2) + "_12345678";
  const std::vector<std::tuple<std::string, int, std::string>> cases = {
      {kPath + "?offset=" + offset_text(2, kSampleEpoch.value - 1), 410, "E_EPOCH_CHANGED"},
      {kPath + "?offset=" + offset_text(2, kSampleEpoch.value + 1), 503, "E_FROM_THE_FUTURE"},
      {kPath + "?offset=" + other_hash, 409, "E_FORKED"},
      {kPath + "?offset=abc", 400, "E_BAD_CURSOR"},
      {kPath + "?offset=", 400, "E_BAD_CURSOR"},
      {kPath + "?offset=-2", 400, "E_BAD_CURSOR"},
      {kPath + "?offset=99999999999999999999", 400, "E_BAD_CURSOR"},
      {kPath + "?offset=1&offset=2", 400, "E_BAD_REQUEST"},
      {kPath + "?limit=0", 400, "E_BAD_REQUEST"},
      {kPath + "?limit=-1", 400, "E_BAD_REQUEST"},
      {kPath + "?limit=x", 400, "E_BAD_REQUEST"},
      {kPath + "?shape=raw", 400, "E_BAD_REQUEST"},
      {kPath + "?live=sse", 501, "E_NOT_IMPLEMENTED"},
      {kPath + "?live=long-poll&offset=now", 501, "E_NOT_IMPLEMENTED"},
      {kPath + "?snapshot=1", 501, "E_NOT_IMPLEMENTED"},
      {kPath + "?wait_version=7", 501, "E_NOT_IMPLEMENTED"},
      {"/v1/stream/17", 404, "E_UNKNOWN_FEED"},
      {"/v1/stream/7", 421, "E_NOT_MINE"},
      {"/v1/stream/5", 451, "E_WITHHELD"},
      {"/v1/stream/99999999999999999999", 400, "E_BAD_NAME"},
      {"/v1/stream/", 400, "E_BAD_NAME"},
      {"/v1/stream", 404, "E_NOT_FOUND"},
      {"/v1/stream/1/2/3", 404, "E_NOT_FOUND"},
      {"/nothing", 404, "E_NOT_FOUND"},
  };
  for (const auto& [target, status, name] : cases) {
    INFO(target);
    const WebAnswer answer = reader.get(target);
    CHECK(answer.status == status);
    CHECK(answer.has("\"error\":\"" + name + "\""));
    CHECK(answer["Content-Type"] == "application/problem+json");
    CHECK(answer["Cache-Control"] == "no-store");
    CHECK(answer["Access-Control-Allow-Origin"] == "*");
    CHECK((answer["Retry-After"] == "1") == (status == 503));
  }
  CHECK(reader.get("/v1/stream/5").has("abuse@relay.example"));
  CHECK(reader.get("/v1/stream/7").has("5-6"));
  CHECK(reader.get(kPath, "Accept: text/event-stream\r\n").status == 501);
  CHECK(reader.get(kPath + "?offset=" + offset_text(2, kSampleEpoch.value - 1)).has(offset_text(5)));
}

TEST_CASE("Only GET, HEAD and OPTIONS are answered", "[edge]") {
  PageWorld world;
  world.make_history();
  world.start();
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
    WebReader reader(world);
    const WebAnswer answer = reader.ask(method, kPath);
    CHECK(answer.status == 405);
    CHECK(answer["Allow"] == "GET, HEAD, OPTIONS");
  }
  WebReader poster(world);
  CHECK(poster.ask("POST", kPath, "Content-Length: 100000\r\n").status == 405);
  CHECK(poster.connection.link->closed);
  WebReader with_body(world);
  CHECK(with_body.ask("GET", kPath, "Content-Length: 3\r\n").status == 400);
  CHECK(with_body.connection.link->closed);
}

TEST_CASE("A feed by name is the feed of its hash", "[edge]") {
  PageWorld world;
  std::string name;
  for (int i = 0; name.empty() || bucket_of(feed_id_of_name(name), kSampleBuckets) != kBucket; ++i) {
    name = "https://forum.example/thread/" + std::to_string(i);
  }
  const FeedId feed = feed_id_of_name(name);
  world.five.maker.open(feed);
  world.five.maker.batch_of(feed, {"1"});
  world.five.publish();
  world.start();
  WebReader reader(world);
  std::string encoded;
  for (const char c : name) encoded += c == '/' ? "%2F" : std::string(1, c);
  CHECK(reader.get("/v1/stream/" + encoded).body == "[1]");
}

TEST_CASE("Old versions are gone with their earliest cursor", "[edge]") {
  BucketLogOptions options;
  options.segment_bytes = 64 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 16 * kKiB;
  PageWorld world(options);
  world.five.maker.open(kFeed);
  for (int i = 0; i < 300; ++i) world.five.maker.batch(kFeed, 1, 1000);
  world.five.publish();
  REQUIRE(world.five.log->retain(100 * kKiB));
  world.start();
  WebReader reader(world);
  const WebAnswer gone = reader.get(kPath);
  CHECK(gone.status == 410);
  CHECK(gone.has("urn:xylem:too-old"));
  CHECK(gone.has("\"head\":\"" + offset_text(300) + "\""));
  const std::size_t at = gone.body.find("\"earliest\":\"");
  REQUIRE(at != std::string::npos);
  const std::string earliest = gone.body.substr(at + 12, 33);
  CHECK(reader.get(kPath + "?offset=" + earliest).status == 200);
  const WebAnswer unknown = reader.get("/v1/stream/17");
  CHECK(unknown.status == 503);
  CHECK(unknown.has("E_UNKNOWN_YET"));
  CHECK(unknown["Retry-After"] == "1");
}

TEST_CASE("A deleted feed is gone", "[edge]") {
  PageWorld world;
  world.make_history();
  world.five.maker.notice(kFeed, EraseNotice{});
  world.five.publish();
  world.start();
  WebReader reader(world);
  const WebAnswer answer = reader.get(kPath);
  CHECK(answer.status == 410);
  CHECK(answer.has("E_FEED_DELETED"));
}

TEST_CASE("Where readers are not taken, or no room is left, or all goes away", "[edge]") {
  PageWorld world;
  world.make_history();
  world.limits.connections_max = 3;
  world.limits.relay_connections_reserved = 2;
  world.start();
  WebReader first(world);
  CHECK(first.get(kPath).status == 200);
  WebReader second(world);
  const WebAnswer full = second.get(kPath);
  CHECK(full.status == 429);
  CHECK(full["Retry-After"] == "1");
  CHECK(second.connection.link->closed);
  world.facts.accept_readers = false;
  world.set_facts();
  CHECK(first.get(kPath).status == 403);
  CHECK(first.connection.link->closed);
  world.facts.draining = true;
  world.set_facts();
  WebReader third(world);
  CHECK(third.get(kPath).status == 503);
}

}  // namespace xylem
