#include "relay/keys/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace xylem {
namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "xylem-keys-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("a key comes back from its file, which only its owner may read") {
  const Folder folder;
  const SigningKey key = SigningKey::generate();
  REQUIRE(write_key_file(folder.file("a.key"), KeyUse::origin, key));
  CHECK(read_key_file(folder.file("a.key"), KeyUse::origin)->public_key() == key.public_key());
  struct stat info{};
  REQUIRE(::stat(folder.file("a.key").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a key is never overwritten") {
  const Folder folder;
  REQUIRE(write_key_file(folder.file("a.key"), KeyUse::root, SigningKey::generate()));
  CHECK_FALSE(write_key_file(folder.file("a.key"), KeyUse::root, SigningKey::generate()));
}

TEST_CASE("a key for another use, open to others or damaged is refused with its cause") {
  const Folder folder;
  REQUIRE(write_key_file(folder.file("a.key"), KeyUse::root, SigningKey::generate()));
  CHECK(read_key_file(folder.file("a.key"), KeyUse::origin).error().detail.find("for 'root', not for 'origin'") !=
        std::string::npos);
  ::chmod(folder.file("a.key").c_str(), 0644);
  CHECK(read_key_file(folder.file("a.key"), KeyUse::root).error().code == ErrorCode::kNotAllowed);
  std::ofstream(folder.file("b.key")) << "xylem secret key 1\nuse: root\npublic: 00\nseed: 0011\n";
  ::chmod(folder.file("b.key").c_str(), 0600);
  CHECK(read_key_file(folder.file("b.key"), KeyUse::root).error().code == ErrorCode::kBadFile);
  CHECK(read_key_file(folder.file("none"), KeyUse::root).error().code == ErrorCode::kNotFound);
}

TEST_CASE("an identity is made once and then stays") {
  const Folder folder;
  const auto first = read_or_make_key(folder.file("identity.key"), KeyUse::relay);
  REQUIRE(first);
  CHECK(read_or_make_key(folder.file("identity.key"), KeyUse::relay)->public_key() == first->public_key());
}

}  // namespace xylem
