#include "origin/manifest/manifest_source.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

Manifest example() {
  Manifest manifest;
  manifest.names = {"distributed.example"};
  manifest.serial = 3;
  manifest.buckets = 12;
  const BucketRange low{Bucket(1), Bucket(6)};
  const BucketRange high{Bucket(7), Bucket(12)};
  Grant closed{SigningKey::generate().public_key(), low, Epoch(1000), Seq(1), Seq(99)};
  manifest.grants = {closed,
                     {SigningKey::generate().public_key(), low, Epoch(2000), Seq(100), std::nullopt},
                     {SigningKey::generate().public_key(), high, Epoch(1000), Seq(1), std::nullopt}};
  manifest.epochs = {{low, Epoch(2000)}, {high, Epoch(1000)}};
  manifest.epoch_starts = {{Bucket(5), Epoch(2000), Seq(99), sha256(as_bytes("head"))}};
  manifest.directory_keys = {SigningKey::generate().public_key()};
  manifest.origins = {{low, "feed-a.example.net", 7411}};
  manifest.relays = {relay_id_of(SigningKey::generate().public_key())};
  return manifest;
}

std::string error_of(std::string_view text) {
  auto manifest = read_manifest_source(text, "m.toml");
  REQUIRE_FALSE(manifest);
  CHECK(manifest.error().code == ErrorCode::kConfig);
  return manifest.error().detail;
}

}  // namespace

TEST_CASE("a manifest's source is read back as it was written") {
  const Manifest manifest = example();
  auto again = read_manifest_source(write_manifest_source(manifest), "m.toml");
  INFO((again ? "" : again.error().detail));
  REQUIRE(again);
  CHECK(*again == manifest);
}

TEST_CASE("a mistake in a manifest's source is named with its line") {
  CHECK(error_of("serial = 1\nbukkets = 12\n").find("m.toml:2: 'bukkets' is not known here") != std::string::npos);
  CHECK(error_of("serial = -1\n").find("m.toml:1: 'serial' must be a number") != std::string::npos);
  CHECK(
      error_of("serial = 1\nbuckets = 4\n\n[[grant]]\nkey = \"zz\"\n").find("m.toml:5: 'key' must be 64 hex digits") !=
      std::string::npos);
  CHECK(error_of("serial = 1\nbuckets = 4\n[[epoch]]\nrange = \"6-4\"\nepoch = 1\n").find("m.toml:4: 'range'") !=
        std::string::npos);
  CHECK(error_of("serial = \n").find("m.toml:1:") != std::string::npos);
}

TEST_CASE("a manifest shows what a person asks of it") {
  Manifest manifest = example();
  manifest.root_key = SigningKey::generate().public_key();
  const std::string text = describe_manifest(manifest);
  for (const std::string& part :
       std::vector<std::string>{to_hex(manifest.zone_id()), std::string("serial    3"), std::string("until 99"),
                                std::string("feed-a.example.net:7411")}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(manifest_json(manifest).find("\"serial\": 3") != std::string::npos);
}

}  // namespace xylem
