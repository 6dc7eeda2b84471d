// Reads one HTTP/1.1 request from the bytes of a connection. llhttp (strict) decides what the grammar allows; what it
// has no opinion on is decided here, so that no proxy in front can understand a request differently than we do:
//
//   every size has a limit; exactly one Host; no folded lines, no control characters in a value, no trailers; the only
//   transfer coding is `chunked`, and not in HTTP/1.0
//
// The only file that knows llhttp is http_parser.cc.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <tl/expected.hpp>

#include "proto/limits.h"
#include "relay/edge/http_request.h"

namespace xylem {

struct HttpLimits {
  std::size_t target_bytes_max = 4 * kKiB;          // beyond: 414
  std::size_t headers_max = 64;                     // beyond: 431
  std::size_t header_bytes_max = 16 * kKiB;         // names and values together; beyond: 431
  std::size_t body_bytes_max = 0;                   // beyond: 413; 0: a request with a body is handed over without it
  std::chrono::milliseconds request_timeout = 10s;  // from a request's first byte to its end of headers; beyond: 408
  std::chrono::milliseconds body_timeout = 60s;     // from there to the end of the body; beyond: 408
  std::chrono::milliseconds idle_timeout = 75s;     // between requests; beyond: closed without a word
};

// Why a request is not one. The connection ends with the answer.
struct HttpRefusal {
  int status = 400;
  std::string detail;
};

class HttpParser {
 public:
  explicit HttpParser(const HttpLimits& limits);
  ~HttpParser();

  // Reads until the request is complete, and gives how many bytes it took. After a refusal nothing more is read.
  tl::expected<std::size_t, HttpRefusal> feed(ByteView bytes);

  bool began() const { return state_ != nullptr; }  // a first byte is there
  bool complete() const;
  // The headers are there, the body is not, and the peer waits for a word before it sends it (RFC 9110 §10.1.1).
  bool expects_continue() const;
  bool reads_body() const;
  // The complete request; the next feed() begins another.
  HttpRequest take();

 private:
  struct State;
  const HttpLimits& limits_;
  std::unique_ptr<State> state_;       // of the request that is being read; an idle connection has none
  std::size_t empty_lines_bytes_ = 0;  // before it
};

}  // namespace xylem
