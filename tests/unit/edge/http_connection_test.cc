// A connection's life without a socket: requests in order, answers whole or bit by bit, time.
#include "relay/edge/http_connection.h"

#include <catch2/catch.hpp>

#include "relay/edge/http_problem.h"

namespace xylem {

namespace {

constexpr MonoTime kBegin{std::chrono::hours(1)};

struct Server final : HttpOutput, HttpHandler {
  explicit Server(const HttpLimits& given = {}) : limits(given) {}

  void send(SharedBytes bytes) override { sent += as_text(bytes.view()); }
  void set_reading(bool on) override { reading = on; }
  void close() override { closed = true; }
  void abort() override { aborted = true; }
  Timestamp wall_time() const override { return from_ms(784'111'777'000); }
  void on_request(const HttpRequest& request) override {
    targets.push_back(request.target.path.empty() ? "" : request.target.path[0]);
    bodies.emplace_back(as_text(request.body));
    if (!later) answer();
  }
  void answer(const std::string& body = "hello") {
    HttpAnswer answer;
    answer.with("Content-Type", "text/plain");
    answer.body = SharedBytes::copy_of(body);
    connection.answer(std::move(answer), now);
  }
  void hear(const std::string& bytes) { connection.on_bytes(as_bytes(bytes), now); }
  void pass(std::chrono::milliseconds time) {
    now += time;
    if (connection.deadline() <= now) connection.on_deadline(now);
  }
  std::string take() { return std::exchange(sent, {}); }

  HttpLimits limits;
  MonoTime now = kBegin;
  HttpConnection connection{limits, *this, *this, now};
  bool later = false;  // answers are given by the test
  std::string sent;
  std::vector<std::string> targets, bodies;
  bool reading = true, closed = false, aborted = false;
};

std::string get(const std::string& path, const std::string& more = "") {
  return "GET /" + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("An answer has what every answer has", "[edge]") {
  Server server;
  server.hear(get("a"));
  const std::string sent = server.take();
  CHECK(sent.starts_with("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"));
  CHECK(sent.ends_with("Content-Length: 5\r\n\r\nhello"));
  CHECK(count(sent, "Access-Control-Allow-Origin: *\r\n") == 1);
  CHECK(count(sent, "Cross-Origin-Resource-Policy: cross-origin\r\n") == 1);
  CHECK(count(sent, "X-Content-Type-Options: nosniff\r\n") == 1);
  CHECK(count(sent, "Connection:") == 0);
  CHECK_FALSE(server.closed);
}

TEST_CASE("Pipelined requests are answered in order", "[edge]") {
  Server server;
  SECTION("at once") {
    server.hear(get("a") + get("b") + get("c"));
    CHECK(server.targets == std::vector<std::string>{"a", "b", "c"});
    CHECK(count(server.take(), "HTTP/1.1 200 OK") == 3);
    CHECK(server.reading);
  }
  SECTION("one at a time, the rest waits unread") {
    server.later = true;
    server.hear(get("a") + get("b") + "GET /c HT");
    CHECK(server.targets == std::vector<std::string>{"a"});
    CHECK_FALSE(server.reading);
    server.answer();
    CHECK(server.targets == std::vector<std::string>{"a", "b"});
    CHECK_FALSE(server.reading);
    server.answer();
    CHECK(server.targets == std::vector<std::string>{"a", "b"});
    CHECK(server.reading);
    server.hear("TP/1.1\r\nHost: a\r\n\r\n");
    CHECK(server.targets == std::vector<std::string>{"a", "b", "c"});
  }
  SECTION("byte by byte") {
    for (const char byte : get("a") + get("b")) server.hear(std::string(1, byte));
    CHECK(server.targets == std::vector<std::string>{"a", "b"});
  }
}

TEST_CASE("The connection ends when either side says so", "[edge]") {
  Server server;
  SECTION("the peer") {
    server.hear(get("a", "Connection: close\r\n") + get("b"));
    CHECK(server.targets == std::vector<std::string>{"a"});
  }
  SECTION("an old peer, by saying nothing") { server.hear("GET / HTTP/1.0\r\n\r\n"); }
  SECTION("we") {
    server.connection.end_soon();
    server.hear(get("a"));
  }
  CHECK(count(server.take(), "Connection: close\r\n") == 1);
  CHECK(server.closed);
}

TEST_CASE("A peer that half-closes still gets its answer", "[edge]") {
  Server server;
  server.later = true;
  server.hear(get("a"));
  server.connection.on_end(server.now);
  CHECK_FALSE(server.closed);
  server.answer();
  CHECK(server.take().ends_with("hello"));
  CHECK(server.closed);
}

TEST_CASE("HEAD gets the head alone", "[edge]") {
  Server server;
  server.hear("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(server.take().ends_with("Content-Length: 5\r\n\r\n"));
  server.later = true;
  server.hear("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  server.connection.begin(HttpAnswer{}, server.now);
  CHECK_FALSE(server.connection.answering());
  CHECK(count(server.take(), "Transfer-Encoding") == 0);
}

TEST_CASE("An answer without known length leaves in pieces", "[edge]") {
  Server server;
  server.later = true;
  SECTION("as chunks") {
    server.hear(get("a"));
    server.connection.begin(HttpAnswer{}, server.now);
    CHECK(count(server.take(), "Transfer-Encoding: chunked\r\n") == 1);
    server.connection.send_body(SharedBytes::copy_of("0123456789abcdef"));
    CHECK(server.take() == "10\r\n0123456789abcdef\r\n");
    server.connection.send_body(SharedBytes());
    CHECK(server.take().empty());
    server.connection.finish(server.now);
    CHECK(server.take() == "0\r\n\r\n");
    CHECK_FALSE(server.closed);
  }
  SECTION("until the connection closes, for HTTP/1.0") {
    server.hear("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    server.connection.begin(HttpAnswer{}, server.now);
    CHECK(count(server.take(), "Connection: close\r\n") == 1);
    server.connection.send_body(SharedBytes::copy_of("abc"));
    server.connection.finish(server.now);
    CHECK(server.take() == "abc");
    CHECK(server.closed);
  }
  SECTION("and is cut so that the peer sees it") {
    server.hear(get("a"));
    server.connection.begin(HttpAnswer{}, server.now);
    server.connection.cut();
    CHECK(server.aborted);
    CHECK(count(server.take(), "0\r\n\r\n") == 0);
  }
}

TEST_CASE("Some answers have no body", "[edge]") {
  Server server;
  server.later = true;
  server.hear(get("a"));
  HttpAnswer answer;
  answer.status = 304;
  answer.body = SharedBytes::copy_of("never sent");
  server.connection.answer(std::move(answer), server.now);
  const std::string sent = server.take();
  CHECK(count(sent, "Content-Length") == 0);
  CHECK(sent.ends_with("\r\n\r\n"));
}

TEST_CASE("What is no request is told why, and the connection ends", "[edge]") {
  Server server;
  server.hear("GET / HTTP/1.1\r\n\r\n" + get("next"));
  const std::string sent = server.take();
  CHECK(sent.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(count(sent, "application/problem+json") == 1);
  CHECK(count(sent, "Access-Control-Allow-Origin: *\r\n") == 1);
  CHECK(count(sent, "Connection: close\r\n") == 1);
  CHECK(server.targets.empty());
  CHECK(server.closed);
  server.hear(get("more"));
  CHECK(server.take().empty());
}

TEST_CASE("A peer that waits for a word before its body gets it once", "[edge]") {
  HttpLimits limits;
  limits.body_bytes_max = 100;
  Server server(limits);
  const std::string head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  SECTION("when the body is not there yet") {
    server.hear(head);
    CHECK(server.take() == "HTTP/1.1 100 Continue\r\n\r\n");
    server.hear("bo");
    CHECK(server.take().empty());
    server.hear("dy");
    CHECK(server.bodies == std::vector<std::string>{"body"});
  }
  SECTION("not when it is") {
    server.hear(head + "body");
    CHECK(count(server.take(), "100 Continue") == 0);
  }
  SECTION("and again for the next request") {
    server.hear(head);
    server.hear("body");
    server.take();
    server.hear(head);
    CHECK(server.take() == "HTTP/1.1 100 Continue\r\n\r\n");
  }
}

TEST_CASE("Everything has its time", "[edge]") {
  HttpLimits limits;
  limits.body_bytes_max = 100;
  Server server(limits);
  SECTION("a first request") {
    server.pass(9s);
    CHECK_FALSE(server.closed);
    server.pass(1s);
    CHECK(server.closed);
    CHECK(server.take().empty());
  }
  SECTION("the headers, however they trickle") {
    server.hear("GET ");
    for (int i = 0; i < 9; ++i) {
      server.pass(1s);
      server.hear("/");
    }
    CHECK_FALSE(server.closed);
    server.pass(1s);
    CHECK(server.take().starts_with("HTTP/1.1 408 "));
    CHECK(server.closed);
  }
  SECTION("the body") {
    server.hear("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    server.pass(59s);
    CHECK_FALSE(server.closed);
    server.pass(1s);
    CHECK(server.take().starts_with("HTTP/1.1 408 "));
  }
  SECTION("the next request") {
    server.hear(get("a"));
    server.take();
    server.pass(74s);
    CHECK_FALSE(server.closed);
    server.pass(1s);
    CHECK(server.closed);
    CHECK(server.take().empty());
  }
  SECTION("but an answer has as long as it needs") {
    server.later = true;
    server.hear(get("a"));
    CHECK(server.connection.deadline() == kNever);
    server.pass(1h);
    CHECK_FALSE(server.closed);
    server.answer();
    CHECK(server.take().ends_with("hello"));
  }
}

TEST_CASE("A shell that does not stop reading is closed before memory grows", "[edge]") {
  Server server;
  server.later = true;
  server.hear(get("a"));
  for (int i = 0; i < 5; ++i) server.hear(std::string(64 * kKiB, 'x'));
  CHECK(server.closed);
}

TEST_CASE("Errors are problems with the numbers of the one table", "[edge]") {
  const HttpAnswer answer = problem({ErrorCode::kTooOld, "below 17"}, std::array{ProblemMember{"head", "1_2"}});
  CHECK(answer.status == 410);
  CHECK(as_text(answer.body.view()) ==
        R"({"type":"urn:xylem:too-old","title":"older than what is kept here","detail":"below 17",)"
        R"("error":"E_TOO_OLD","head":"1_2","number":301,"status":410})"
        "\n");
  const HttpAnswer busy = problem({ErrorCode::kUnknownYet, ""});
  CHECK(busy.status == 503);
  CHECK(std::ranges::count(busy.headers, std::pair<std::string_view, std::string>("Retry-After", "1")) == 1);
}

}  // namespace xylem
