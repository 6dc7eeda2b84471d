// What both storages promise, and what only one of them does.
#include "relay/log/storage.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "proto/limits.h"
#include "relay/log/memory_storage.h"
#include "relay/log/posix_storage.h"
#include "tests/unit/log/log_folder_on_disk.h"

using namespace xylem;

namespace {

Bytes text(std::string_view words) { return Bytes(as_bytes(words).begin(), as_bytes(words).end()); }

void check_storage(Storage& storage) {
  CHECK(storage.list("")->empty());
  CHECK(storage.list("nowhere")->empty());
  CHECK(storage.open("a").error().code == ErrorCode::kNotFound);
  CHECK(storage.remove("a").error().code == ErrorCode::kNotFound);
  CHECK(storage.rename("a", "b").error().code == ErrorCode::kNotFound);
  CHECK(storage.create("deep/a").error().code == ErrorCode::kNotFound);
  REQUIRE(storage.make_folder("deep/er"));
  REQUIRE(storage.make_folder("deep/er"));

  auto file = storage.create("deep/er/a").value();
  CHECK(storage.create("deep/er/a").error().code == ErrorCode::kIo);
  CHECK(file->size() == 0);
  REQUIRE(file->append(as_bytes("one")));
  REQUIRE(file->append(as_bytes("two")));
  REQUIRE(file->sync());
  REQUIRE(storage.sync_folder("deep/er"));
  REQUIRE(storage.sync_folder(""));
  CHECK(file->size() == 6);
  Bytes out(4);
  CHECK(file->read_at(1, out).value() == 4);
  CHECK(out == text("netw"));
  CHECK(file->read_at(4, out).value() == 2);
  CHECK(file->read_at(6, out).value() == 0);
  CHECK(file->read_at(60, out).value() == 0);
  CHECK(read_exactly(*file, 4, out).error().code == ErrorCode::kCorrupt);
  REQUIRE(file->truncate(4));
  REQUIRE(file->append(as_bytes("x")));
  CHECK(read_file(storage, "deep/er/a", 5).value() == text("onetx"));
  CHECK(read_file(storage, "deep/er/a", 4).error().code == ErrorCode::kTooLarge);

  // A file that is open stays the same one under another name, and under none.
  REQUIRE(storage.create("deep/er/b").value()->append(as_bytes("gone")));
  REQUIRE(storage.rename("deep/er/a", "deep/er/b"));
  CHECK(storage.list("deep/er").value() == std::vector<std::string>{"b"});
  CHECK(storage.list("deep").value() == std::vector<std::string>{"er"});
  CHECK(storage.open("deep/er/b").value()->size() == 5);
  REQUIRE(storage.remove("deep/er/b"));
  CHECK(storage.open("deep/er/b").error().code == ErrorCode::kNotFound);
  REQUIRE(file->append(as_bytes("y")));
  CHECK(file->read_at(4, out).value() == 2);

  REQUIRE(replace_file(storage, "deep/note", as_bytes("first")));
  REQUIRE(storage.create("deep/note.new"));
  REQUIRE(replace_file(storage, "deep/note", as_bytes("second")));
  CHECK(read_file(storage, "deep/note", 100).value() == text("second"));
  CHECK(storage.list("deep").value() == std::vector<std::string>{"er", "note"});
}

}  // namespace

TEST_CASE("files in memory do what files do") {
  MemoryStorage storage;
  check_storage(storage);
  CHECK(storage.create("x").value()->descriptor() == -1);
  CHECK(storage.bytes() == 6);
}

TEST_CASE("files of the machine do what files do") {
  const FolderOnDisk folder;
  const auto storage = PosixStorage::open(folder.path() + "/new/root", PosixStorage::Access::write).value();
  // The lock is one of its files.
  CHECK(storage->list("").value() == std::vector<std::string>{"lock"});
  const auto inner = PosixStorage::open(folder.path() + "/new/root/inner", PosixStorage::Access::write).value();
  REQUIRE(inner->remove("lock"));
  check_storage(*inner);
  CHECK(inner->create("x").value()->descriptor() >= 0);
}

TEST_CASE("two programs never write one folder") {
  const FolderOnDisk folder;
  auto first = PosixStorage::open(folder.path(), PosixStorage::Access::write);
  REQUIRE(first);
  const auto second = PosixStorage::open(folder.path(), PosixStorage::Access::write);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kIo);
  CHECK(second.error().detail.find("process " + std::to_string(::getpid())) != std::string::npos);
  const auto onlooker = PosixStorage::open(folder.path(), PosixStorage::Access::read_only);
  REQUIRE(onlooker);
  CHECK((*onlooker)->in_use());
  first->reset();
  CHECK_FALSE((*onlooker)->in_use());
  CHECK(PosixStorage::open(folder.path(), PosixStorage::Access::write));
}

TEST_CASE("storage that is only read changes nothing") {
  const FolderOnDisk folder;
  REQUIRE(replace_file(*PosixStorage::open(folder.path(), PosixStorage::Access::write).value(), "a", as_bytes("one")));
  const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::read_only).value();
  CHECK(read_file(*storage, "a", 10).value() == text("one"));
  CHECK(storage->create("b").error().code == ErrorCode::kIo);
  CHECK(storage->remove("a").error().code == ErrorCode::kIo);
  CHECK(storage->rename("a", "b").error().code == ErrorCode::kIo);
  CHECK(storage->make_folder("c").error().code == ErrorCode::kIo);
  CHECK_FALSE(storage->open("a").value()->append(as_bytes("x")));
  CHECK_FALSE(storage->open("a").value()->truncate(0));
  CHECK_FALSE(PosixStorage::open(folder.path() + "/missing", PosixStorage::Access::read_only));
  CHECK(read_file(*storage, "a", 10).value() == text("one"));
}

TEST_CASE("errors of the machine have their cause and the file's name") {
  const FolderOnDisk folder;
  const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::write).value();
  REQUIRE(storage->make_folder("d"));
  const auto opened = storage->open("d");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::kIo);
  REQUIRE(storage->create("f"));
  const auto below_file = storage->create("f/x");
  REQUIRE_FALSE(below_file);
  CHECK(below_file.error().detail.find("create f/x: ") == 0);
  // A link out of the folder is not followed.
  REQUIRE(::symlink("/etc/hostname", (folder.path() + "/link").c_str()) == 0);
  CHECK(storage->open("link").error().code == ErrorCode::kIo);
  CHECK(storage->list("f").error().code == ErrorCode::kIo);
}

TEST_CASE("an append that fails in the middle leaves a part, which truncate cuts") {
  MemoryStorage storage;
  storage.fail_operation(2, ErrorCode::kDiskFull, MemoryStorage::Effect::half);
  auto file = storage.create("a").value();
  CHECK(file->append(as_bytes("12345678")).error().code == ErrorCode::kDiskFull);
  CHECK(file->size() == 4);
  REQUIRE(file->truncate(0));
  CHECK(file->size() == 0);
}

TEST_CASE("unsynced pages are new, old or zeros after a power cut, synced bytes stay") {
  const Bytes old_page(4096, 'o'), new_page(4096, 'n');
  bool seen_new = false, seen_zero = false, seen_short = false, seen_whole = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    MemoryStorage storage;
    auto file = storage.create("a").value();
    REQUIRE(file->append(Bytes(100, 's')));
    REQUIRE(file->sync());
    REQUIRE(storage.sync_folder(""));
    for (int i = 0; i < 4; ++i) REQUIRE(file->append(new_page));
    storage.cut_power(seed);
    const Bytes left = read_file(storage, "a", kMiB).value();
    REQUIRE(left.size() >= 100);
    REQUIRE(std::all_of(left.begin(), left.begin() + 100, [](std::uint8_t byte) { return byte == 's'; }));
    seen_short |= left.size() == 100;
    seen_whole |= left.size() == 100 + 4 * 4096;
    for (std::size_t i = 100; i < left.size(); ++i) {
      REQUIRE((left[i] == 'n' || left[i] == 0));
      seen_new |= left[i] == 'n';
      seen_zero |= left[i] == 0;
      // Fates are those of whole pages.
      if (i % 4096 != 0 && i != 100) REQUIRE(left[i] == left[i - 1]);
    }
  }
  CHECK((seen_new && seen_zero && seen_short && seen_whole));
}

TEST_CASE("what was cut off a file and not synced may be back after a power cut") {
  bool seen_old = false, seen_new = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    MemoryStorage storage;
    auto file = storage.create("a").value();
    REQUIRE(file->append(as_bytes("abcdef")));
    REQUIRE(file->sync());
    REQUIRE(storage.sync_folder(""));
    REQUIRE(file->truncate(2));
    REQUIRE(file->append(as_bytes("XY")));
    storage.cut_power(seed);
    const Bytes left = read_file(storage, "a", 100).value();
    REQUIRE(left.size() >= 2);
    REQUIRE(Bytes(left.begin(), left.begin() + 2) == text("ab"));
    seen_old |= left == text("abcdef");
    seen_new |= left == text("abXY");
  }
  CHECK((seen_old && seen_new));
}

TEST_CASE("names that no sync_folder followed may be lost in a power cut, one by one") {
  std::set<std::vector<std::string>> outcomes;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    MemoryStorage storage;
    REQUIRE(storage.create("stays"));
    REQUIRE(storage.create("moves"));
    REQUIRE(storage.create("goes"));
    REQUIRE(storage.sync_folder(""));
    REQUIRE(storage.rename("moves", "moved"));
    REQUIRE(storage.remove("goes"));
    REQUIRE(storage.make_folder("f"));
    REQUIRE(storage.create("f/x"));
    storage.cut_power(seed);
    const auto names = storage.list("").value();
    REQUIRE(std::count(names.begin(), names.end(), "stays") == 1);
    REQUIRE(std::count(names.begin(), names.end(), "moves") + std::count(names.begin(), names.end(), "moved") == 1);
    outcomes.insert(names);
  }
  CHECK(outcomes.size() == 8);
}

TEST_CASE("a sync that failed leaves its pages unwritten, though a later one succeeds") {
  MemoryStorage storage;
  auto file = storage.create("a").value();
  REQUIRE(storage.sync_folder(""));
  REQUIRE(file->append(as_bytes("abc")));
  storage.fail_operation(1, ErrorCode::kIo);
  CHECK_FALSE(file->sync());
  CHECK(file->sync());
  CHECK(file->size() == 3);
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto after = storage.copy();
    after->cut_power(seed);
    lost |= read_file(*after, "a", 100).value() != text("abc");
  }
  CHECK(lost);
}

TEST_CASE("the same seed cuts the power in the same way") {
  MemoryStorage storage;
  auto file = storage.create("a").value();
  REQUIRE(file->append(Bytes(50'000, 'x')));
  REQUIRE(storage.sync_folder(""));
  const auto one = storage.copy(), two = storage.copy();
  one->cut_power(77);
  two->cut_power(77);
  CHECK(read_file(*one, "a", kMiB).value() == read_file(*two, "a", kMiB).value());
}
