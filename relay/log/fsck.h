// Checks a folder of bucket logs, a relay's or an origin's, down to the last signature: frames, headers, both links,
// grants and signatures, payloads, time and version order, redactions that elided records name, footers, kept notices.
// It changes nothing, and says of each thing that it finds where it lies, why it is wrong and what helps.
//
// Files are read twice, for a redaction stands behind what it covers; some 0.1 ms a record, nearly all of it for
// signatures.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/verify.h"
#include "relay/log/log_folder.h"
#include "relay/log/storage.h"

namespace xylem {

struct FsckOptions {
  Bytes manifest;                   // empty: the folder's own
  std::optional<ZoneId> zone;       // must be the manifest's; nothing: whichever zone it is of
  bool live = false;                // a program writes there meanwhile: files that end within a record are no damage
  std::size_t findings_max = 1000;  // more are only counted
  std::function<void(std::uint64_t done_bytes, std::uint64_t all_bytes)> progress;  // now and then
};

struct FsckFinding {
  enum class Kind {
    note,  // no damage: left by a crash and mended at the next start, or not to be checked here
    damage,
  };
  Kind kind = Kind::damage;
  std::string file;
  std::uint64_t offset = 0;
  std::string cause;
  std::string cure;

  std::string to_string() const;  // "damage: b00005/00000000000000000001.log:1234: cause; cure"
};

struct FsckBucket {
  Bucket bucket;
  Seq floor{1};  // of what could be read
  Seq head;
  Epoch epoch;  // of the newest record
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t feeds = 0;
  std::uint64_t kept = 0;   // records below the floor
  std::uint64_t bytes = 0;  // of its files
};

struct FsckReport {
  ZoneId zone{};
  std::uint64_t manifest_serial = 0;
  std::vector<FsckBucket> buckets;
  std::vector<FsckFinding> findings;
  std::uint64_t notes = 0;  // all of them, also beyond findings_max
  std::uint64_t damages = 0;

  bool sound() const { return damages == 0; }
};

// What the command gives back: 0 sound, 1 damaged, 2 it could not be checked (no result).
int fsck_exit_code(const Result<FsckReport>& report);

// kNotFound: no manifest; kBadFile: no bucket's folder; kWrongZone and what open_manifest says; kIo.
Result<FsckReport> fsck(Storage& storage, const FsckOptions& options);

}  // namespace xylem
