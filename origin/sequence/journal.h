// The journal: what an origin has accepted and not yet sealed into its logs. An event is durable here before it is
// acknowledged, and so before anyone can see it (spec §8 "Origin").
//
//   append (kept in memory) → begin_sync: written, all of a group at once → synced on any thread → acknowledged
//
// Files journal/00000000000000000001.jnl, named by the number of their first entry; entries are dense:
//   | u32 length | u32 CRC-32C of the entry | entry |        entry: journal_entry.h
// Where two files hold the same number, the one that begins later counts (it was written after a failed fsync). A file
// is removed when every entry in it stands in a synced log. The journal knows nothing of feeds: entries are bytes.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "proto/limits.h"
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
  // Reads every entry of every file in order; a torn tail of the last file is cut, damage elsewhere is kCorrupt with
  // file and offset.
  static Result<std::unique_ptr<Journal>> open(
      Storage& storage, const JournalOptions& options,
      const std::function<Result<void>(JournalPosition, ByteView entry)>& replay);
  // One request: whole or not at all, also after a crash. It is written when the next sync begins, as a call for each
  // would cost more than all else. While the disk refuses what waits, more is refused: kDiskFull, kIo. kOverloaded.
  Result<JournalPosition> append(ByteView entry);
  // Durability in two steps, so that the waiting can be done elsewhere: begin_sync() on the writer's thread says what
  // to sync and up to where; run() on any thread waits for the disk; the outcome comes back through end_sync(). At most
  // one is under way. After a failed write or fsync nobody knows which pages reached the disk, and a second one would
  // not tell: what is not durable is written again into a new file, so that progress goes on when the disk does.
  // One sync reaches to the end of a file at most: ask sync_needed() again after it.
  struct Sync {
    JournalPosition up_to = 0;
    std::function<Result<void>()> run;
  };
  bool sync_needed() const { return !syncing_ && durable_ < appended_; }
  Sync begin_sync();
  Result<JournalPosition> end_sync(const Sync& sync, const Result<void>& outcome);  // durable up to
  JournalPosition appended() const { return appended_; }
  JournalPosition durable() const { return durable_; }

  // Entries up to here stand in synced logs.
  bool would_remove(JournalPosition up_to) const;  // a file: save what must outlive it first
  Result<void> release(JournalPosition up_to);
  std::uint64_t backlog_bytes() const;  // of files that hold entries not yet released
  std::uint64_t disk_bytes() const;

 private:
  struct JournalFile {
    JournalPosition first = 0;
    std::shared_ptr<File> file;
    std::uint64_t bytes = 0;
  };
  using Replay = std::function<Result<void>(JournalPosition, ByteView entry)>;

  Journal(Storage& storage, const JournalOptions& options) : storage_(storage), options_(options) {}
  Result<void> recover(const Replay& replay);
  Result<void> recover_file(JournalPosition first, JournalPosition next_file, const Replay& replay);
  Result<void> begin_file(JournalPosition first);
  Result<void> write_unwritten();
  Result<void> write_again();

  Storage& storage_;
  const JournalOptions options_;
  std::deque<JournalFile> files_;  // oldest first; the last one is written to
  bool begin_new_file_ = true;
  bool removed_ = false;        // a file's name, and the folder was not synced since
  bool write_again_ = false;    // a write or fsync failed: `unsynced_` must go into a new file first
  std::deque<Bytes> unsynced_;  // frames of the entries after durable_
  Bytes group_;                 // frames of one write, together
  std::uint64_t unwritten_bytes_ = 0;
  JournalPosition appended_ = 0;
  JournalPosition written_ = 0;  // stands in files, durable or not
  JournalPosition durable_ = 0;
  JournalPosition released_ = 0;
  bool syncing_ = false;
};

}  // namespace xylem
