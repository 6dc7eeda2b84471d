// One request after another from bytes; what two servers could understand differently is refused.
#include "relay/edge/http_parser.h"

#include <catch2/catch.hpp>

namespace xylem {

namespace {

constexpr HttpLimits kNoBody;

HttpLimits with_body(std::size_t bytes) {
  HttpLimits limits;
  limits.body_bytes_max = bytes;
  return limits;
}

struct Outcome {
  int status = 0;  // 0: a request, -1: not complete
  HttpRequest request;
  std::string rest;
};

// As the bytes come in one piece, or one by one.
Outcome parse(const HttpLimits& limits, const std::string& bytes, std::size_t step = std::string::npos) {
  HttpParser parser(limits);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view piece = std::string_view(bytes).substr(at, step);
    const auto taken = parser.feed(as_bytes(piece));
    if (!taken) return {taken.error().status, {}, {}};
    if (parser.complete()) return {0, parser.take(), bytes.substr(at + *taken)};
    REQUIRE(*taken == piece.size());
    at += piece.size();
  }
  return {-1, {}, {}};
}

std::string get(const std::string& headers, const std::string& target = "/") {
  return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE("A request is taken apart", "[edge]") {
  const std::string bytes =
      "GET /v1/stream/a%2Fb%20c?offset=now&x=1%2B1+2&flag HTTP/1.1\r\nHost: relay.example:80\r\n"
      "ACCEPT: text/html, application/x-ndjson;q=0.5\r\nX-Empty:\r\nX-Blank: \t v  \t\r\n\r\nGET /next";
  for (const std::size_t step : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
    const Outcome outcome = parse(kNoBody, bytes, step);
    REQUIRE(outcome.status == 0);
    const HttpRequest& request = outcome.request;
    CHECK(request.method == HttpMethod::get);
    CHECK(request.target.path == std::vector<std::string>{"v1", "stream", "a/b c"});
    CHECK(*request.target.parameter("offset") == "now");
    CHECK(*request.target.parameter("x") == "1+1 2");
    CHECK(request.target.parameter("flag")->empty());
    CHECK(request.target.parameter("none") == nullptr);
    CHECK(*request.header("host") == "relay.example:80");
    CHECK(request.header("x-empty")->empty());
    CHECK(*request.header("x-blank") == "v");
    CHECK(request.lists("accept", "APPLICATION/x-ndjson"));
    CHECK_FALSE(request.lists("accept", "application/json"));
    CHECK(request.keep_alive);
    CHECK_FALSE(request.http_1_0);
    CHECK(outcome.rest == "GET /next");
  }
}

TEST_CASE("Requests that could be understood in two ways are refused", "[edge]") {
  const std::string host = "Host: a\r\n";
  const std::vector<std::tuple<std::string, int, const char*>> cases = {
      {get(host), 0, "plain"},
      {get(""), 400, "no Host"},
      {get("Host: a\r\nHost: b\r\n"), 400, "two Hosts"},
      {get("Host: a\r\nhost: a\r\n"), 400, "the same Host twice"},
      {get("Host:\r\n"), 400, "an empty Host"},
      {get("Host: a b\r\n"), 400, "a blank in Host"},
      {get("Host: a,b\r\n"), 400, "a list of Hosts"},
      {get("Host : a\r\n"), 400, "a blank before the colon"},
      {get(" Host: a\r\n"), 400, "a blank before the first header"},
      {get("Host: a\r\n folded\r\n"), 400, "a folded line"},
      {get("Host: a\r\n\tfolded\r\n"), 400, "a folded line, by tab"},
      {get("Host: a\r\nX:\r\n folded\r\n"), 400, "a folded line after an empty value"},
      {get("Host: a\r\nX: \r\n\r\n"), 0, "a value of blanks"},
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "bare line feeds"},
      {get("Host: a\r\nX: a\nY: b\r\n"), 400, "a bare line feed between headers"},
      {get("Host: a\r\nX: a\rY: b\r\n"), 400, "a bare carriage return"},
      {get("Host: a\r\nX:\rContent-Length: 3\r\n"), 400, "a header hidden behind a carriage return"},
      {get(std::string("Host: a\r\nX: a\0b\r\n", 16)), 400, "a zero byte"},
      {get("Host: a\r\nX: a\x01"
           "b\r\n"),
       400, "a control character"},
      {get("Host: a\r\nX Y: b\r\n"), 400, "a blank in a name"},
      {get("Host: a\r\n: b\r\n"), 400, "no name"},
      {get("Host: a\r\nno colon\r\n"), 400, "no colon"},
      {get("Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n"), 400, "two lengths"},
      {get("Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n"), 400, "two lengths that differ"},
      {get("Host: a\r\nContent-Length: 1, 1\r\n"), 400, "a list of lengths"},
      {get("Host: a\r\nContent-Length: +1\r\n"), 400, "a length with a sign"},
      {get("Host: a\r\nContent-Length: -1\r\n"), 400, "a negative length"},
      {get("Host: a\r\nContent-Length: 0x1\r\n"), 400, "a length in another base"},
      {get("Host: a\r\nContent-Length: 99999999999999999999\r\n"), 400, "a length beyond all numbers"},
      {get("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400, "a length and a coding"},
      {get("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400, "a coding and a length"},
      {get("Host: a\r\nTransfer-Encoding: xchunked\r\n"), 501, "an unknown coding"},
      {get("Host: a\r\nTransfer-Encoding: chunked, identity\r\n"), 400, "chunked is not the last"},
      {get("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n"), 501, "two codings"},
      {get("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, "the coding twice"},
      {get("Host: a\r\nTransfer-Encoding: identity\r\n"), 501, "identity"},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "chunked in HTTP/1.0"},
      {"GET / HTTP/1.0\r\n\r\n", 0, "HTTP/1.0 needs no Host"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "HTTP/1.2"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP/2.0"},
      {"GET / HTTP/0.9\r\n\r\n", 505, "HTTP/0.9"},
      {"GET / HTTP/11\r\nHost: a\r\n\r\n", 505, "HTTP/11"},
      {"GET /\r\n\r\n", 505, "no version"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 0, "two blanks"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 505, "a blank behind the version"},
      {"get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "a method in lower case"},
      {"FETCHIT / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "an unknown method"},
      {get(host, "/a b"), 400, "a blank in the target"},
      {get(host, "/a#b"), 400, "a fragment"},
      {get(host, "a"), 400, "no slash"},
      {get(host, "/%"), 400, "a lone percent sign"},
      {get(host, "/%4"), 400, "half an encoding"},
      {get(host, "/%zz"), 400, "no hexadecimal digits"},
      {get(host, "/%00"), 400, "an encoded zero byte"},
      {get(host, "/?a=%"), 400, "bad encoding in the query"},
      {get(host, "/\x80"), 400, "a byte that is not ASCII"},
      {get(host, "http://a/x"), 0, "a target for a proxy"},
      {get(host, "*"), 400, "an asterisk without OPTIONS"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0, "OPTIONS *"},
      {get("Host: a\r\nExpect: 200-ok\r\n"), 417, "an expectation"},
      {get("Host: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"), 0, "an upgrade, which is passed over"},
      {"\r\n\r\n" + get(host), 0, "empty lines before"},
      {std::string(200, '\n') + get(host), 400, "nothing but empty lines"},
  };
  for (const auto& [bytes, status, why] : cases) {
    INFO(why);
    CHECK(parse(kNoBody, bytes).status == status);
    CHECK(parse(kNoBody, bytes, 1).status == status);
  }
}

TEST_CASE("Everything about a request has a limit", "[edge]") {
  const HttpLimits limits;
  const std::string host = "Host: a\r\n";
  const auto headers = [](std::size_t count) {
    std::string all = "Host: a\r\n";
    for (std::size_t i = 1; i < count; ++i) all += "X: y\r\n";
    return all;
  };
  const std::vector<std::tuple<std::string, int, const char*>> cases = {
      {get(host, "/" + std::string(limits.target_bytes_max - 1, 'a')), 0, "the longest target"},
      {get(host, "/" + std::string(limits.target_bytes_max, 'a')), 414, "a longer one"},
      {get(headers(limits.headers_max)), 0, "the most headers"},
      {get(headers(limits.headers_max + 1)), 431, "one more"},
      {get(host + "X: " + std::string(limits.header_bytes_max - 6, 'a') + "\r\n"), 0, "the largest headers"},
      {get(host + "X: " + std::string(limits.header_bytes_max, 'a') + "\r\n"), 431, "larger ones"},
      {get(host + std::string(limits.header_bytes_max, 'a') + ": b\r\n"), 431, "a name without end"},
      {"GET / HTTP/1.1\r\nX:" + std::string(60'000, ' '), 431, "blanks without end"},
      {"GET /" + std::string(60'000, 'a'), 414, "a target without end"},
  };
  for (const auto& [bytes, status, why] : cases) {
    INFO(why);
    CHECK(parse(limits, bytes).status == status);
    CHECK(parse(limits, bytes, 100).status == status);
  }
}

TEST_CASE("Where no body is taken, one that is there ends the connection", "[edge]") {
  for (const char* head : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    const Outcome outcome = parse(kNoBody, "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(head) + "\r\nhello");
    REQUIRE(outcome.status == 0);
    CHECK(outcome.request.method == HttpMethod::post);
    CHECK(outcome.request.body_refused);
    CHECK_FALSE(outcome.request.keep_alive);
    CHECK(outcome.request.body.empty());
  }
  CHECK_FALSE(parse(kNoBody, get("Host: a\r\nContent-Length: 0\r\n")).request.body_refused);
}

TEST_CASE("Bodies are read whole, by length and in chunks", "[edge]") {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::tuple<std::string, int, std::string>> cases = {
      {post + "Content-Length: 5\r\n\r\nhelloGET", 0, "hello"},
      {post + "Content-Length: 0\r\n\r\n", 0, ""},
      {post + "Content-Length: 11\r\n\r\n", 413, ""},
      {post + "Content-Length: 10\r\n\r\n0123456789", 0, "0123456789"},
      {post + "Content-Length: 10\r\n\r\n012", -1, ""},
      {chunked + "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\nGET", 0, "hello"},
      {chunked + "0\r\n\r\n", 0, ""},
      {chunked + "B\r\n01234567890\r\n0\r\n\r\n", 413, ""},
      {chunked + "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n", 413, ""},
      {chunked + "FFFFFFFFFFFFFFFFF\r\n", 400, ""},
      {chunked + "-1\r\n", 400, ""},
      {chunked + "0x3\r\nhel\r\n0\r\n\r\n", 400, ""},
      {chunked + "3 \r\nhel\r\n0\r\n\r\n", 400, ""},
      {chunked + "3\nhel\n0\n\n", 400, ""},
      {chunked + "3\r\nhelXX", 400, ""},
      {chunked + "3;a\nb\r\nhel\r\n0\r\n\r\n", 400, ""},
      {chunked + "3\r\nhel\r\n0\r\nX-Trailer: y\r\n\r\n", 400, ""},
      {chunked + "1;" + std::string(40'000, 'x'), 413, ""},
  };
  for (const auto& [bytes, status, body] : cases) {
    INFO(bytes.substr(0, 120));
    for (const std::size_t step : {std::string::npos, std::size_t{1}}) {
      const Outcome outcome = parse(with_body(10), bytes, step);
      CHECK(outcome.status == status);
      if (outcome.status != 0) continue;
      CHECK(as_text(outcome.request.body) == body);
      CHECK(outcome.rest == (bytes.ends_with("GET") ? "GET" : ""));
    }
  }
}

TEST_CASE("Keep-alive as each version has it", "[edge]") {
  const auto keeps = [](const std::string& bytes) { return parse(kNoBody, bytes).request.keep_alive; };
  CHECK(keeps(get("Host: a\r\n")));
  CHECK_FALSE(keeps(get("Host: a\r\nConnection: close\r\n")));
  CHECK_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

}  // namespace xylem
