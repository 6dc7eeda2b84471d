#include "client/uv/host_port.h"

#include <fmt/core.h>

#include <charconv>

#include "proto/host.h"

namespace xylem {

std::string HostPort::to_string() const { return join_host_port(host, port); }

std::string join_host_port(std::string_view host, std::uint16_t port) {
  if (host.find(':') == std::string_view::npos) return fmt::format("{}:{}", host, port);
  return fmt::format("[{}]:{}", host, port);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() > 5) return std::nullopt;
  return port;
}

std::optional<HostPortText> split_host_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return HostPortText{host, std::nullopt, true};
    if (rest.front() != ':') return std::nullopt;
    return HostPortText{host, rest.substr(1), true};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return HostPortText{text, std::nullopt, false};
  return HostPortText{text.substr(0, colon), text.substr(colon + 1), false};
}

Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::kBadName, fmt::format("\"{}\": {}", text, why));
  };
  const std::optional<HostPortText> split = split_host_port(text);
  if (!split) return bad("not of the form host:port");
  HostPort out{"", default_port};
  if (split->port) {
    const std::optional<std::uint16_t> port = parse_port(*split->port);
    if (!port || *port == 0) return bad("the port is not a number from 1 to 65535");
    out.port = *port;
  }
  if (out.port == 0) return bad("a port is missing");
  const Result<std::string> host = normalize_host(split->host);
  if (!host) return bad("no host name or address");
  if (split->bracketed != (host->find(':') != std::string::npos)) return bad("brackets are for v6 addresses");
  out.host = *host;
  return out;
}

}  // namespace xylem
