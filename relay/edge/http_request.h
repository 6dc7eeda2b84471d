// One HTTP/1.1 request, checked and taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/bytes.h"

namespace xylem {

enum class HttpMethod : std::uint8_t { get, head, options, post, put, del, other };

struct HttpField {
  std::string name;   // lower case; of a query parameter as it is
  std::string value;  // without blanks around it; of a query parameter percent-decoded
};

// Path and query of a request target, percent-decoded. Each piece between slashes is decoded by itself, so that a
// feed's name may hold an encoded slash.
struct HttpTarget {
  std::vector<std::string> path;  // "/v1/stream/7" → v1, stream, 7; "/" → nothing; "/a/" → a and an empty one
  std::vector<HttpField> query;

  // The parameter's value; of several the first.
  const std::string* parameter(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};
// Nothing when it is malformed: no slash in front, a fragment, bad percent-encoding, an encoded zero byte.
std::optional<HttpTarget> parse_target(std::string_view target);

struct HttpRequest {
  HttpMethod method = HttpMethod::other;
  HttpTarget target;
  std::vector<HttpField> headers;
  Bytes body;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool body_refused = false;  // it has a body where none is taken, which was not read: the connection ends

  // The header's value; of several the first. `name` in lower case.
  const std::string* header(std::string_view name) const;
  // Whether the comma list of the header (all of them) has the token, parameters aside; compared without case.
  bool lists(std::string_view name, std::string_view token) const;
};

bool equal_without_case(std::string_view a, std::string_view b);

}  // namespace xylem
