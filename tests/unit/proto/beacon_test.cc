#include "proto/beacon.h"

#include <catch2/catch.hpp>

#include "proto/verify.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;

namespace {

Trust trust() {
  Trust trust(example::zone());
  REQUIRE(trust.admit(sign_manifest(example::manifest(), example::root_key())));
  return trust;
}

Bytes encoded(const Beacon& beacon) { return sign_beacon(beacon, example::origin_key(), example::zone()); }

}  // namespace

TEST_CASE("a beacon is 172 bytes, reads back and verifies") {
  const Beacon beacon = example::beacon();
  const Bytes bytes = encoded(beacon);
  CHECK(bytes.size() == kBeaconBytes);
  CHECK(*decode_beacon(bytes) == beacon);
  CHECK(beacon.key_id == example::origin_key().key_id());
  CHECK(verify_beacon(beacon, example::origin_key().public_key(), example::zone()));
  CHECK(trust().check_beacon(beacon));
}

TEST_CASE("a flipped bit of a beacon is refused") {
  const Bytes bytes = encoded(example::beacon());
  const Trust believed = trust();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto beacon = decode_beacon(flipped);
    CAPTURE(bit);
    CHECK_FALSE((beacon && believed.check_beacon(*beacon)));
  }
}

TEST_CASE("a beacon of another key or zone is refused") {
  Beacon beacon = example::beacon();
  const Bytes by_other = sign_beacon(beacon, example::second_origin_key(), example::zone());
  CHECK(trust().check_beacon(*decode_beacon(by_other)).error().code == ErrorCode::kNoGrant);
  const Bytes of_other_zone = sign_beacon(beacon, example::origin_key(), ZoneId{});
  CHECK(trust().check_beacon(*decode_beacon(of_other_zone)).error().code == ErrorCode::kBadSignature);
}

TEST_CASE("a bucket without records has a beacon without a head") {
  Beacon beacon = example::beacon();
  beacon.seq = Seq(0);
  beacon.head = {};
  CHECK(decode_beacon(encoded(beacon)));
  beacon.head[0] = 1;
  CHECK_FALSE(decode_beacon(encoded(beacon)));
}

TEST_CASE("a beacon with a number outside its limits is malformed") {
  const Beacon good = example::beacon();
  const auto refused = [](Beacon beacon) {
    return decode_beacon(encoded(beacon)).error().code == ErrorCode::kBadFrame;
  };
  Beacon beacon = good;
  beacon.bucket = Bucket(0);
  CHECK(refused(beacon));
  beacon = good;
  beacon.epoch = Epoch(0);
  CHECK(refused(beacon));
  beacon.epoch = Epoch(kEpochMax + 1);
  CHECK(refused(beacon));
  beacon = good;
  beacon.seq = Seq(kPositionMax + 1);
  CHECK(refused(beacon));
  beacon = good;
  beacon.time = from_ms(kTimestampMax + 1);
  CHECK(refused(beacon));

  Bytes bytes = encoded(good);
  CHECK_FALSE(decode_beacon(ByteView(bytes).first(kBeaconBytes - 1)));
  bytes.push_back(0);
  CHECK_FALSE(decode_beacon(bytes));
}
