#include "proto/identity.h"

#include <catch2/catch.hpp>

#include "tests/vectors/example_zone.h"

using namespace xylem;

TEST_CASE("a relay id is 16 letters and reads back") {
  const RelayId id = relay_id_of(example::relay_key().public_key());
  const std::string text = id.to_string();
  CHECK(text.size() == 16);
  CHECK(*parse_relay_id(text) == id);
  CHECK(RelayId{}.to_string() == "aaaaaaaaaaaaaaaa");

  RelayId all_ones;
  all_ones.bytes.fill(0xFF);
  CHECK(all_ones.to_string() == "7777777777777777");

  // Base32 of "foobarfoob", RFC 4648 §6.
  const RelayId foobar{{'f', 'o', 'o', 'b', 'a', 'r', 'f', 'o', 'o', 'b'}};
  CHECK(foobar.to_string() == "mzxw6ytbojtg633c");
  CHECK(*parse_relay_id("MZXW6YTBOJTG633C") == foobar);
}

TEST_CASE("a text that is no relay id is refused") {
  for (const auto* text :
       {"", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa1", "aaaaaaaaaaaaaaa=", "aaaaaaa aaaaaaaa"}) {
    CAPTURE(text);
    const auto id = parse_relay_id(text);
    REQUIRE_FALSE(id);
    CHECK(id.error().code == ErrorCode::kBadName);
  }
}

TEST_CASE("WELCOME shows who answers at the dialled host, and nothing else") {
  const SigningKey key = example::relay_key();
  const ZoneId zone = example::zone();
  const Nonce client = {1};
  const Nonce server = {2};
  const Signature signature = sign_welcome(key, zone, client, server, "l1b.example.org", 7411);
  CHECK(verify_welcome(key.public_key(), signature, zone, client, server, "l1b.example.org", 7411));

  CHECK_FALSE(
      verify_welcome(example::parent_key().public_key(), signature, zone, client, server, "l1b.example.org", 7411));
  CHECK_FALSE(verify_welcome(key.public_key(), signature, ZoneId{}, client, server, "l1b.example.org", 7411));
  CHECK_FALSE(verify_welcome(key.public_key(), signature, zone, server, client, "l1b.example.org", 7411));
  CHECK_FALSE(verify_welcome(key.public_key(), signature, zone, client, client, "l1b.example.org", 7411));
  CHECK_FALSE(verify_welcome(key.public_key(), signature, zone, client, server, "l1c.example.org", 7411));
  CHECK_FALSE(verify_welcome(key.public_key(), signature, zone, client, server, "l1b.example.org", 7412));
}

TEST_CASE("PROVE shows a relay to the one parent that asked") {
  const SigningKey key = example::relay_key();
  const ZoneId zone = example::zone();
  const RelayId parent = relay_id_of(example::parent_key().public_key());
  const Nonce nonce = {3};
  const Signature signature = sign_prove(key, zone, nonce, parent);
  CHECK(verify_prove(key.public_key(), signature, zone, nonce, parent));

  CHECK_FALSE(verify_prove(example::parent_key().public_key(), signature, zone, nonce, parent));
  CHECK_FALSE(verify_prove(key.public_key(), signature, ZoneId{}, nonce, parent));
  CHECK_FALSE(verify_prove(key.public_key(), signature, zone, Nonce{4}, parent));
  CHECK_FALSE(verify_prove(key.public_key(), signature, zone, nonce, relay_id_of(key.public_key())));
}
