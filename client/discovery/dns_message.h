// Reads the answer to one DNS question from bytes that anyone may have written. Follows the CNAME chain from the name
// that was asked for; records of other owners are ignored, whatever their place. Asks nothing and caches nothing.
//
// Counted over the whole message: at most 65 535 bytes, kDnsRecordsMax records, kCnameChainMax links, 20 SRV (spec §6).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "client/uv/socket_address.h"
#include "proto/bytes.h"
#include "proto/result.h"

namespace xylem {

inline constexpr std::size_t kDnsRecordsMax = 512;
inline constexpr std::size_t kCnameChainMax = 8;
inline constexpr std::size_t kDnsAddressesMax = 16;  // of one target; further ones are ignored

enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, txt = 16, aaaa = 28, srv = 33 };
std::string to_string(DnsType type);  // "SRV"

struct DnsQuestion {
  std::string name;  // lower case, no trailing dot
  DnsType type = DnsType::a;

  friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
  std::string to_string() const;  // "SRV b5.distributed.example"
};

struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  // "" = the root: the service is decidedly not available (RFC 2782)

  friend auto operator<=>(const SrvRecord&, const SrvRecord&) = default;
};

enum class DnsOutcome {
  data,
  no_data,       // the name exists, without records of this type
  no_such_name,  // NXDOMAIN
};

struct DnsAnswer {
  DnsOutcome outcome = DnsOutcome::no_data;
  std::vector<std::string> chain;  // owners from the question's name over each CNAME to the last; never empty
  std::chrono::seconds ttl{0};     // the smallest of chain and records; of a negative answer by RFC 2308, 0 without SOA
  // Those of the question's type that the last owner has, sorted.
  std::vector<std::string> texts;  // strings joined without separator
  std::vector<SrvRecord> servers;
  std::vector<SocketAddress> addresses;  // port 0

  friend bool operator==(const DnsAnswer&, const DnsAnswer&) = default;
  const std::string& owner() const { return chain.back(); }
};

// kDns: malformed, truncated, not the answer to this question, a chain that loops or is too long, too many records, or
// the server's refusal (SERVFAIL, REFUSED, …).
Result<DnsAnswer> parse_dns_answer(ByteView message, const DnsQuestion& question);

}  // namespace xylem
