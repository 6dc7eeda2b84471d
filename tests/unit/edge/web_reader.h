// An HTTP client on a connection of a Serving: asks, and takes answers apart.
#pragma once

#include <map>
#include <string>

#include "relay/edge/http_session.h"
#include "tests/unit/serve/serving.h"

namespace xylem {

struct WebAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  std::string operator[](const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  bool has(const std::string& text) const { return body.find(text) != std::string::npos; }
};

class WebReader {
 public:
  explicit WebReader(Serving& serving) : world(serving), connection(serving.connect()) {}

  void say(const std::string& text) { world.core->on_bytes(connection.id, as_bytes(text), world.now); }
  WebAnswer ask(const std::string& method, const std::string& target, const std::string& headers = "") {
    say(method + " " + target + " HTTP/1.1\r\nHost: relay.example\r\n" + headers + "\r\n");
    world.settle();
    return take(method == "HEAD");
  }
  WebAnswer get(const std::string& target, const std::string& headers = "") { return ask("GET", target, headers); }

  // The next answer among the bytes that arrived; must be there whole.
  WebAnswer take(bool head_only = false) {
    std::string text(as_text(connection.link->received));
    WebAnswer answer;
    std::size_t at = text.find("\r\n\r\n");
    REQUIRE(at != std::string::npos);
    std::string head = text.substr(0, at + 2);
    at += 4;
    REQUIRE(head.starts_with("HTTP/1.1 "));
    answer.status = std::stoi(head.substr(9, 3));
    for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
      const std::size_t end = head.find("\r\n", line), colon = head.find(": ", line);
      const std::string name = head.substr(line, colon - line);
      REQUIRE_FALSE(answer.headers.contains(name));
      answer.headers[name] = head.substr(colon + 2, end - colon - 2);
      line = end + 2;
    }
    if (!head_only && answer.headers.contains("Content-Length")) {
      const std::size_t bytes = std::stoul(answer["Content-Length"]);
      REQUIRE(text.size() - at >= bytes);
      answer.body = text.substr(at, bytes);
      at += bytes;
    } else if (!head_only && answer["Transfer-Encoding"] == "chunked") {
      for (std::size_t bytes = 1; bytes > 0;) {
        const std::size_t end = text.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        bytes = std::stoul(text.substr(at, end - at), nullptr, 16);
        answer.body += text.substr(end + 2, bytes);
        at = end + 2 + bytes + 2;
        ++chunks;
      }
    }
    connection.link->received.erase(connection.link->received.begin(),
                                    connection.link->received.begin() + static_cast<std::ptrdiff_t>(at));
    return answer;
  }

  Serving& world;
  Serving::Connection connection;
  std::size_t chunks = 0;
};

inline std::string offset_text(std::uint64_t version, std::uint64_t epoch = kSampleEpoch.value) {
  return FeedCursor{FeedEpoch(epoch), Version(version), {}}.to_string();
}

}  // namespace xylem
