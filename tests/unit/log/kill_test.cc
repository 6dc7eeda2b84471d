// A real program on a real disk, killed without warning at any moment, again and again.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "relay/log/posix_storage.h"
#include "tests/unit/log/log_folder_on_disk.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

BucketLogOptions options_for(bool origin) {
  BucketLogOptions options;
  options.segment_bytes = 20 * kKiB;
  options.keep_everything = origin;
  return options;
}

// The child: goes on where the log ends, syncs as an origin does, and reports each seq that is durable. No assertion
// here: an exit code says that something went wrong.
[[noreturn]] void write_until_killed(const std::string& folder, const LogMaker& maker, bool origin, int report) {
  const auto storage = PosixStorage::open(folder, PosixStorage::Access::write);
  if (!storage) ::_exit(2);
  const auto log = BucketLog::open(**storage, "b00005", kLogBucket, options_for(origin));
  if (!log) ::_exit(3);
  for (std::size_t next = (*log)->tail().seq.value; next < maker.frames.size();) {
    const std::size_t group = std::min<std::size_t>(1 + next % 7, maker.frames.size() - next);
    if (!(*log)->append(maker.views(next, group))) ::_exit(4);
    if (origin && !(*log)->sync()) ::_exit(5);
    (*log)->publish();
    next += group;
    if (::write(report, &next, sizeof next) != sizeof next) ::_exit(6);
    if (!(*log)->retain(200 * kKiB)) ::_exit(7);
  }
  ::_exit(0);
}

struct Killed {
  std::size_t reported = 0;
  bool finished = false;
};

// Kills the child when it has reported so many times.
Killed run_and_kill(const std::string& folder, const LogMaker& maker, bool origin, std::size_t reports) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(folder, maker, origin, ends[1]);
  }
  ::close(ends[1]);
  Killed killed;
  std::size_t seq = 0;
  for (std::size_t i = 0; ::read(ends[0], &seq, sizeof seq) == sizeof seq; ++i) {
    killed.reported = seq;
    if (i == reports) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  killed.finished = WIFEXITED(status);
  if (killed.finished) REQUIRE(WEXITSTATUS(status) == 0);
  return killed;
}

}  // namespace

TEST_CASE("kill -9 at any moment loses nothing that was reported, and the next start goes on") {
  const bool origin = GENERATE(true, false);
  const FolderOnDisk folder;
  LogMaker maker;
  for (std::size_t i = 0; i < 2500; ++i) {
    if (i % 9 == 0) {
      maker.notice(log_feed(i % 20), RecordType::snapshot);
    } else {
      maker.batch(log_feed(i % 20), 1 + i % 3, i % 500);
    }
  }
  std::mt19937 random(5);
  unsigned kills = 0;
  for (bool finished = false; !finished;) {
    const Killed killed = run_and_kill(folder.path(), maker, origin, random() % 60);
    finished = killed.finished;
    kills += !finished;
    // The lock died with its holder.
    const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::write).value();
    RecoveryReport report;
    const auto log = BucketLog::open(*storage, "b00005", kLogBucket, options_for(origin), &report);
    REQUIRE(log);
    REQUIRE(report.dropped_segments == 0);
    LogReader reader(**log);
    const LogWindow window = reader.window();
    REQUIRE(window.head.value >= killed.reported);
    if (origin) REQUIRE(window.floor == Seq(1));
    REQUIRE(all_bytes(reader) ==
            joined(maker.frames, window.floor.value - 1, window.head.value + 1 - window.floor.value));
  }
  CHECK(kills > 10);
}
