// SHA-256 (OpenSSL), HMAC-SHA-256 and Ed25519 (libsodium, strict: RFC 8032 with canonical S, small-order keys refused).
// Everything that is signed is signed over: u8 length of domain | domain | zone id | message (spec §3), so that a
// signature of one kind never passes for another kind nor another zone.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "proto/bytes.h"
#include "proto/result.h"

namespace xylem {

using Hash256 = std::array<std::uint8_t, 32>;
using ZoneId = Hash256;  // SHA-256 of the root public key
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using KeyId = std::array<std::uint8_t, 8>;  // first 8 bytes of SHA-256 of the public key
using KeySeed = std::array<std::uint8_t, 32>;
using Salt = std::array<std::uint8_t, 16>;

// The domain strings: one for each kind of signed bytes.
inline constexpr std::string_view kDomainRecord = "xylem record v1";
inline constexpr std::string_view kDomainManifest = "xylem manifest v1";
inline constexpr std::string_view kDomainDirectory = "xylem directory v1";
inline constexpr std::string_view kDomainBeacon = "xylem beacon v1";
inline constexpr std::string_view kDomainWelcome = "xylem welcome v1";
inline constexpr std::string_view kDomainProve = "xylem prove v1";

Hash256 sha256(ByteView bytes);
Hash256 sha256(std::initializer_list<ByteView> parts);
Hash256 hmac_sha256(ByteView key, ByteView message);
KeyId key_id_of(const PublicKey& key);
ZoneId zone_id_of(const PublicKey& root_key);
// From the operating system; the one source of randomness (keys, salts, nonces) outside tests.
void fill_random(std::span<std::uint8_t> out);

// kWeakKey: not on the curve, small order or not canonical. Checked wherever a key is admitted (manifest, PROVE,
// directory).
Result<void> check_public_key(const PublicKey& key);

// A secret key; wiped on destruction, moves only.
class SigningKey {
 public:
  static SigningKey generate();
  static SigningKey from_seed(const KeySeed& seed);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  const PublicKey& public_key() const { return public_key_; }
  KeyId key_id() const { return key_id_of(public_key_); }
  KeySeed seed() const;
  Signature sign(std::string_view domain, const ZoneId& zone, std::initializer_list<ByteView> message) const;

 private:
  SigningKey() = default;
  std::array<std::uint8_t, 64> secret_{};
  PublicKey public_key_{};
};

bool verify_signature(const PublicKey& key, const Signature& signature, std::string_view domain, const ZoneId& zone,
                      std::initializer_list<ByteView> message);

}  // namespace xylem
