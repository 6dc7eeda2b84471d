// An HTTP answer: status, headers, body; and how its head looks on the wire. Every answer, errors included, may be read
// by pages of any origin and is never taken for another type than it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/uv/shared_bytes.h"
#include "proto/ids.h"

namespace xylem {

struct HttpAnswer {
  int status = 200;
  std::vector<std::pair<std::string_view, std::string>> headers;  // names are literals
  SharedBytes body;
  bool close = false;  // the connection ends with it

  HttpAnswer& with(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
    return *this;
  }
};

enum class BodyFraming : std::uint8_t { none, length, chunked, until_close };

// Status line and headers. `body_bytes` counts with `length` only.
std::string encode_head(const HttpAnswer& answer, BodyFraming framing, std::size_t body_bytes, Timestamp date);
// One chunk of a chunked body; what ends it.
std::string chunk_head(std::size_t bytes);
inline constexpr std::string_view kChunkTail = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string_view reason_phrase(int status);
std::string http_date(Timestamp time);  // "Sun, 06 Nov 1994 08:49:37 GMT"

}  // namespace xylem
