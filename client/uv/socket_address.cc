#include "client/uv/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "client/uv/host_port.h"

namespace xylem {
namespace {

using Ip4 = std::array<std::uint8_t, 4>;
using Ip6 = std::array<std::uint8_t, 16>;

// Whether the first `bits` of both are the same.
bool in_net(ByteView ip, ByteView net, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(net.begin(), net.begin() + whole, ip.begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xFFU << (8 - bits % 8);
  return ((ip[whole] ^ net[whole]) & mask) == 0;
}

struct Net4 {
  Ip4 ip;
  unsigned bits;
};
struct Net6 {
  Ip6 ip;
  unsigned bits;
};

// IANA IPv4 Special-Purpose Address Registry, multicast (RFC 5771) and class E.
constexpr Net4 kPrivate4[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10}, {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},  {{192, 0, 0, 0}, 24},  {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24}, {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 4},    {{240, 0, 0, 0}, 4},
};

// What the IANA IPv6 Special-Purpose Address Registry takes out of 2000::/3; all outside of that is no global unicast.
constexpr Net6 kPrivate6[] = {
    {{0x20, 0x01}, 23},              // IETF protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation
};
constexpr Net6 kGlobalUnicast6 = {{0x20}, 3};
constexpr Net6 k6to4 = {{0x20, 0x02}, 16};
constexpr Net6 kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Net6 kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

bool is_private4(ByteView ip) {
  return std::any_of(std::begin(kPrivate4), std::end(kPrivate4),
                     [&](const Net4& net) { return in_net(ip, net.ip, net.bits); });
}

bool is_private6(ByteView ip) {
  if (in_net(ip, k6to4.ip, k6to4.bits)) return is_private4(ip.subspan(2, 4));
  if (in_net(ip, kNat64.ip, kNat64.bits)) return is_private4(ip.subspan(12, 4));
  if (!in_net(ip, kGlobalUnicast6.ip, kGlobalUnicast6.bits)) return true;
  return std::any_of(std::begin(kPrivate6), std::end(kPrivate6),
                     [&](const Net6& net) { return in_net(ip, net.ip, net.bits); });
}

}  // namespace

SocketAddress SocketAddress::v4(const Ip4& ip, std::uint16_t port) {
  SocketAddress out;
  std::copy(ip.begin(), ip.end(), out.ip_.begin());
  out.port_ = port;
  return out;
}

SocketAddress SocketAddress::v6(const Ip6& ip, std::uint16_t port) {
  if (in_net(ip, kMapped.ip, kMapped.bits)) return v4({ip[12], ip[13], ip[14], ip[15]}, port);
  SocketAddress out;
  out.ip_ = ip;
  out.port_ = port;
  out.v6_ = true;
  return out;
}

SocketAddress SocketAddress::from(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof(in));
    Ip4 ip{};
    std::memcpy(ip.data(), &in.sin_addr, ip.size());
    return v4(ip, ntohs(in.sin_port));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof(in));
    Ip6 ip{};
    std::memcpy(ip.data(), &in.sin6_addr, ip.size());
    return v6(ip, ntohs(in.sin6_port));
  }
  return {};
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::optional<HostPortText> split = split_host_port(text);
  const std::optional<std::uint16_t> port = split && split->port ? parse_port(*split->port) : std::nullopt;
  if (!port) return fail(ErrorCode::kBadName, fmt::format("\"{}\" is no address with a port", text));
  Result<SocketAddress> address = parse_ip(split->host, *port);
  if (address && address->is_v4() && split->bracketed && split->host.find(':') == std::string_view::npos) {
    return fail(ErrorCode::kBadName, fmt::format("\"{}\": brackets are for v6 addresses", text));
  }
  return address;
}

Result<SocketAddress> SocketAddress::parse_ip(std::string_view ip, std::uint16_t port) {
  const std::string text(ip);
  if (Ip4 four{}; inet_pton(AF_INET, text.c_str(), four.data()) == 1) return v4(four, port);
  if (Ip6 six{}; inet_pton(AF_INET6, text.c_str(), six.data()) == 1) return v6(six, port);
  return fail(ErrorCode::kBadName, fmt::format("\"{}\" is no IP address", ip));
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress out = *this;
  out.port_ = port;
  return out;
}

std::string SocketAddress::ip() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, ip_.data(), text, sizeof(text));
  return text;
}

std::string SocketAddress::to_string() const { return join_host_port(ip(), port_); }

socklen_t SocketAddress::to_sockaddr(sockaddr_storage& out) const {
  out = {};
  if (!v6_) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, ip_.data(), 4);
    std::memcpy(&out, &in, sizeof(in));
    return sizeof(in);
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port_);
  std::memcpy(&in.sin6_addr, ip_.data(), 16);
  std::memcpy(&out, &in, sizeof(in));
  return sizeof(in);
}

bool SocketAddress::is_unspecified() const {
  return std::all_of(ip_.begin(), ip_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool SocketAddress::is_loopback() const {
  if (!v6_) return ip_[0] == 127;
  return ip_[15] == 1 && std::all_of(ip_.begin(), ip_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

bool SocketAddress::is_private() const { return v6_ ? is_private6(ip_bytes()) : is_private4(ip_bytes()); }

}  // namespace xylem

std::size_t std::hash<xylem::SocketAddress>::operator()(const xylem::SocketAddress& address) const noexcept {
  const xylem::ByteView ip = address.ip_bytes();
  const std::string_view text(reinterpret_cast<const char*>(ip.data()), ip.size());
  return std::hash<std::string_view>{}(text) * 31 + address.port();
}
