#include "proto/crypto.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>
#include <utility>

namespace xylem {
namespace {

static_assert(crypto_sign_ed25519_PUBLICKEYBYTES == sizeof(PublicKey));
static_assert(crypto_sign_ed25519_SECRETKEYBYTES == 64);
static_assert(crypto_sign_ed25519_SEEDBYTES == sizeof(KeySeed));
static_assert(crypto_sign_ed25519_BYTES == sizeof(Signature));

// Picks the fastest implementation for this processor; every call of libsodium needs it to have run.
void start_sodium() {
  static const int status = sodium_init();
  XYLEM_ASSERT(status >= 0);
}

// SHA-256 is looked up once and each thread keeps one context: the one-shot calls spend longer on both than on hashing.
const EVP_MD* sha256_algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  XYLEM_ASSERT(algorithm != nullptr);
  return algorithm;
}

EVP_MD_CTX* digest_context() {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  XYLEM_ASSERT(context != nullptr);
  return context.get();
}

// u8 length of domain | domain | zone id | message, as one run of bytes, which Ed25519 wants; up to a record's header
// with extensions it stays off the heap.
class SignedMessage {
 public:
  SignedMessage(std::string_view domain, const ZoneId& zone, std::initializer_list<ByteView> message) {
    XYLEM_ASSERT(domain.size() < 256);
    size_ = 1 + domain.size() + zone.size();
    for (ByteView part : message) size_ += part.size();
    if (size_ > small_.size()) large_.resize(size_);

    std::uint8_t* out = data();
    *out++ = static_cast<std::uint8_t>(domain.size());
    out = std::copy(domain.begin(), domain.end(), out);
    out = std::copy(zone.begin(), zone.end(), out);
    for (ByteView part : message) out = std::copy(part.begin(), part.end(), out);
  }

  std::uint8_t* data() { return size_ > small_.size() ? large_.data() : small_.data(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
  std::array<std::uint8_t, 1024> small_;
  Bytes large_;
};

}  // namespace

Hash256 sha256(ByteView bytes) { return sha256({bytes}); }

Hash256 sha256(std::initializer_list<ByteView> parts) {
  EVP_MD_CTX* context = digest_context();
  int ok = EVP_DigestInit_ex(context, sha256_algorithm(), nullptr);
  for (ByteView part : parts) ok &= EVP_DigestUpdate(context, part.data(), part.size());
  Hash256 hash;
  ok &= EVP_DigestFinal_ex(context, hash.data(), nullptr);
  XYLEM_ASSERT(ok == 1);
  return hash;
}

// RFC 2104.
Hash256 hmac_sha256(ByteView key, ByteView message) {
  std::array<std::uint8_t, 64> inner_pad, outer_pad;
  inner_pad.fill(0x36);
  outer_pad.fill(0x5C);
  const Hash256 hashed_key = key.size() > inner_pad.size() ? sha256(key) : Hash256{};
  if (key.size() > inner_pad.size()) key = hashed_key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner_pad[i] ^= key[i];
    outer_pad[i] ^= key[i];
  }
  const Hash256 inner = sha256({inner_pad, message});
  return sha256({outer_pad, inner});
}

KeyId key_id_of(const PublicKey& key) {
  const Hash256 hash = sha256(key);
  KeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

ZoneId zone_id_of(const PublicKey& root_key) { return sha256(root_key); }

void fill_random(std::span<std::uint8_t> out) {
  start_sodium();
  randombytes_buf(out.data(), out.size());
}

Result<void> check_public_key(const PublicKey& key) {
  start_sodium();
  if (crypto_core_ed25519_is_valid_point(key.data()) == 1) return {};
  return fail(ErrorCode::kWeakKey, "key " + to_hex(key));
}

SigningKey SigningKey::generate() {
  KeySeed seed;
  fill_random(seed);
  SigningKey key = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey SigningKey::from_seed(const KeySeed& seed) {
  start_sodium();
  SigningKey key;
  crypto_sign_ed25519_seed_keypair(key.public_key_.data(), key.secret_.data(), seed.data());
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept { *this = std::move(other); }

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  if (this == &other) return *this;
  secret_ = other.secret_;
  public_key_ = other.public_key_;
  sodium_memzero(other.secret_.data(), other.secret_.size());
  return *this;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

KeySeed SigningKey::seed() const {
  KeySeed seed;
  crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
  return seed;
}

Signature SigningKey::sign(std::string_view domain, const ZoneId& zone, std::initializer_list<ByteView> message) const {
  SignedMessage bytes(domain, zone, message);
  Signature signature;
  crypto_sign_ed25519_detached(signature.data(), nullptr, bytes.data(), bytes.size(), secret_.data());
  return signature;
}

bool verify_signature(const PublicKey& key, const Signature& signature, std::string_view domain, const ZoneId& zone,
                      std::initializer_list<ByteView> message) {
  start_sodium();
  SignedMessage bytes(domain, zone, message);
  return crypto_sign_ed25519_verify_detached(signature.data(), bytes.data(), bytes.size(), key.data()) == 0;
}

}  // namespace xylem
