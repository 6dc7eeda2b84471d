// The host a node is dialled by (spec §6): a DNS name or an address, in the one form that is signed and compared.
#pragma once

#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

// A DNS name as normalize_dns_name gives it, an IPv4 address of four decimal numbers, or an IPv6 address (RFC 5952, no
// brackets, no scope). kBadName for all else, also for what some resolvers read as an address though it does not look
// like one (`127.1`, `0x7f000001`): a name's last label is never a number.
Result<std::string> normalize_host(std::string_view text);

}  // namespace xylem
