// The journal: what an origin has accepted and not yet sealed into its logs. An event is durable here before it is
// acknowledged, and so before anyone can see it (spec §8 "Origin").
//
//   append (buffered by the file) → sync on any thread → mark_durable → acknowledged
//
// Files journal/00000000000000000001.jnl, named by the number of their first entry; entries are dense:
//   | u32 length | u32 CRC-32C of the entry | entry |        entry: docs/spec.md §8
// A file is removed when every entry in it stands in a synced log. It knows nothing of feeds; entries are bytes.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "relay/log/storage.h"

namespace xylem {

// Number of an entry: 1, 2, 3, …; 0 = none.
using JournalPosition = std::uint64_t;

struct JournalOptions {
  std::uint64_t file_bytes = 16 * kMiB;          // a new file is begun when one would pass this
  std::uint64_t backlog_bytes_max = 256 * kMiB;  // entries not yet released; more is refused with kOverloaded
};

class Journal {
 public:
  // Reads every entry of every file in order; a torn tail of the last file is cut, damage elsewhere is kCorrupt with file
  // and offset.
  static Result<std::unique_ptr<Journal>> open(Storage& storage, const JournalOptions& options,
                                               const std::function<Result<void>(JournalPosition, ByteView entry)>& replay);
  ~Journal();

  // One request: whole or not at all, also after a crash. After an error nothing of it stays. kDiskFull, kIo, kOverloaded.
  Result<JournalPosition> append(ByteView entry);
  JournalPosition appended() const;

  // Durability in two steps, so that the waiting can be done elsewhere: begin_sync() on the writer's thread says what to
  // sync and up to where; run() on any thread waits for the disk; the outcome comes back through end_sync(). At most one
  // is under way. After a failed sync the file is abandoned for a new one and what it held unacknowledged is written
  // again (a failed fsync may have dropped pages: fsyncgate), so progress goes on when the disk does.
  struct Sync {
    JournalPosition up_to = 0;
    std::function<Result<void>()> run;
  };
  bool sync_needed() const;
  Sync begin_sync();
  Result<JournalPosition> end_sync(const Sync& sync, const Result<void>& outcome);  // durable up to
  JournalPosition durable() const;

  // Entries up to here stand in synced logs: files below are removed.
  Result<void> release(JournalPosition up_to);
  std::uint64_t backlog_bytes() const;
  std::uint64_t disk_bytes() const;

 private:
  class Impl;
  explicit Journal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
