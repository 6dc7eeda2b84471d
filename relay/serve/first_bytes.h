// What does a new connection speak (spec §6)? Collects bytes until it is clear, compared in this order:
//
//   89 58 59 4C 0D 0A 1A 0A       native
//   PROXY header, v1 or v2        only from configured addresses; then it begins again, for the address it names
//   16                            TLS, not offered: close
//   `PRI * H`                     HTTP/2 by prior knowledge: answered 505
//   A–Z                           HTTP/1.1
//   anything else                 close
//
// Eight bytes decide; who does not send them in time is closed.
#pragma once

#include <optional>

#include "client/uv/socket_address.h"
#include "proto/bytes.h"

namespace xylem {

enum class Speaks : std::uint8_t { unclear, native, http, http2, nothing };

// Said to whom speaks HTTP/2.
inline constexpr std::string_view kHttpVersionNotSupported =
    "HTTP/1.1 505 HTTP Version Not Supported\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

class FirstBytes {
 public:
  // `proxy`: the peer may send PROXY headers.
  explicit FirstBytes(bool proxy) : proxy_(proxy) {}

  Speaks feed(ByteView bytes);
  // Of a PROXY header that was read: whom the peer speaks for.
  const std::optional<SocketAddress>& spoken_for() const { return spoken_for_; }
  // What arrived after the part that was for recognition only.
  const Bytes& rest() const { return held_; }

 private:
  Speaks look() const;

  bool proxy_;
  Bytes held_;
  std::optional<SocketAddress> spoken_for_;
};

}  // namespace xylem
