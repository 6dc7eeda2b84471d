// The machine stops at any operation; the disk holds any mixture of old, new and zeroed pages and names.
#include <catch2/catch.hpp>

#include "tests/unit/log/log_script.h"

using namespace xylem;

namespace {

constexpr std::uint64_t kSeeds = 5;

// The same life up to the nth operation, where it ends.
std::unique_ptr<MemoryStorage> stopped_at(const LogScript& script, std::uint64_t nth, Seq& durable) {
  auto storage = std::make_unique<MemoryStorage>();
  storage->stop_operation(nth);
  const auto log = script.open(*storage);
  if (log) static_cast<void>(script.run(**log, durable));
  return storage;
}

std::uint64_t operations_of(const LogScript& script) {
  MemoryStorage storage;
  const auto log = script.open(storage);
  Seq durable;
  REQUIRE(log);
  REQUIRE(script.run(**log, durable));
  return storage.operations();
}

// Opens, looks, goes on to the end, and looks again.
void check_and_finish(MemoryStorage& storage, const LogScript& script, Seq durable) {
  const auto log = script.open(storage);
  REQUIRE(log);
  check_log(**log, script.maker);
  LogReader reader(**log);
  const LogWindow window = reader.window();
  REQUIRE(window.head >= durable);
  if (script.origin) REQUIRE(window.floor == Seq(1));
  REQUIRE(script.run(**log, durable));
  check_log(**log, script.maker);
  REQUIRE(reader.window().head.value == script.maker.frames.size());
}

}  // namespace

TEST_CASE("a power cut at any operation leaves a prefix without holes, with all that was synced") {
  const LogMaker maker = script_records();
  const bool origin = GENERATE(true, false);
  const LogScript script{origin, maker};
  const std::uint64_t operations = operations_of(script);
  CAPTURE(origin);
  for (std::uint64_t nth = 1; nth <= operations + 1; ++nth) {
    Seq durable;
    const auto stopped = stopped_at(script, nth, durable);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      CAPTURE(nth, seed);
      const auto after = stopped->copy();
      after->cut_power(nth * kSeeds + seed);
      check_and_finish(*after, script, durable);
    }
  }
}

TEST_CASE("a kill at any operation loses nothing that was published") {
  const LogMaker maker = script_records();
  const bool origin = GENERATE(true, false);
  const LogScript script{origin, maker};
  const std::uint64_t operations = operations_of(script);
  for (std::uint64_t nth = 1; nth <= operations + 1; ++nth) {
    CAPTURE(origin, nth);
    MemoryStorage storage;
    Seq durable, published;
    storage.stop_operation(nth);
    {
      const auto log = script.open(storage);
      if (log) static_cast<void>(script.run(**log, durable));
      if (log) published = LogReader(**log).window().head;
    }
    storage.clear_faults();
    {
      const auto log = script.open(storage);
      REQUIRE(log);
      REQUIRE(LogReader(**log).window().head >= published);
    }
    check_and_finish(storage, script, durable);
  }
}

TEST_CASE("a second power cut while the first one's damage is repaired") {
  const LogMaker maker = script_records(40);
  const bool origin = GENERATE(true, false);
  const LogScript script{origin, maker};
  const std::uint64_t operations = operations_of(script);
  for (std::uint64_t nth = 5; nth <= operations; nth += 11) {
    Seq durable;
    const auto stopped = stopped_at(script, nth, durable);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      stopped->copy();
      const auto first = stopped->copy();
      first->cut_power(seed);
      const auto whole = first->copy();
      REQUIRE(script.open(*whole));
      for (std::uint64_t again = 1; again <= whole->operations(); ++again) {
        CAPTURE(origin, nth, seed, again);
        const auto second = first->copy();
        second->stop_operation(again);
        REQUIRE_FALSE(script.open(*second));
        second->cut_power(again);
        check_and_finish(*second, script, durable);
      }
    }
  }
}
