// "host:port" as people write it: what --server, --dns and configuration files take. Nothing is resolved here.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

// `host` is a DNS name, a v4 address, or a v6 address, written in brackets.
struct HostPort {
  std::string host;  // lower case, no brackets, no trailing dot
  std::uint16_t port = 0;

  friend auto operator<=>(const HostPort&, const HostPort&) = default;
  std::string to_string() const;
};

// kBadName; without a port the default is taken, and 0 means that there is none to take.
Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port = 0);

// Only the cut: "[host]:port", "host:port", "[host]", "host". Nothing when brackets do not match.
struct HostPortText {
  std::string_view host;  // without brackets
  std::optional<std::string_view> port;
  bool bracketed = false;
};
std::optional<HostPortText> split_host_port(std::string_view text);

// Digits only, up to 65 535; 0 too, as one listens on it to get a free port.
std::optional<std::uint16_t> parse_port(std::string_view text);
// Brackets around a host with a colon in it.
std::string join_host_port(std::string_view host, std::uint16_t port);

}  // namespace xylem
