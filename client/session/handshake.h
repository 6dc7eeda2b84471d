// The child's half of HELLO and WELCOME (spec §7): what we say, and what the peer's answer must prove.
#pragma once

#include "client/session/upstream_listener.h"

namespace xylem {

struct UpstreamOptions {
  Role role = Role::reader;
  std::string host;  // as dialled, in the form of normalize_host: the peer signs it
  std::uint16_t port = 0;
  std::string agent;
  // Of a relay only. The key must outlive the session; `have` is its newest header per bucket.
  const SigningKey* key = nullptr;
  std::vector<HaveBucket> have;
};

Hello make_hello(const UpstreamOptions& options, const ZoneId& zone, const Nonce& nonce);

// A relay's upstream must sign (kNotMe without, kBadIdentity with a wrong signature); a reader's may go without, unless
// the host that was dialled names a machine (`<relay id>.node.<zone>`), which must then be the one that answers.
// kUnsupportedVersion; kLoop when it is ourselves.
Result<UpstreamPeer> check_welcome(const UpstreamOptions& options, const ZoneId& zone, const Nonce& nonce,
                                   const Welcome& welcome);

// The machine that a host name stands for, if it is of that kind.
std::optional<RelayId> relay_id_of_host(std::string_view host);

// A relay's PROVE and HAVE frames, to be sent after WELCOME.
Bytes make_prove(const UpstreamOptions& options, const ZoneId& zone, const Welcome& welcome);
Bytes make_have(const std::vector<HaveBucket>& have);

}  // namespace xylem
