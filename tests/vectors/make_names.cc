// Names, cursors and keys: texts and the values they stand for.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "proto/cursor.h"
#include "proto/host.h"
#include "proto/node_name.h"
#include "tests/vectors/example_zone.h"
#include "tests/vectors/vector_file.h"

namespace xylem::example {
namespace {

constexpr std::string_view kZoneName = "distributed.example";

Json refused(std::string_view text, ErrorCode code) { return {{"text", text}, {"error", error_name(code)}}; }

Json feed(std::string_view text) {
  const FeedRef ref = parse_feed(text).value();
  return {{"text", text}, {"error", nullptr}, {"id", to_string(ref.id)}, {"name", ref.name}};
}

Json bucket(FeedId feed, std::uint16_t n) {
  return {{"feed", to_string(feed)}, {"buckets", n}, {"bucket", bucket_of(feed, n).value}};
}

Json node_name(std::string_view text) {
  const NodeName name = parse_node_name(text, kZoneName).value();
  Json ranges = Json::array();
  for (const BucketRange range : name.ranges) ranges.push_back(to_string(range));
  Json out = {{"text", text}, {"error", nullptr}, {"normal", name.to_string()}, {"ranges", ranges}};
  out["upstream"] = nullptr;
  if (const auto parent = name.parent()) out["upstream"] = parent->to_string();
  return out;
}

Json host(std::string_view text) {
  return {{"text", text}, {"error", nullptr}, {"normal", normalize_host(text).value()}};
}

Json relay_id(std::string_view text) {
  const RelayId id = parse_relay_id(text).value();
  return {{"text", text}, {"error", nullptr}, {"bytes", to_hex(id.bytes)}, {"normal", id.to_string()}};
}

Json all_refused(std::initializer_list<std::string_view> texts, ErrorCode code = ErrorCode::kBadName) {
  Json out = Json::array();
  for (const std::string_view text : texts) out.push_back(refused(text, code));
  return out;
}

// The accepted first.
Json cases(Json accepted, const Json& refusals) {
  accepted.insert(accepted.end(), refusals.begin(), refusals.end());
  return accepted;
}

std::string levels(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "5.";
  return text + std::string(kZoneName);
}

Json key(std::uint8_t seed_byte) {
  const SigningKey key = key_of(seed_byte);
  const std::string_view text = "a message";
  Json out;
  out["seed"] = to_hex(key.seed());
  out["public_key"] = to_hex(key.public_key());
  out["key_id"] = to_hex(key.key_id());
  out["relay_id"] = relay_id_of(key.public_key()).to_string();
  out["zone_id"] = to_hex(zone_id_of(key.public_key()));
  out["domain"] = kDomainRecord;
  out["zone"] = to_hex(zone());
  out["message"] = to_hex(as_bytes(text));
  out["signature"] = to_hex(key.sign(kDomainRecord, zone(), {as_bytes(text)}));
  return out;
}

// Signatures that some libraries take: forged under keys of small order, or with S beyond the group's order.
Json signature(std::string_view name, const PublicKey& key, const Signature& signature) {
  return {{"name", name},
          {"public_key", to_hex(key)},
          {"domain", kDomainRecord},
          {"zone", to_hex(zone())},
          {"message", to_hex(as_bytes("any message"))},
          {"signature", to_hex(signature)},
          {"valid", false}};
}

// S + L verifies wherever S does, in libraries that do not ask for the smallest (RFC 8032 §5.1.7).
Signature with_order_added(Signature signature) {
  constexpr std::array<std::uint8_t, 32> kOrder = {0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                                   0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                                   0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = signature[32 + i] + kOrder[i] + carry;
    signature[32 + i] = static_cast<std::uint8_t>(sum);
    carry = sum >> 8;
  }
  return signature;
}

Json weak_key(std::string_view name, std::string_view hex) {
  return {{"name", name}, {"public_key", hex}, {"error", error_name(ErrorCode::kWeakKey)}};
}

}  // namespace

Json make_names() {
  Json out;
  out["about"] = "spec §1, §6: feed ids, buckets, ranges, node names, hosts, relay ids";
  out["zone"] = kZoneName;
  out["feeds"] = cases({feed("31337"), feed("0"), feed("00031337"), feed("18446744073709551615"), feed("name:31337"),
                        feed("https://example.org/thread/1"), feed("caf\xC3\xA9"), feed(std::string(512, 'a'))},
                       all_refused({"", "name:", "18446744073709551616", "a\nb", std::string(513, 'a')}));
  out["buckets"] = {bucket(FeedId(31337), 12),   bucket(FeedId(12), 12), bucket(FeedId(0), 12),
                    bucket(FeedId(1), 1),        bucket(FeedId(0), 1),   bucket(FeedId(~0ULL), 256),
                    bucket(FeedId(65535), 65535)};
  out["ranges"] = cases({{{"text", "5"}, {"error", nullptr}, {"first", 5}, {"last", 5}},
                         {{"text", "4-6"}, {"error", nullptr}, {"first", 4}, {"last", 6}},
                         {{"text", "1-65535"}, {"error", nullptr}, {"first", 1}, {"last", 65535}}},
                        all_refused({"", "0", "05", "5-5", "6-4", "4-", "-6", "4-6-8", "65536", "4 - 6", "+4", "a"}));
  out["node_names"] = cases(
      {node_name("5.4-6.1-6.distributed.example"), node_name("1-6.distributed.example"),
       node_name("5.5.4-6.1-6.Distributed.EXAMPLE."), node_name(levels(16))},
      all_refused({"distributed.example", "5.4-6.1-6.other.example", "b5.distributed.example",
                   "7.4-6.1-6.distributed.example", "4-6.5.distributed.example", "5xdistributed.example", levels(17)}));
  out["hosts"] = cases({host("L1B.Example.ORG."), host("localhost"), host("127.0.0.1"), host("2001:DB8::0001"),
                        host("::1"), host("_xylem._tcp.example")},
                       all_refused({"", ".", "a..b", "a b", "127.1", "0x7f000001", "2130706433", "256.1.1.1",
                                    "01.2.3.4", "[::1]", "fe80::1%eth0", "1::2::3", std::string(64, 'a')}));
  out["relay_ids"] = cases({relay_id("aaaaaaaaaaaaaaaa"), relay_id("MZXW6YTBOJTG633C"), relay_id("7777777777777777")},
                           all_refused({"", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa1"}));
  return out;
}

Json make_cursors() {
  const auto feed_case = [](std::string_view text) -> Json {
    const FeedCursor cursor = parse_feed_cursor(text).value();
    Json out = {{"text", text}, {"error", nullptr}, {"epoch", cursor.epoch.value}, {"version", cursor.version.value}};
    out["hash"] = cursor.hash ? Json(fmt::format("{:08x}", *cursor.hash)) : Json(nullptr);
    return out;
  };
  const auto bucket_case = [](std::string_view text) -> Json {
    const BucketCursor cursor = parse_bucket_cursor(text).value();
    Json out = {{"text", text},
                {"error", nullptr},
                {"bucket", cursor.bucket.value},
                {"epoch", cursor.epoch.value},
                {"seq", cursor.seq.value}};
    out["hash"] = cursor.hash ? Json(fmt::format("{:08x}", *cursor.hash)) : Json(nullptr);
    return out;
  };
  Json out;
  out["about"] = "spec §1: cursors of feeds and buckets";
  out["feed"] = cases(
      {feed_case("0001700000001000_0000000000000002"), feed_case("0000000000000000_0000000000000000"),
       feed_case("9007199254740991_9007199254740991_00ff00ff")},
      all_refused({"", "1700000001000_2", "0001700000001000-0000000000000002", "0001700000001000_000000000000000a",
                   "0001700000001000_0000000000000002_", "0001700000001000_0000000000000002_0123456",
                   "0001700000001000_0000000000000002_0123456G", "0001700000001000_0000000000000002_ABCDEF00",
                   "0001700000001000_0000000000000000_01234567", "9007199254740992_0000000000000000",
                   "0000000000000001_9007199254740992", "b5_0001700000000000_0000000000000008"},
                  ErrorCode::kBadCursor));
  out["bucket"] =
      cases({bucket_case("b5_0001700000000000_0000000000000008"),
             bucket_case("b65535_0001700000000000_0000000000000008_deadbeef")},
            all_refused({"", "b_0001700000000000_0000000000000008", "b0_0001700000000000_0000000000000008",
                         "b05_0001700000000000_0000000000000008", "b65536_0001700000000000_0000000000000008",
                         "5_0001700000000000_0000000000000008", "0001700000000000_0000000000000008"},
                        ErrorCode::kBadCursor));
  return out;
}

Json make_keys() {
  Json out;
  out["about"] = "spec §3: Ed25519 keys, their ids and signatures; keys that nobody may admit";
  out["keys"] = Json::array();
  for (std::uint8_t seed = 1; seed <= 6; ++seed) out["keys"].push_back(key(seed));

  // The points of order 1, 2, 4 and 8 (with y = 0 both have order 4), and encodings that are not canonical.
  out["weak_keys"] = {
      weak_key("order 1", "0100000000000000000000000000000000000000000000000000000000000000"),
      weak_key("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      weak_key("order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
      weak_key("order 4, sign bit", "0000000000000000000000000000000000000000000000000000000000000080"),
      weak_key("order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
      weak_key("order 8, another", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
      weak_key("y above the field's prime", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      weak_key("not on the curve", "0200000000000000000000000000000000000000000000000000000000000000"),
  };

  const PublicKey neutral = {1};
  Signature forged{};
  forged[0] = 1;  // R = the neutral element, S = 0
  const SigningKey good = key_of(2);
  const Signature genuine = good.sign(kDomainRecord, zone(), {as_bytes("any message")});
  Signature changed = genuine;
  changed[0] ^= 1;
  out["signatures"] = {signature("small order key, neutral R, S = 0: OpenSSL 3.0 takes it", neutral, forged),
                       signature("S beyond the order of the group", good.public_key(), with_order_added(genuine)),
                       signature("one bit of R", good.public_key(), changed)};
  return out;
}

}  // namespace xylem::example
