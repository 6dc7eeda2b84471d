#include "origin/sequence/journal.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "relay/log/memory_storage.h"

namespace xylem {
namespace {

using Entries = std::map<JournalPosition, std::string>;

struct Opened {
  std::unique_ptr<Journal> journal;
  Entries entries;
};

Result<Opened> open_journal(Storage& storage, const JournalOptions& options = {}) {
  Opened opened;
  auto journal = Journal::open(storage, options, [&](JournalPosition position, ByteView entry) -> Result<void> {
    opened.entries[position] = std::string(as_text(entry));
    return {};
  });
  if (!journal) return fail(journal.error());
  opened.journal = std::move(*journal);
  return opened;
}

std::string entry_text(JournalPosition position) {
  return "entry " + std::to_string(position) + std::string(position % 7 * 30, '.');
}

void append(Journal& journal, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const JournalPosition next = journal.appended() + 1;
    auto position = journal.append(as_bytes(entry_text(next)));
    REQUIRE(position);
    REQUIRE(*position == next);
  }
}

// Everything that was appended.
Result<JournalPosition> sync(Journal& journal) {
  for (;;) {
    const Journal::Sync sync = journal.begin_sync();
    auto durable = journal.end_sync(sync, sync.run());
    if (!durable || !journal.sync_needed()) return durable;
  }
}

// Dense from the first, each with the content it was given.
void check_prefix(const Entries& entries, JournalPosition at_least) {
  JournalPosition expected = entries.empty() ? 1 : entries.begin()->first;
  for (const auto& [position, text] : entries) {
    CHECK(position == expected++);
    CHECK(text == entry_text(position));
  }
  CHECK(expected > at_least);
}

}  // namespace

TEST_CASE("entries come back in order after the program ended") {
  MemoryStorage storage;
  {
    auto opened = open_journal(storage, {.file_bytes = 500});
    append(*opened->journal, 40);
    CHECK(sync(*opened->journal).value() == 40);
  }
  auto again = open_journal(storage);
  REQUIRE(again);
  CHECK(again->entries.size() == 40);
  check_prefix(again->entries, 40);
  CHECK(again->journal->durable() == 40);
}

TEST_CASE("a program killed in the middle of a write loses nothing that was durable, and no half entry stays") {
  MemoryStorage storage;
  auto opened = open_journal(storage);
  append(*opened->journal, 3);
  REQUIRE(sync(*opened->journal));
  append(*opened->journal, 4);
  storage.fail_operation(1, ErrorCode::kIo, MemoryStorage::Effect::half);
  storage.stop_operation(2);  // dead before it could cut off the half
  CHECK_FALSE(sync(*opened->journal));
  auto copy = storage.copy();
  auto again = open_journal(*copy);
  REQUIRE(again);
  CHECK(again->entries.size() >= 3);
  CHECK(again->entries.size() < 7);
  append(*again->journal, 1);
  REQUIRE(sync(*again->journal));
  check_prefix(open_journal(*copy)->entries, again->entries.size() + 1);
}

TEST_CASE("all that was appended before a sync is one write") {
  MemoryStorage storage;
  auto opened = open_journal(storage);
  append(*opened->journal, 1);
  REQUIRE(sync(*opened->journal));
  const std::uint64_t before = storage.operations();
  append(*opened->journal, 100);
  CHECK(storage.operations() == before);
  REQUIRE(sync(*opened->journal));
  CHECK(storage.operations() == before + 2);
  check_prefix(open_journal(storage)->entries, 101);
}

TEST_CASE("while the disk is full nothing more is taken, and what waits is written when it is not") {
  MemoryStorage storage;
  auto opened = open_journal(storage);
  append(*opened->journal, 2);
  storage.fail_operation(1, ErrorCode::kDiskFull, MemoryStorage::Effect::half);
  CHECK(sync(*opened->journal).error().code == ErrorCode::kDiskFull);
  storage.fail_operation(1, ErrorCode::kDiskFull, MemoryStorage::Effect::half);
  CHECK(opened->journal->append(as_bytes("refused")).error().code == ErrorCode::kDiskFull);
  append(*opened->journal, 2);
  CHECK(sync(*opened->journal).value() == 4);
  check_prefix(open_journal(storage)->entries, 4);
}

TEST_CASE("what is written again into several files is synced in all of them") {
  MemoryStorage storage;
  auto opened = open_journal(storage, {.file_bytes = 300});
  append(*opened->journal, 2);
  REQUIRE(sync(*opened->journal));
  append(*opened->journal, 20);
  storage.fail_operation(1, ErrorCode::kIo);
  CHECK_FALSE(sync(*opened->journal));
  CHECK(sync(*opened->journal).value() == 22);
  storage.cut_power(7);
  check_prefix(open_journal(storage)->entries, 22);
}

TEST_CASE("after a failed fsync everything undurable is written again, to a new file") {
  for (const auto effect : {MemoryStorage::Effect::none, MemoryStorage::Effect::whole}) {
    MemoryStorage storage;
    auto opened = open_journal(storage);
    append(*opened->journal, 3);
    REQUIRE(sync(*opened->journal));
    append(*opened->journal, 3);
    storage.fail_operation(2, ErrorCode::kIo, effect);  // after the write
    CHECK_FALSE(sync(*opened->journal));
    CHECK(opened->journal->durable() == 3);
    CHECK(opened->journal->sync_needed());
    CHECK(sync(*opened->journal).value() == 6);
    append(*opened->journal, 2);
    CHECK(sync(*opened->journal).value() == 8);
    storage.cut_power(7);
    check_prefix(open_journal(storage)->entries, 8);
  }
}

TEST_CASE("what was durable survives any power cut, at every step") {
  for (std::uint64_t step = 1; step < 60; ++step) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      MemoryStorage storage;
      auto opened = open_journal(storage, {.file_bytes = 400});
      storage.stop_operation(step);
      JournalPosition durable = 0;
      for (int round = 0; round < 12; ++round) {
        const bool written = opened->journal->append(as_bytes(entry_text(opened->journal->appended() + 1))).has_value();
        if (!written || !opened->journal->sync_needed()) break;
        auto synced = sync(*opened->journal);
        if (!synced) break;
        durable = *synced;
        if (durable % 4 == 0 && !opened->journal->release(durable - 2)) break;
      }
      storage.clear_faults();
      storage.cut_power(seed);
      auto again = open_journal(storage, {.file_bytes = 400});
      INFO("step " << step << " seed " << seed << (again ? "" : again.error().message()));
      REQUIRE(again);
      check_prefix(again->entries, durable);
    }
  }
}

TEST_CASE("a power cut between two files' fsyncs leaves a journal that opens") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryStorage storage;
    auto opened = open_journal(storage, {.file_bytes = 400});
    append(*opened->journal, 2);
    REQUIRE(sync(*opened->journal));
    append(*opened->journal, 30);
    const Journal::Sync under_way = opened->journal->begin_sync();
    CHECK(under_way.up_to < 32);
    storage.cut_power(seed);
    auto again = open_journal(storage, {.file_bytes = 400});
    INFO("seed " << seed << (again ? "" : again.error().message()));
    REQUIRE(again);
    check_prefix(again->entries, 2);
  }
}

TEST_CASE("a power cut after several files went leaves no gap between those that came back") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryStorage storage;
    auto opened = open_journal(storage, {.file_bytes = 300});
    append(*opened->journal, 30);
    REQUIRE(sync(*opened->journal));
    REQUIRE(opened->journal->release(25));
    storage.cut_power(seed);
    auto again = open_journal(storage, {.file_bytes = 300});
    INFO("seed " << seed << (again ? "" : again.error().message()));
    REQUIRE(again);
    check_prefix(again->entries, 30);
  }
}

TEST_CASE("files go when everything in them is released, and never before") {
  MemoryStorage storage;
  auto opened = open_journal(storage, {.file_bytes = 300});
  append(*opened->journal, 30);
  REQUIRE(sync(*opened->journal));
  const std::uint64_t before = opened->journal->disk_bytes();
  CHECK_FALSE(opened->journal->would_remove(0));
  REQUIRE(opened->journal->would_remove(15));
  REQUIRE(opened->journal->release(15));
  CHECK(opened->journal->disk_bytes() < before);
  const auto left = open_journal(storage)->entries;
  CHECK(left.begin()->first <= 16);
  CHECK(left.rbegin()->first == 30);
}

TEST_CASE("a backlog beyond its limit is refused as overload") {
  MemoryStorage storage;
  auto opened = open_journal(storage, {.backlog_bytes_max = 200});
  Result<JournalPosition> outcome = 0;
  while (outcome) outcome = opened->journal->append(as_bytes("0123456789012345678901234567890123456789"));
  CHECK(outcome.error().code == ErrorCode::kOverloaded);
  REQUIRE(sync(*opened->journal));
  REQUIRE(opened->journal->release(opened->journal->appended()));
  CHECK(opened->journal->append(as_bytes("again")));
}

TEST_CASE("damage before the newest file is refused with file and offset") {
  MemoryStorage storage;
  {
    auto opened = open_journal(storage, {.file_bytes = 300});
    append(*opened->journal, 20);
    REQUIRE(sync(*opened->journal));
  }
  REQUIRE(storage.flip("journal/00000000000000000001.jnl", 12, 0x40));
  auto again = open_journal(storage);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::kCorrupt);
  CHECK(again.error().detail.find("journal/00000000000000000001.jnl: offset 0") != std::string::npos);
}

}  // namespace xylem
