#include "client/discovery/cache_file.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "client/discovery/dns_cache.h"
#include "tests/unit/discovery/temporary_folder.h"

using namespace xylem;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a cache file is read as it was written, and replaced whole") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "deep" / "er" / "dns";
  REQUIRE(write_cache_file(path, as_bytes("first, and longer")));
  REQUIRE(write_cache_file(path, as_bytes("second")));
  const Result<Bytes> read = read_cache_file(path);
  REQUIRE(read);
  CHECK(as_text(*read) == "second");
  CHECK(files_in(path.parent_path()) == 1);  // nothing temporary is left
}

TEST_CASE("no file, no folder and no permission are errors that name the path") {
  const TemporaryFolder folder;
  CHECK(read_cache_file(folder.path() / "none").error().code == ErrorCode::kNotFound);
  CHECK(read_cache_file(folder.path()).error().code == ErrorCode::kIo);  // a folder
  std::ofstream(folder.path() / "file") << "x";
  const Result<void> written = write_cache_file(folder.path() / "file" / "dns", as_bytes("x"));
  REQUIRE_FALSE(written);
  CHECK(written.error().detail.find((folder.path() / "file" / "dns").string()) != std::string::npos);
}

TEST_CASE("a file that cannot be replaced leaves nothing temporary behind") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "dns";
  std::filesystem::create_directories(path / "in the way");
  CHECK_FALSE(write_cache_file(path, as_bytes("x")));
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file larger than a cache can be is refused") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "dns";
  std::ofstream(path).close();
  std::filesystem::resize_file(path, DnsCache::kFileBytesMax);
  CHECK(read_cache_file(path)->size() == DnsCache::kFileBytesMax);
  std::filesystem::resize_file(path, DnsCache::kFileBytesMax + 1);
  CHECK(read_cache_file(path).error().code == ErrorCode::kCorrupt);
}
