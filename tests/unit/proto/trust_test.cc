#include <catch2/catch.hpp>

#include "proto/beacon.h"
#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337};  // bucket 5
const BucketRange kAll{Bucket(1), Bucket(kSampleBuckets)};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("trust begins with the pinned zone and no manifest") {
  const SampleZone zone;
  RecordMaker maker(zone);
  maker.batch(kFeed);
  const Trust trust(zone.id);
  CHECK(trust.manifest() == nullptr);
  CHECK(trust.manifest_hash() == Hash256{});
  CHECK(code_of(trust.check_signature(maker.record(0).decoded)) == ErrorCode::kNoGrant);
  CHECK(code_of(trust.check_beacon(Beacon{})) == ErrorCode::kNoGrant);
}

TEST_CASE("a newer manifest replaces, the same one is no news, an older one is stale") {
  SampleZone zone;
  const Bytes first = zone.signed_manifest();
  zone.manifest.serial = 2;
  const Bytes second = zone.signed_manifest();

  Trust trust(zone.id);
  CHECK(trust.admit(first) == true);
  CHECK(trust.admit(first) == false);
  CHECK(trust.admit(second) == true);
  CHECK(trust.manifest()->serial == 2);
  CHECK(trust.manifest_bytes() == second);
  CHECK(trust.manifest_hash() == sha256(second));
  CHECK(code_of(trust.admit(first)) == ErrorCode::kStaleDocument);
  CHECK(trust.manifest_bytes() == second);
}

TEST_CASE("two manifests under one serial are a fork, and the first stays") {
  SampleZone zone;
  Trust trust = zone.trust();
  const Bytes first = trust.manifest_bytes();
  zone.manifest.names.push_back("another.example");
  CHECK(code_of(trust.admit(zone.signed_manifest())) == ErrorCode::kFork);
  CHECK(trust.manifest_bytes() == first);
}

TEST_CASE("no bucket's epoch goes back") {
  SampleZone zone;
  const Epoch later(kSampleEpoch.value + 1);
  const BucketRange low{Bucket(1), Bucket(6)}, high{Bucket(7), Bucket(12)};
  zone.manifest.epochs = {{low, kSampleEpoch}, {high, later}};
  Trust trust = zone.trust();

  zone.manifest.serial = 2;
  zone.manifest.epochs = {{kAll, kSampleEpoch}};
  CHECK(code_of(trust.admit(zone.signed_manifest())) == ErrorCode::kWrongEpoch);
  zone.manifest.epochs = {{kAll, later}};
  CHECK(trust.admit(zone.signed_manifest()) == true);
}

TEST_CASE("the number of buckets is fixed for the life of a zone") {
  SampleZone zone;
  Trust trust = zone.trust();
  zone.manifest.serial = 2;
  zone.manifest.buckets = 24;
  const BucketRange all{Bucket(1), Bucket(24)};
  zone.manifest.grants[0].range = all;
  zone.manifest.epochs[0].range = all;
  CHECK(code_of(trust.admit(zone.signed_manifest())) == ErrorCode::kBadDocument);
}

TEST_CASE("another zone's manifest is refused, and so is a damaged one") {
  const SampleZone zone;
  Trust elsewhere(ZoneId{1});
  CHECK(code_of(elsewhere.admit(zone.signed_manifest())) == ErrorCode::kWrongZone);
  Trust trust(zone.id);
  Bytes damaged = zone.signed_manifest();
  damaged.back() ^= 1;
  CHECK_FALSE(trust.admit(damaged));
  CHECK(trust.manifest() == nullptr);
}

TEST_CASE("a header counts under the key of the grant that covers it, in its zone") {
  const SampleZone zone;
  const SigningKey stranger = sample_key(9);
  RecordMaker maker(zone), strangers(zone.id, stranger), elsewhere(ZoneId{1}, zone.origin);
  maker.batch(kFeed);
  strangers.batch(kFeed);
  elsewhere.batch(kFeed);
  const Trust trust = zone.trust();
  CHECK(trust.bucket_of(kFeed) == Bucket(5));
  CHECK(trust.check_signature(maker.record(0).decoded));
  CHECK(code_of(trust.check_signature(strangers.record(0).decoded)) == ErrorCode::kNoGrant);
  CHECK(code_of(trust.check_signature(elsewhere.record(0).decoded)) == ErrorCode::kBadSignature);
  maker.forge_newest();
  CHECK(code_of(trust.check_signature(maker.record(0).decoded)) == ErrorCode::kBadSignature);
}

TEST_CASE("a grant ends at its range, its epoch and its last seq") {
  SampleZone zone;
  zone.manifest.grants[0].range = {Bucket(1), Bucket(6)};
  zone.manifest.grants[0].from_seq = Seq(2);
  zone.manifest.grants[0].until_seq = Seq(3);
  const Trust trust = zone.trust();
  RecordMaker maker(zone);
  for (int i = 0; i < 4; ++i) maker.batch(kFeed);
  CHECK(code_of(trust.check_signature(maker.record(0).decoded)) == ErrorCode::kNoGrant);
  CHECK(trust.check_signature(maker.record(1).decoded));
  CHECK(trust.check_signature(maker.record(2).decoded));
  CHECK(code_of(trust.check_signature(maker.record(3).decoded)) == ErrorCode::kNoGrant);

  RecordMaker other_bucket(zone), other_epoch(zone);
  other_bucket.batch(FeedId(7));
  other_bucket.batch(FeedId(7));
  CHECK(code_of(trust.check_signature(other_bucket.record(1).decoded)) == ErrorCode::kNoGrant);
  other_epoch.epoch = kSampleEpoch.next();
  other_epoch.batch(kFeed);
  other_epoch.batch(kFeed);
  CHECK(code_of(trust.check_signature(other_epoch.record(1).decoded)) == ErrorCode::kNoGrant);
}

TEST_CASE("a beacon counts under the grant of the bucket's head or of its next record") {
  SampleZone zone;
  const SigningKey next_origin = sample_key(3);
  const Epoch next_epoch = kSampleEpoch.next();
  zone.manifest.grants = {{zone.origin.public_key(), kAll, kSampleEpoch, Seq(1), Seq(100)},
                          {next_origin.public_key(), kAll, next_epoch, Seq(101), std::nullopt}};
  zone.manifest.epochs = {{kAll, next_epoch}};
  const Trust trust = zone.trust();
  const auto check = [&](const SigningKey& key, Epoch epoch, std::uint64_t seq) {
    Beacon beacon;
    beacon.bucket = Bucket(5);
    beacon.epoch = epoch;
    beacon.seq = Seq(seq);
    if (seq > 0) beacon.head.fill(1);
    beacon.time = from_ms(kSampleEpoch.value);
    beacon.manifest_serial = 1;
    return trust.check_beacon(decode_beacon(sign_beacon(beacon, key, zone.id)).value());
  };
  CHECK(check(zone.origin, kSampleEpoch, 0));
  CHECK(check(zone.origin, kSampleEpoch, 100));
  CHECK(code_of(check(zone.origin, kSampleEpoch, 101)) == ErrorCode::kNoGrant);
  CHECK(check(next_origin, next_epoch, 100));  // nothing of the new epoch yet
  CHECK(check(next_origin, next_epoch, 101));
  CHECK(code_of(check(next_origin, next_epoch, 99)) == ErrorCode::kNoGrant);
  CHECK(code_of(check(zone.origin, next_epoch, 101)) == ErrorCode::kNoGrant);
}

TEST_CASE("a beacon with a changed byte does not verify") {
  const SampleZone zone;
  const Trust trust = zone.trust();
  Beacon beacon;
  beacon.bucket = Bucket(5);
  beacon.epoch = kSampleEpoch;
  beacon.seq = Seq(7);
  beacon.head.fill(1);
  beacon.time = from_ms(kSampleEpoch.value);
  beacon.manifest_serial = 1;
  Beacon signed_beacon = decode_beacon(sign_beacon(beacon, zone.origin, zone.id)).value();
  CHECK(trust.check_beacon(signed_beacon));
  signed_beacon.seq = Seq(8);
  CHECK(code_of(trust.check_beacon(signed_beacon)) == ErrorCode::kBadSignature);
}
