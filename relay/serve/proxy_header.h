// The PROXY protocol's header, versions 1 and 2: what a load balancer says of the connection it passes on.
// (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt §2.1, §2.2)
#pragma once

#include <optional>

#include "client/uv/socket_address.h"
#include "proto/result.h"

namespace xylem {

inline constexpr std::size_t kProxyV1BytesMax = 107;
inline constexpr std::size_t kProxyV2BytesMax = 16 + 512;  // addresses and more TLVs than anybody sends

struct ProxyHeader {
  std::size_t bytes = 0;                // of the header
  std::optional<SocketAddress> source;  // nothing: UNKNOWN, LOCAL, or neither v4 nor v6
};

bool looks_like_proxy_header(ByteView bytes);
// Nothing while it is not complete; kBadFrame, kTooLarge.
Result<std::optional<ProxyHeader>> parse_proxy_header(ByteView bytes);

}  // namespace xylem
