// Posts batches of ndjson to an origin, with the numbers of an idempotent producer, so that a request that is sent
// again is never taken twice. Blocking, over libcurl; one connection kept alive.
#pragma once

#include <memory>
#include <string>

#include "proto/result.h"

namespace xylem {

struct PostTarget {
  std::string url;  // http://HOST:PORT/v1/stream/FEED
  std::string token;
  std::string content_type = "application/x-ndjson";
  std::string view;
  std::string producer;
  std::uint64_t producer_epoch = 0;
};

struct PostReply {
  int status = 0;
  std::string body;
};

class HttpPoster {
 public:
  explicit HttpPoster(const PostTarget& target);
  ~HttpPoster();
  // kIo: no answer (sending again with the same seq is safe).
  Result<PostReply> post(std::string_view body, std::uint64_t seq);

 private:
  struct Handle;
  const PostTarget target_;
  std::unique_ptr<Handle> handle_;
};

// The path piece of a feed: percent-encoded.
std::string url_piece(std::string_view text);

}  // namespace xylem
