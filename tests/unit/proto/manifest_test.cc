#include "proto/manifest.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "proto/manifest_check.h"
#include "tests/unit/proto/wire_message.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;

namespace {

constexpr Epoch kLater{example::kEpochMs + 5000};
constexpr BucketRange kAll{Bucket(1), Bucket(12)};
// y = 1: the neutral element, of order 1. libsodium refuses it, other libraries verify a forged signature under it.
constexpr PublicKey kSmallOrderKey = {1};

Result<Manifest> reopen(const Manifest& manifest) {
  return open_manifest(sign_manifest(manifest, example::root_key()), example::zone());
}

// Opens the example's manifest after `change`; the error's code, or nothing when it is taken.
template <typename Change>
std::optional<ErrorCode> error_after(Change change) {
  Manifest manifest = example::manifest();
  change(manifest);
  const auto opened = reopen(manifest);
  if (opened) return std::nullopt;
  return opened.error().code;
}

Result<Manifest> open_body(const WireMessage& body) {
  return open_manifest(sign_document(DocumentKind::manifest, example::root_key(), example::zone(), body.bytes()),
                       example::zone());
}

WireMessage plain_body() {
  return WireMessage()
      .integer(2, 1)
      .integer(3, 12)
      .integer(4, 1)
      .integer(5, example::kEpochMs)
      .message(7, WireMessage().integer(1, 1).integer(2, 12).integer(3, example::kEpochMs));
}

}  // namespace

TEST_CASE("a manifest reads back as it was signed") {
  Manifest manifest = example::manifest();
  manifest.grants[0].until_seq = Seq(10);
  manifest.epochs[0].epoch = kLater;
  manifest.epoch_starts = {{Bucket(1), kLater, Seq(0), {}}, {Bucket(5), kLater, Seq(8), Hash256{7}}};
  const auto opened = reopen(manifest);
  REQUIRE(opened);
  CHECK(*opened == manifest);
  CHECK(opened->zone_id() == example::zone());
  CHECK(*open_manifest_unpinned(sign_manifest(manifest, example::root_key())) == manifest);
}

TEST_CASE("a manifest without names, grants and servers is one") {
  const auto opened = open_body(plain_body());
  REQUIRE(opened);
  CHECK(opened->grants.empty());
  CHECK(opened->current_epoch(Bucket(12)) == example::kEpoch);
}

TEST_CASE("signing puts the lists in order") {
  Manifest manifest = example::manifest();
  std::swap(manifest.grants[0], manifest.grants[1]);
  std::swap(manifest.epochs[0], manifest.epochs[1]);
  CHECK(*reopen(manifest) == example::manifest());
}

TEST_CASE("a manifest counts only under the root key that is the zone") {
  const Bytes bytes = sign_manifest(example::manifest(), example::root_key());
  CHECK(open_manifest(bytes, ZoneId{}).error().code == ErrorCode::kWrongZone);

  Bytes forged = bytes;
  forged.back() ^= 1;
  CHECK(open_manifest(forged, example::zone()).error().code == ErrorCode::kBadSignature);
  CHECK(open_manifest_unpinned(forged).error().code == ErrorCode::kBadSignature);

  const Bytes directory = sign_document(DocumentKind::directory, example::root_key(), example::zone(), {});
  CHECK(open_manifest(directory, example::zone()).error().code == ErrorCode::kBadDocument);
  CHECK_FALSE(open_manifest({}, example::zone()));
  CHECK_FALSE(open_manifest_unpinned({}));
}

TEST_CASE("keys of small order are refused wherever a manifest names one") {
  CHECK(error_after([](Manifest& m) { m.grants[0].origin_key = kSmallOrderKey; }) == ErrorCode::kWeakKey);
  CHECK(error_after([](Manifest& m) { m.directory_keys.push_back(kSmallOrderKey); }) == ErrorCode::kWeakKey);

  // A root key of small order "signs" everything, in the eyes of some libraries: R = neutral element, S = 0.
  Bytes forged = sign_manifest(example::manifest(), example::root_key());
  std::copy(kSmallOrderKey.begin(), kSmallOrderKey.end(), forged.begin() + 8);
  std::fill(forged.begin() + 40, forged.begin() + 104, std::uint8_t{0});
  forged[40] = 1;
  CHECK(open_manifest_unpinned(forged).error().code == ErrorCode::kWeakKey);
}

TEST_CASE("epochs say for each bucket once which one is in force") {
  CHECK(error_after([](Manifest& m) { m.epochs.pop_back(); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs.erase(m.epochs.begin()); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs[1].range.first = Bucket(6); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs[1].range.first = Bucket(8); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs[1].range.last = Bucket(13); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs.push_back(m.epochs[1]); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs[0].epoch = Epoch(0); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs.clear(); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.epochs = {{kAll, kLater}}; }) == std::nullopt);
}

TEST_CASE("a zone may have a single bucket, or 65 535") {
  Manifest manifest = example::manifest();
  manifest.grants.clear();
  manifest.origins.clear();
  manifest.buckets = 1;
  manifest.epochs = {{{Bucket(1), Bucket(1)}, example::kEpoch}};
  CHECK(reopen(manifest));
  manifest.buckets = 65535;
  manifest.epochs = {{{Bucket(1), Bucket(65535)}, example::kEpoch}};
  CHECK(reopen(manifest));
  manifest.buckets = 0;
  CHECK_FALSE(reopen(manifest));
}

TEST_CASE("no two grants cover one place") {
  const auto error_with = [](Grant grant) {
    return error_after([&](Manifest& m) {
      m.epochs = {{kAll, kLater}};
      m.grants[0].until_seq = Seq(10);
      m.grants.push_back(grant);
    });
  };
  const PublicKey key = example::second_origin_key().public_key();
  const BucketRange half{Bucket(1), Bucket(6)};
  const BucketRange middle{Bucket(6), Bucket(8)};
  CHECK(error_with({key, half, example::kEpoch, Seq(11), std::nullopt}) == std::nullopt);
  CHECK(error_with({key, half, kLater, Seq(1), std::nullopt}) == std::nullopt);
  CHECK(error_with({key, half, example::kEpoch, Seq(10), std::nullopt}) == ErrorCode::kBadDocument);
  CHECK(error_with({key, half, example::kEpoch, Seq(1), Seq(1)}) == ErrorCode::kBadDocument);
  CHECK(error_with({key, {Bucket(6), Bucket(6)}, example::kEpoch, Seq(5), Seq(7)}) == ErrorCode::kBadDocument);
  CHECK(error_with({key, middle, example::kEpoch, Seq(11), std::nullopt}) == ErrorCode::kBadDocument);  // with 7-12
  CHECK(error_with({key, middle, kLater, Seq(1), std::nullopt}) == std::nullopt);
}

TEST_CASE("a grant is of buckets, epochs and seqs that can be") {
  CHECK(error_after([](Manifest& m) { m.grants[0].range.first = Bucket(0); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[1].range.last = Bucket(13); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[1].range.last = Bucket(6); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[0].epoch = kLater; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[0].epoch = Epoch(0); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[0].from_seq = Seq(0); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.grants[0].from_seq = Seq(kPositionMax + 1); }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) {
          m.grants[0].from_seq = Seq(5);
          m.grants[0].until_seq = Seq(4);
        }) == ErrorCode::kBadDocument);
}

TEST_CASE("an epoch start is of a bucket and an epoch that are there, with a head where there was a record") {
  const auto error_with = [](EpochStart start) { return error_after([&](Manifest& m) { m.epoch_starts = {start}; }); };
  CHECK(error_with({Bucket(5), example::kEpoch, Seq(8), Hash256{1}}) == std::nullopt);
  CHECK(error_with({Bucket(0), example::kEpoch, Seq(8), Hash256{1}}) == ErrorCode::kBadDocument);
  CHECK(error_with({Bucket(13), example::kEpoch, Seq(8), Hash256{1}}) == ErrorCode::kBadDocument);
  CHECK(error_with({Bucket(5), kLater, Seq(8), Hash256{1}}) == ErrorCode::kBadDocument);
  const auto start = WireMessage().integer(1, 5).integer(2, example::kEpochMs);
  CHECK(open_body(plain_body().message(8, start)));
  CHECK_FALSE(open_body(plain_body().message(8, WireMessage(start).zeros(4, 32))));   // a head of nothing
  CHECK_FALSE(open_body(plain_body().message(8, WireMessage(start).integer(3, 8))));  // no head
  CHECK_FALSE(open_body(plain_body().message(8, start).message(8, start)));           // twice
  CHECK(open_body(plain_body().message(8, WireMessage(start).integer(3, 8).zeros(4, 32))));
}

TEST_CASE("lists out of order are refused") {
  Manifest manifest = example::manifest();
  std::swap(manifest.grants[0], manifest.grants[1]);
  CHECK_FALSE(check_manifest(manifest));
  manifest = example::manifest();
  std::swap(manifest.epochs[0], manifest.epochs[1]);
  CHECK_FALSE(check_manifest(manifest));
  manifest = example::manifest();
  manifest.epoch_starts = {{Bucket(6), example::kEpoch, Seq(1), {}}, {Bucket(5), example::kEpoch, Seq(1), {}}};
  CHECK_FALSE(check_manifest(manifest));
}

TEST_CASE("two keys with one key id are refused, the same key twice is not") {
  const PublicKey one = {1};
  const PublicKey two = {2};
  CHECK(check_key_ids({{KeyId{7}, one}, {KeyId{8}, two}, {KeyId{7}, one}}));
  CHECK_FALSE(check_key_ids({{KeyId{7}, one}, {KeyId{8}, two}, {KeyId{7}, two}}));
}

TEST_CASE("names and hosts in a manifest are normalised") {
  Manifest manifest = example::manifest();
  manifest.names = {"Distributed.EXAMPLE."};
  manifest.origins[0].host = "2001:DB8::0001";
  const auto opened = reopen(manifest);
  REQUIRE(opened);
  CHECK(opened->names.front() == "distributed.example");
  CHECK(opened->origins[0].host == "2001:db8::1");
  CHECK(error_after([](Manifest& m) { m.names = {"a b"}; }) == ErrorCode::kBadName);
  CHECK(error_after([](Manifest& m) { m.origins[0].host = "127.1"; }) == ErrorCode::kBadName);
  CHECK(error_after([](Manifest& m) { m.origins[0].port = 0; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.origins[1].range.last = Bucket(13); }) == ErrorCode::kBadDocument);
}

TEST_CASE("single fields of a manifest keep their limits") {
  CHECK(error_after([](Manifest& m) { m.serial = 0; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.serial = kPositionMax + 1; }) == ErrorCode::kBadDocument);
  CHECK(error_after([](Manifest& m) { m.record_version = 2; }) == ErrorCode::kUnsupportedVersion);
  CHECK(error_after([](Manifest& m) { m.issued = from_ms(kTimestampMax + 1); }) == ErrorCode::kBadDocument);
  CHECK_FALSE(open_body(plain_body().integer(3, 65536)));  // buckets, the last value counts
  CHECK_FALSE(open_body(plain_body().zeros(9, 31)));       // directory key
  CHECK_FALSE(open_body(plain_body().zeros(11, 11)));      // relay id
  CHECK(open_body(plain_body().zeros(11, 10)));
  CHECK(open_body(plain_body().zeros(99, 1000)));  // of a later version
  CHECK_FALSE(open_body(WireMessage().bytes(1, Bytes{}).integer(2, 1)));

  const Bytes cut = {0x0A, 0x10, 'a'};
  const Bytes document = sign_document(DocumentKind::manifest, example::root_key(), example::zone(), cut);
  CHECK(open_manifest(document, example::zone()).error().code == ErrorCode::kBadDocument);
}

TEST_CASE("lists of a manifest keep their limits") {
  const auto error_with = [](unsigned field, std::size_t count) {
    WireMessage body = plain_body();
    for (std::size_t i = 0; i < count; ++i) body.message(field, WireMessage());
    return open_body(body).error().code;
  };
  CHECK(error_with(1, kZoneNamesMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(6, kGrantsMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(7, kRangeEpochsMax) == ErrorCode::kTooLarge);
  CHECK(error_with(8, kEpochStartsMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(9, kDirectoryKeysMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(10, kManifestOriginsMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(11, kManifestRelaysMax + 1) == ErrorCode::kTooLarge);
  CHECK(error_with(11, kManifestRelaysMax) == ErrorCode::kBadDocument);  // then each id is looked at
}

TEST_CASE("the one grant, the current epoch and its start are found for each place") {
  Manifest manifest = example::manifest();
  manifest.epochs[0].epoch = kLater;
  manifest.grants[0].until_seq = Seq(8);
  manifest.grants.push_back({example::origin_key().public_key(), {Bucket(1), Bucket(6)}, kLater, Seq(1), std::nullopt});
  manifest.epoch_starts = {{Bucket(5), kLater, Seq(8), Hash256{7}}};
  const Manifest opened = *reopen(manifest);

  CHECK(opened.current_epoch(Bucket(0)) == std::nullopt);
  CHECK(opened.current_epoch(Bucket(1)) == kLater);
  CHECK(opened.current_epoch(Bucket(6)) == kLater);
  CHECK(opened.current_epoch(Bucket(7)) == example::kEpoch);
  CHECK(opened.current_epoch(Bucket(13)) == std::nullopt);

  const Grant* grant = opened.grant_for(Bucket(5), example::kEpoch, Seq(8));
  REQUIRE(grant != nullptr);
  CHECK(grant->until_seq == Seq(8));
  CHECK(opened.grant_for(Bucket(5), example::kEpoch, Seq(9)) == nullptr);
  CHECK(opened.grant_for(Bucket(5), Epoch(1), Seq(1)) == nullptr);
  CHECK(opened.grant_for(Bucket(5), kLater, Seq(9))->epoch == kLater);
  CHECK(opened.grant_for(Bucket(7), example::kEpoch, Seq(9))->origin_key == example::second_origin_key().public_key());
  CHECK(opened.grant_for(Bucket(7), kLater, Seq(9)) == nullptr);

  REQUIRE(opened.epoch_start(Bucket(5), kLater) != nullptr);
  CHECK(opened.epoch_start(Bucket(5), kLater)->last_seq == Seq(8));
  CHECK(opened.epoch_start(Bucket(5), example::kEpoch) == nullptr);
  CHECK(opened.epoch_start(Bucket(4), kLater) == nullptr);
  CHECK(opened.epoch_start(Bucket(6), kLater) == nullptr);
}
