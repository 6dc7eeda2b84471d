// Pins and manifests on disk.
#include "client/reader/zone_store.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "proto/limits.h"
#include "tests/unit/discovery/temporary_folder.h"

namespace xylem {
namespace {

constexpr ZoneId kId = {1, 2, 3};

TEST_CASE("a pin is found again, others stay") {
  const TemporaryFolder folder;
  ZoneStore store(folder.path() / "made" / "when needed");
  CHECK(store.pinned("a.example").error().code == ErrorCode::kNotFound);
  REQUIRE(store.pin("a.example", kId));
  REQUIRE(store.pin("b.example", ZoneId{9}));
  CHECK(store.pinned("a.example") == kId);
  CHECK(store.pinned("b.example") == ZoneId{9});
  CHECK(store.pinned("example").error().code == ErrorCode::kNotFound);
}

TEST_CASE("the pins file may be edited by people") {
  const TemporaryFolder folder;
  const ZoneStore store(folder.path());
  std::ofstream(store.pins_file()) << "# mine\n\n  a.example   " << to_hex(kId) << "  \nb.example " << to_hex(kId);
  CHECK(store.pinned("a.example") == kId);
  ZoneStore again(folder.path());
  REQUIRE(again.pin("c.example", kId));
  CHECK(again.pinned("b.example") == kId);
  CHECK(again.pinned("c.example") == kId);
}

TEST_CASE("a damaged pins file is never taken for an empty one") {
  const TemporaryFolder folder;
  const ZoneStore store(folder.path());
  for (const char* text : {"a.example", "a.example 12", "a.example zz", "one two three"}) {
    std::ofstream(store.pins_file()) << "# fine\n" << text << "\n";
    CHECK(store.pinned("b.example").error().code == ErrorCode::kCorrupt);
    CHECK(store.pinned("b.example").error().detail.find("line 2") != std::string::npos);
  }
  std::filesystem::remove(store.pins_file());
  std::filesystem::create_directory(store.pins_file());
  CHECK(store.pinned("b.example").error().code == ErrorCode::kIo);
  CHECK(ZoneStore(folder.path()).pin("b.example", kId).error().code == ErrorCode::kIo);
}

TEST_CASE("manifests are kept by zone id, within their limit") {
  const TemporaryFolder folder;
  ZoneStore store(folder.path());
  CHECK(!store.manifest(kId));
  REQUIRE(store.keep_manifest(kId, Bytes{1, 2}));
  CHECK(store.manifest(kId) == Bytes{1, 2});
  CHECK(!store.manifest(ZoneId{9}));
  REQUIRE(store.keep_manifest(kId, Bytes(kManifestBytesMax + 1)));
  CHECK(!store.manifest(kId));
}

TEST_CASE("without a folder nothing is kept and nothing fails") {
  ZoneStore store({});
  CHECK(store.pin("a.example", kId));
  CHECK(store.pinned("a.example").error().code == ErrorCode::kNotFound);
  CHECK(store.keep_manifest(kId, Bytes{1}));
  CHECK(!store.manifest(kId));
}

TEST_CASE("zone ids are 64 hex digits") {
  CHECK(parse_zone_id(to_hex(kId)) == kId);
  for (const char* text : {"", "12", "zz"}) CHECK(parse_zone_id(text).error().code == ErrorCode::kUsage);
}

}  // namespace
}  // namespace xylem
