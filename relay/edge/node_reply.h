// What a node says about itself: `/healthz`, `/v1/zone`, `/v1/status`.
#pragma once

#include "relay/edge/http_answer.h"
#include "relay/edge/http_request.h"
#include "relay/serve/serve_context.h"

namespace xylem {

HttpAnswer health_answer(const ServeContext& context);
// The manifest as JSON; as the very bytes that the root key signed with `format=signed`.
HttpAnswer zone_answer(const ServeContext& context, const HttpRequest& request);
// Name, path, readers, and where each bucket stands (`bucket=5`: that one; else the first kStatusBucketsMax).
HttpAnswer status_answer(ServeContext& context, const HttpRequest& request);
inline constexpr std::size_t kStatusBucketsMax = 1024;

}  // namespace xylem
