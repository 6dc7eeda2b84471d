#include "proto/payload.h"

#include <catch2/catch.hpp>

#include "proto/payload_tree.h"

using namespace xylem;

namespace {

constexpr Salt kSalt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

std::vector<Event> three_events() {
  return {{from_ms(1000), "add_comment", as_bytes(R"({"message":"hello"})")},
          {from_ms(2000), "upvote", as_bytes("")},
          {from_ms(1500), "delete_comment", as_bytes("x")}};
}

void check_same(const Event& a, const Event& b) {
  CHECK(a.time == b.time);
  CHECK(a.kind == b.kind);
  CHECK(as_text(a.details) == as_text(b.details));
}

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("events stand one after another behind the batch's salt") {
  const Event event{from_ms(0x0102), "kind", as_bytes("de")};
  const Bytes plain = encode_events(kSalt, std::span(&event, 1));
  CHECK(to_hex(plain) == to_hex(kSalt) + "0000000f" + "0000000000000102" + "04" + "6b696e64" + "6465");
  CHECK(encoded_event_bytes(4, 2) == 0x0F);
}

TEST_CASE("events decode to what was encoded") {
  const auto events = three_events();
  const Bytes plain = encode_events(kSalt, events);
  const auto decoded = decode_events(plain, 3);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) check_same((*decoded)[i], events[i]);
}

TEST_CASE("the root is the tree's of the spec, computed by hand") {
  const auto events = three_events();
  const Bytes plain = encode_events(kSalt, events);
  Bytes leaves{1};
  std::size_t at = kSalt.size();
  for (std::uint8_t i = 0; i < 3; ++i) {
    const std::size_t size = encoded_event_bytes(events[i].kind.size(), events[i].details.size());
    const Hash256 mac = hmac_sha256(kSalt, Bytes{0, 0, 0, i});
    const Hash256 leaf = sha256({Bytes{0}, ByteView(mac).first(16), ByteView(plain).subspan(at + 4, size)});
    leaves.insert(leaves.end(), leaf.begin(), leaf.end());
    at += 4 + size;
  }
  CHECK(payload_root_of(plain, 3) == sha256(leaves));
}

TEST_CASE("the root of a notice is of another kind than that of a batch") {
  const Bytes payload = from_hex("0a0178");
  CHECK(notice_root_of(payload) == sha256({Bytes{2}, payload}));
}

TEST_CASE("a payload that does not hold exactly its events is refused") {
  const Bytes plain = encode_events(kSalt, three_events());
  CHECK(code_of(decode_events(plain, 2)) == ErrorCode::kBadPayload);
  CHECK(code_of(decode_events(plain, 4)) == ErrorCode::kBadPayload);
  CHECK(code_of(payload_root_of(plain, 2)) == ErrorCode::kBadPayload);
  for (std::size_t size = 0; size < plain.size(); ++size) {
    CHECK(code_of(decode_events(ByteView(plain).first(size), 3)) == ErrorCode::kBadPayload);
    CHECK(code_of(payload_root_of(ByteView(plain).first(size), 3)) == ErrorCode::kBadPayload);
  }
}

TEST_CASE("a kind is 1 to 64 printable characters without blanks") {
  CHECK(valid_event_kind("add_comment"));
  CHECK(valid_event_kind("!~"));
  CHECK(valid_event_kind(std::string(64, 'k')));
  for (const std::string& kind : {std::string(), std::string(65, 'k'), std::string("add comment"), std::string("a\n"),
                                  std::string("a\x7F"), std::string("\xC3\xBC")}) {
    CHECK_FALSE(valid_event_kind(kind));
  }
}

TEST_CASE("an event with a bad time, kind or size is refused") {
  const auto decode = [](std::string_view hex) { return decode_event(from_hex(hex)); };
  CHECK(
      decode("000000000000000101"
             "6b"));
  CHECK(code_of(decode("000000000000000100")) == ErrorCode::kBadPayload);  // no kind
  CHECK(code_of(decode("000000000000000102"
                       "6b")) == ErrorCode::kBadPayload);  // kind is cut
  CHECK(code_of(decode("000000000000000101"
                       "20")) == ErrorCode::kBadPayload);  // a blank
  CHECK(code_of(decode("0000e677d21fdc0001"
                       "6b")) == ErrorCode::kBadPayload);  // the year 10000
  CHECK(
      decode("0000e677d21fdbff01"
             "6b"));
  CHECK(code_of(decode("00000000000001")) == ErrorCode::kBadPayload);

  Bytes largest = from_hex("0000000000000001016b");
  largest.resize(kEventBytesMax);
  CHECK(decode_event(largest));
  largest.push_back(0);
  CHECK(code_of(decode_event(largest)) == ErrorCode::kBadPayload);
}

TEST_CASE("elided events are missing, the rest and the root stay") {
  const auto events = three_events();
  const Bytes plain = encode_events(kSalt, events);
  const Hash256 root = *payload_root_of(plain, 3);
  for (unsigned mask = 1; mask < 8; ++mask) {
    const std::vector<bool> remove{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
    const Bytes body = elide_events(plain, remove, std::vector{Seq(90)}).value();
    const auto elided = decode_elided(body, 3);
    REQUIRE(elided);
    CHECK(elided->root == root);
    CHECK(elided->redactions == std::vector{Seq(90)});
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(elided->items[i].has_value() != remove[i]);
      if (!remove[i]) check_same(*elided->items[i], events[i]);
    }
  }
}

TEST_CASE("an elided body holds neither the batch's salt nor what was removed") {
  const Bytes plain = encode_events(kSalt, three_events());
  const Bytes body = elide_events(plain, {true, false, false}, std::vector{Seq(90)}).value();
  CHECK(as_text(body).find("hello") == std::string_view::npos);
  CHECK(as_text(body).find(as_text(kSalt)) == std::string_view::npos);
  CHECK(as_text(body).find("upvote") != std::string_view::npos);
}

TEST_CASE("more events go out of an elided body, and the redactions become the union") {
  const Bytes plain = encode_events(kSalt, three_events());
  const Bytes once = elide_events(plain, {true, false, false}, std::vector{Seq(90), Seq(70)}).value();
  const Bytes twice = elide_more(once, 3, {true, false, true}, std::vector{Seq(90), Seq(80)}).value();
  const Bytes at_once = elide_events(plain, {true, false, true}, std::vector{Seq(70), Seq(80), Seq(90)}).value();
  CHECK(twice == at_once);
  CHECK(decode_elided(twice, 3)->redactions == std::vector{Seq(70), Seq(80), Seq(90)});
}

TEST_CASE("eliding needs something to remove and a redaction that says so") {
  const Bytes plain = encode_events(kSalt, three_events());
  CHECK(code_of(elide_events(plain, {false, false, false}, std::vector{Seq(90)})) == ErrorCode::kBadPayload);
  CHECK(code_of(elide_events(plain, {true, false, false}, {})) == ErrorCode::kBadPayload);
  CHECK(code_of(elide_events(plain, {true, false}, std::vector{Seq(90)})) == ErrorCode::kBadPayload);
  CHECK(code_of(elide_more(from_hex("00"), 3, {true, true, true}, std::vector{Seq(90)})) == ErrorCode::kBadPayload);
}

TEST_CASE("an elided body that is malformed is refused") {
  const std::string leaf(64, 'a');
  const std::string one =
      "0001"
      "000000000000005a";
  CHECK(decode_elided(from_hex(one + "01" + leaf), 1));
  for (const std::string& hex : {
           std::string(),
           std::string("0000") + "01" + leaf,                                            // no redaction
           std::string("0001") + "0000000000000000" + "01" + leaf,                       // seq 0
           std::string("0001") + "ffffffffffffffff" + "01" + leaf,                       // seq beyond its maximum
           std::string("0002") + "000000000000005a" + "000000000000005a" + "01" + leaf,  // twice
           std::string("0002") + "000000000000005b" + "000000000000005a" + "01" + leaf,  // descending
           one + "02" + leaf,                                                            // an unknown item
           one + "01" + leaf + "00",                                                     // a byte after
           one + "01" + leaf.substr(2),                                                  // a leaf cut short
           one,                                                                          // no item
           one + "00" + "ffffffff" + std::string(32, '0'),                               // an event beyond the end
           one + "00" + "0000000a" + std::string(32, '0') + "0000000000000001016b",      // nothing removed
       }) {
    INFO(hex);
    CHECK(code_of(decode_elided(from_hex(hex), 1)) == ErrorCode::kBadPayload);
  }
  // A kept event that is none, beside a removed one.
  CHECK(code_of(decode_elided(from_hex(one + "01" + leaf + "00" + "00000000" + std::string(32, '0')), 2)) ==
        ErrorCode::kBadPayload);
}
