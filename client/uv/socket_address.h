// An IP address with a port, as a plain value: ordered, hashable, v4 or v6. A v4 address inside a v6 one
// (::ffff:1.2.3.4) is always held as v4, so the same peer compares equal however it came. Names are not resolved here.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/bytes.h"
#include "proto/result.h"

namespace xylem {

class SocketAddress {
 public:
  constexpr SocketAddress() = default;  // 0.0.0.0:0

  static SocketAddress v4(const std::array<std::uint8_t, 4>& ip, std::uint16_t port);
  static SocketAddress v6(const std::array<std::uint8_t, 16>& ip, std::uint16_t port);
  static SocketAddress from(const sockaddr& address);  // 0.0.0.0:0 for another family
  // "192.0.2.1:7720" or "[2001:db8::1]:7720"; kBadName otherwise.
  static Result<SocketAddress> parse(std::string_view text);
  // "192.0.2.1" or "2001:db8::1" (without brackets); kBadName otherwise.
  static Result<SocketAddress> parse_ip(std::string_view ip, std::uint16_t port);

  bool is_v4() const { return !v6_; }
  std::uint16_t port() const { return port_; }
  ByteView ip_bytes() const { return {ip_.data(), v6_ ? 16U : 4U}; }
  SocketAddress with_port(std::uint16_t port) const;
  std::string ip() const;         // "192.0.2.1", "2001:db8::1"
  std::string to_string() const;  // with port, v6 in brackets
  // Fills `out`; gives the length of what it filled.
  socklen_t to_sockaddr(sockaddr_storage& out) const;

  bool is_unspecified() const;  // 0.0.0.0, ::
  bool is_loopback() const;     // 127.0.0.0/8, ::1
  // Whether a public name should never lead here: everything but global unicast. Loopback, RFC 1918, CGNAT, link-local,
  // ULA, multicast, documentation, reserved; also when such a v4 address is wrapped in 6to4 or NAT64.
  bool is_private() const;

  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

 private:
  std::array<std::uint8_t, 16> ip_{};  // v4: the first four
  std::uint16_t port_ = 0;
  bool v6_ = false;
};

}  // namespace xylem

template <>
struct std::hash<xylem::SocketAddress> {
  std::size_t operator()(const xylem::SocketAddress& address) const noexcept;
};
