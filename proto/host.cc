#include "proto/host.h"

#include <arpa/inet.h>

#include <algorithm>

#include "proto/node_name.h"

namespace xylem {
namespace {

Result<std::string> normalize_ipv6(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return fail(ErrorCode::kBadName, "not an IPv6 address");
  in6_addr address{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) {
    return fail(ErrorCode::kBadName, "not an IPv6 address");
  }
  char normal[INET6_ADDRSTRLEN];
  return std::string(inet_ntop(AF_INET6, &address, normal, sizeof normal));
}

// What inet_aton, and so many a resolver, takes for a number: digits, or 0x and hex digits.
bool is_number(std::string_view label) {
  const auto all = [](std::string_view part, std::string_view allowed) {
    return part.find_first_not_of(allowed) == std::string_view::npos;
  };
  return all(label, "0123456789") || (label.starts_with("0x") && all(label.substr(2), "0123456789abcdef"));
}

}  // namespace

Result<std::string> normalize_host(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return normalize_ipv6(text);
  Result<std::string> name = normalize_dns_name(text);
  if (!name) return name;
  const std::string_view last_label = std::string_view(*name).substr(name->rfind('.') + 1);
  in_addr address{};
  if (is_number(last_label) && inet_pton(AF_INET, name->c_str(), &address) != 1) {
    return fail(ErrorCode::kBadName, "neither a name nor an IPv4 address of four decimal numbers");
  }
  return name;
}

}  // namespace xylem
