#include "proto/directory.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "tests/unit/proto/wire_message.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;

namespace {

Result<Directory> reopen(const Directory& directory) {
  return open_directory(sign_directory(directory, example::directory_key(), example::zone()), example::manifest());
}

template <typename Change>
std::optional<ErrorCode> error_after(Change change) {
  Directory directory = example::directory();
  change(directory);
  const auto opened = reopen(directory);
  if (opened) return std::nullopt;
  return opened.error().code;
}

Result<Directory> open_body(const WireMessage& body) {
  return open_directory(sign_document(DocumentKind::directory, example::directory_key(), example::zone(), body.bytes()),
                        example::manifest());
}

}  // namespace

TEST_CASE("a directory reads back as it was signed") {
  CHECK(*reopen(example::directory()) == example::directory());
  CHECK(example::directory().relays[0].id() == relay_id_of(example::relay_key().public_key()));
  Directory empty;
  empty.serial = 1;
  CHECK(*reopen(empty) == empty);
}

TEST_CASE("a directory counts only under a directory key of the zone's manifest") {
  const Manifest manifest = example::manifest();
  const auto code_of = [&](const Bytes& bytes) { return open_directory(bytes, manifest).error().code; };
  CHECK(code_of(sign_directory(example::directory(), example::root_key(), example::zone())) ==
        ErrorCode::kBadSignature);
  CHECK(code_of(sign_directory(example::directory(), example::directory_key(), ZoneId{})) == ErrorCode::kBadSignature);
  CHECK(code_of(sign_document(DocumentKind::manifest, example::directory_key(), example::zone(), {})) ==
        ErrorCode::kBadDocument);
  CHECK(code_of({}) == ErrorCode::kBadDocument);
}

TEST_CASE("each relay of a directory has a sound key, an address, ranges and an end") {
  CHECK(error_after([](Directory& d) { d.relays[0].key = PublicKey{1}; }) == ErrorCode::kWeakKey);
  CHECK(error_after([](Directory& d) { d.relays[0].host = "127.1"; }) == ErrorCode::kBadName);
  CHECK(error_after([](Directory& d) { d.relays[0].host.clear(); }) == ErrorCode::kBadName);
  CHECK(error_after([](Directory& d) { d.relays[0].port = 0; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.relays[0].ranges.clear(); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.relays[0].ranges[0].last = Bucket(13); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.relays[0].ranges[0].first = Bucket(0); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.relays[0].not_after = from_ms(kTimestampMax + 1); }) ==
        ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.relays.push_back(d.relays[0]); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) {
          d.relays.push_back(d.relays[0]);
          d.relays[1].key = example::parent_key().public_key();
        }) == std::nullopt);
  CHECK(error_after([](Directory& d) { d.relays[0].ranges.assign(kDirectoryRangesMax, {Bucket(1), Bucket(1)}); }) ==
        std::nullopt);
  CHECK(error_after([](Directory& d) { d.relays[0].ranges.assign(kDirectoryRangesMax + 1, {Bucket(1), Bucket(1)}); }) ==
        ErrorCode::kTooLarge);
}

TEST_CASE("single fields of a directory keep their limits") {
  CHECK(error_after([](Directory& d) { d.serial = 0; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.serial = kPositionMax + 1; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Directory& d) { d.issued = from_ms(kTimestampMax + 1); }) == ErrorCode::kBadDocument);
  const PublicKey key = example::relay_key().public_key();
  const auto relay = WireMessage().bytes(1, key).text(2, "a.example").integer(3, 7411).integer(4, 5);
  CHECK_FALSE(open_body(WireMessage().integer(1, 1).message(3, relay)));  // a range without an end
  CHECK(open_body(WireMessage().integer(1, 1).message(3, WireMessage(relay).integer(4, 6))));
  CHECK_FALSE(
      open_body(WireMessage().integer(1, 1).message(3, WireMessage(relay).integer(4, 6).integer(3, 65536 + 1))));

  WireMessage many = WireMessage().integer(1, 1);
  for (std::size_t i = 0; i <= kDirectoryRelaysMax; ++i) many.message(3, WireMessage());
  CHECK(open_body(many).error().code == ErrorCode::kTooLarge);

  const Bytes cut = {0x1A, 0x10, 'a'};
  const Bytes document = sign_document(DocumentKind::directory, example::directory_key(), example::zone(), cut);
  CHECK(open_directory(document, example::manifest()).error().code == ErrorCode::kBadDocument);
}
