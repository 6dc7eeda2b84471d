#include "proto/identity.h"

#include <algorithm>

namespace xylem {
namespace {

constexpr std::string_view kBase32Letters = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 §6, lower case
constexpr std::size_t kRelayIdLetters = 16;                                      // 10 bytes, 5 bits a letter

std::array<std::uint8_t, 2> big_endian(std::uint16_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

}  // namespace

std::string RelayId::to_string() const {
  std::string text;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (bit_count += 8; bit_count >= 5; bit_count -= 5) text += kBase32Letters[bits >> (bit_count - 5) & 31];
  }
  return text;
}

Result<RelayId> parse_relay_id(std::string_view text) {
  if (text.size() != kRelayIdLetters) return fail(ErrorCode::kBadName, "a relay id has 16 letters");
  RelayId id;
  std::uint32_t bits = 0;
  int bit_count = 0;
  std::size_t filled = 0;
  for (char letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    const std::size_t value = kBase32Letters.find(letter);
    if (value == std::string_view::npos) return fail(ErrorCode::kBadName, "a relay id has letters a-z and 2-7");
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    bit_count += 5;
    if (bit_count < 8) continue;
    bit_count -= 8;
    id.bytes[filled++] = static_cast<std::uint8_t>(bits >> bit_count);
  }
  return id;
}

RelayId relay_id_of(const PublicKey& key) {
  RelayId id;
  const Hash256 hash = sha256(key);
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

Signature sign_welcome(const SigningKey& key, const ZoneId& zone, const Nonce& client, const Nonce& server,
                       std::string_view host, std::uint16_t port) {
  return key.sign(kDomainWelcome, zone, {client, server, big_endian(port), as_bytes(host)});
}

bool verify_welcome(const PublicKey& key, const Signature& signature, const ZoneId& zone, const Nonce& client,
                    const Nonce& server, std::string_view host, std::uint16_t port) {
  return verify_signature(key, signature, kDomainWelcome, zone, {client, server, big_endian(port), as_bytes(host)});
}

Signature sign_prove(const SigningKey& key, const ZoneId& zone, const Nonce& parent_nonce, const RelayId& parent) {
  return key.sign(kDomainProve, zone, {parent_nonce, parent.bytes});
}

bool verify_prove(const PublicKey& key, const Signature& signature, const ZoneId& zone, const Nonce& parent_nonce,
                  const RelayId& parent) {
  return verify_signature(key, signature, kDomainProve, zone, {parent_nonce, parent.bytes});
}

}  // namespace xylem
