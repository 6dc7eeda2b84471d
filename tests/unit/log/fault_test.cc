// Every operation on files fails once, with each error and each effect that it may have had all the same.
#include <catch2/catch.hpp>

#include "tests/unit/log/log_script.h"

using namespace xylem;

namespace {

// As a node does: an error is tried again once; when it stays the log is opened again, as after a restart.
std::unique_ptr<BucketLog> run_through(Storage& storage, const LogScript& script, Seq& durable) {
  std::unique_ptr<BucketLog> log;
  for (int attempt = 0; attempt < 6; ++attempt) {
    if (log == nullptr || attempt % 2 == 0) {
      log.reset();
      RecoveryReport report;
      auto opened = script.open(storage, &report);
      if (!opened) continue;
      REQUIRE(report.dropped_segments == 0);
      log = std::move(*opened);
    }
    if (script.run(*log, durable)) return log;
    check_log(*log, script.maker);
  }
  return nullptr;
}

}  // namespace

TEST_CASE("any one operation that fails disturbs nothing that is held") {
  const LogMaker maker = script_records();
  const bool origin = GENERATE(true, false);
  const auto code = GENERATE(ErrorCode::kIo, ErrorCode::kDiskFull);
  const auto effect = GENERATE(MemoryStorage::Effect::none, MemoryStorage::Effect::half, MemoryStorage::Effect::whole);
  const LogScript script{origin, maker};
  std::uint64_t operations = 0;
  {
    MemoryStorage storage;
    Seq durable;
    REQUIRE(run_through(storage, script, durable));
    operations = storage.operations();
  }
  for (std::uint64_t nth = 1; nth <= operations; ++nth) {
    CAPTURE(origin, static_cast<int>(code), static_cast<int>(effect), nth);
    MemoryStorage storage;
    storage.fail_operation(nth, code, effect);
    Seq durable;
    const auto log = run_through(storage, script, durable);
    REQUIRE(log);
    check_log(*log, maker);
    REQUIRE(LogReader(*log).window().head.value == maker.frames.size());

    // What was told to be durable is, whatever failed on the way.
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      const auto after = storage.copy();
      after->cut_power(seed);
      const auto again = script.open(*after);
      REQUIRE(again);
      check_log(**again, maker);
      REQUIRE(LogReader(**again).window().head >= durable);
    }
  }
}
