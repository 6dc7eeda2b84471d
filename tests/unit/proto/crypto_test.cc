#include "proto/crypto.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"

using namespace xylem;

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> array_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  REQUIRE(bytes.size() == N);
  return ByteReader(bytes).array<N>();
}

KeySeed seed_of(std::uint8_t byte) {
  KeySeed seed;
  seed.fill(byte);
  return seed;
}

// 01 00 … 00, the neutral element: with it as key, R and S = 0 some verifiers take any message as signed.
constexpr PublicKey kNeutralElement = {1};

// The order of the curve's main group, little endian (RFC 8032 §5.1).
constexpr std::string_view kGroupOrder = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

Signature plus_group_order(Signature signature) {
  const auto order = array_of<32>(kGroupOrder);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return signature;
}

}  // namespace

TEST_CASE("SHA-256 agrees with FIPS 180, whole and in parts") {
  const auto expected = array_of<32>("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  const std::string_view text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  CHECK(sha256(as_bytes(text)) == expected);
  CHECK(sha256({as_bytes(text.substr(0, 7)), {}, as_bytes(text.substr(7))}) == expected);
  CHECK(sha256(ByteView()) == array_of<32>("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST_CASE("HMAC-SHA-256 agrees with RFC 4231") {
  CHECK(hmac_sha256(Bytes(20, 0x0B), as_bytes("Hi There")) ==
        array_of<32>("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  CHECK(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")) ==
        array_of<32>("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  CHECK(hmac_sha256(Bytes(131, 0xAA), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")) ==
        array_of<32>("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST_CASE("key pairs are those of RFC 8032") {
  const auto seed = array_of<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const SigningKey key = SigningKey::from_seed(seed);
  CHECK(key.public_key() == array_of<32>("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  CHECK(key.seed() == seed);
  CHECK(key.key_id() == key_id_of(key.public_key()));
}

TEST_CASE("a key id is the start of the key's SHA-256, a zone id all of it") {
  const PublicKey key = SigningKey::from_seed(seed_of(1)).public_key();
  const Hash256 hash = sha256(key);
  CHECK(zone_id_of(key) == hash);
  CHECK(std::equal(hash.begin(), hash.begin() + 8, key_id_of(key).begin()));
}

TEST_CASE("a signature counts for its key, domain, zone and message only") {
  const SigningKey key = SigningKey::from_seed(seed_of(1));
  const SigningKey other = SigningKey::from_seed(seed_of(2));
  const ZoneId zone = zone_id_of(key.public_key());
  const Signature signature = key.sign(kDomainRecord, zone, {as_bytes("con"), as_bytes("tent")});

  CHECK(verify_signature(key.public_key(), signature, kDomainRecord, zone, {as_bytes("content")}));
  CHECK_FALSE(verify_signature(other.public_key(), signature, kDomainRecord, zone, {as_bytes("content")}));
  CHECK_FALSE(verify_signature(key.public_key(), signature, kDomainBeacon, zone, {as_bytes("content")}));
  CHECK_FALSE(verify_signature(key.public_key(), signature, kDomainRecord, ZoneId{}, {as_bytes("content")}));
  CHECK_FALSE(verify_signature(key.public_key(), signature, kDomainRecord, zone, {as_bytes("contenu")}));
  CHECK_FALSE(verify_signature(key.public_key(), signature, kDomainRecord, zone, {}));
}

TEST_CASE("the length before a domain keeps a longer domain apart") {
  const SigningKey key = SigningKey::from_seed(seed_of(1));
  const ZoneId zone{};
  const Signature signature = key.sign("ab", zone, {as_bytes("c")});
  CHECK_FALSE(verify_signature(key.public_key(), signature, "a", zone, {as_bytes("bc")}));
}

TEST_CASE("long messages are signed as well as short ones") {
  const SigningKey key = SigningKey::from_seed(seed_of(1));
  for (std::size_t size : {std::size_t{0}, std::size_t{900}, std::size_t{1024}, kManifestBytesMax}) {
    Bytes message(size, 0x5A);
    const Signature signature = key.sign(kDomainManifest, {}, {message});
    CHECK(verify_signature(key.public_key(), signature, kDomainManifest, {}, {message}));
    message.push_back(0);
    CHECK_FALSE(verify_signature(key.public_key(), signature, kDomainManifest, {}, {message}));
  }
}

TEST_CASE("every bit of a signature matters") {
  const SigningKey key = SigningKey::from_seed(seed_of(1));
  const Signature signature = key.sign(kDomainRecord, {}, {as_bytes("content")});
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature flipped = signature;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1u << bit % 8);
    CHECK_FALSE(verify_signature(key.public_key(), flipped, kDomainRecord, {}, {as_bytes("content")}));
  }
}

TEST_CASE("a signature whose S is not canonical is refused (RFC 8032 §5.1.7)") {
  const SigningKey key = SigningKey::from_seed(seed_of(1));
  const Signature signature = key.sign(kDomainRecord, {}, {as_bytes("content")});
  CHECK_FALSE(
      verify_signature(key.public_key(), plus_group_order(signature), kDomainRecord, {}, {as_bytes("content")}));
}

TEST_CASE("a small-order key signs nothing, though some libraries take it as signing anything") {
  Signature signature{};
  signature[0] = 1;  // R is the neutral element, S is 0
  CHECK_FALSE(verify_signature(kNeutralElement, signature, kDomainRecord, {}, {as_bytes("any message")}));
}

TEST_CASE("keys that are not acceptable are refused where they are admitted") {
  CHECK(check_public_key(SigningKey::from_seed(seed_of(1)).public_key()));
  for (std::string_view hex : {
           "0100000000000000000000000000000000000000000000000000000000000000",  // neutral element
           "0000000000000000000000000000000000000000000000000000000000000000",  // order 4
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // order 2
           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  // order 8
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  // order 8
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // 1, not canonical
           "0200000000000000000000000000000000000000000000000000000000000000",  // not on the curve
       }) {
    INFO(hex);
    const auto checked = check_public_key(array_of<32>(hex));
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::kWeakKey);
  }
}

TEST_CASE("a moved key signs as before, and generated keys differ") {
  SigningKey first = SigningKey::from_seed(seed_of(1));
  const Signature before = first.sign(kDomainRecord, {}, {as_bytes("content")});
  SigningKey second = std::move(first);
  CHECK(second.sign(kDomainRecord, {}, {as_bytes("content")}) == before);

  SigningKey third = SigningKey::generate();
  CHECK(third.public_key() != SigningKey::generate().public_key());
  third = std::move(second);
  CHECK(third.sign(kDomainRecord, {}, {as_bytes("content")}) == before);
}

TEST_CASE("random bytes fill the whole span and differ each time") {
  Bytes first(64), second(64);
  fill_random(first);
  fill_random(second);
  CHECK(first != second);
  CHECK(Bytes(first.begin() + 32, first.end()) != Bytes(32));
}
