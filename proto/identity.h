// A machine's identity (spec §7): relay id = first 10 bytes of SHA-256 of its Ed25519 key, 16 letters of base32 (RFC
// 4648, lower case, no padding). WELCOME and PROVE show that a peer holds the key.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "proto/crypto.h"

namespace xylem {

struct RelayId {
  std::array<std::uint8_t, 10> bytes{};

  friend auto operator<=>(const RelayId&, const RelayId&) = default;
  std::string to_string() const;
};
Result<RelayId> parse_relay_id(std::string_view text);  // kBadName
RelayId relay_id_of(const PublicKey& key);

using Nonce = std::array<std::uint8_t, 32>;

// WELCOME: domain | zone | client nonce | server nonce | u16 port | host
Signature sign_welcome(const SigningKey& key, const ZoneId& zone, const Nonce& client, const Nonce& server,
                       std::string_view host, std::uint16_t port);
bool verify_welcome(const PublicKey& key, const Signature& signature, const ZoneId& zone, const Nonce& client,
                    const Nonce& server, std::string_view host, std::uint16_t port);
// PROVE: domain | zone | parent's nonce | parent's relay id
Signature sign_prove(const SigningKey& key, const ZoneId& zone, const Nonce& parent_nonce, const RelayId& parent);
bool verify_prove(const PublicKey& key, const Signature& signature, const ZoneId& zone, const Nonce& parent_nonce,
                  const RelayId& parent);

}  // namespace xylem
