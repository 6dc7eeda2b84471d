// xylem-relay fsck: checks the logs of a node's data folder, a relay's or an origin's, and changes nothing there.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "relay/log/fsck.h"
#include "relay/log/posix_storage.h"
#include "relay/node/commands.h"
#include "relay/node/zone_pin.h"

namespace xylem {
namespace {

constexpr const char* kProgram = "xylem-relay fsck";

struct FsckSettings {
  std::string folder;
  std::string zone_id;
  std::uint64_t findings_max = 1000;
};

Result<FsckReport> check(const FsckSettings& settings) {
  auto storage = PosixStorage::open(settings.folder, PosixStorage::Access::read_only);
  if (!storage) return fail(storage.error());
  FsckOptions options;
  options.findings_max = static_cast<std::size_t>(settings.findings_max);
  options.live = (*storage)->in_use();
  auto zone = settings.zone_id.empty()
                  ? read_zone_pin(**storage)
                  : parse_zone_id(settings.zone_id).map([](const ZoneId& id) { return std::optional<ZoneId>(id); });
  if (!zone) return fail(zone.error());
  options.zone = *zone;
  if (options.live) fmt::print("a program is writing there: what it is just writing is passed over\n");
  if (::isatty(STDERR_FILENO) != 0) {
    options.progress = [](std::uint64_t done, std::uint64_t all) {
      fmt::print(stderr, "\r{:3} %{}", all == 0 ? 100 : done * 100 / all, done == all ? "\r     \r" : "");
      std::fflush(stderr);
    };
  }
  return fsck(**storage, options);
}

void print_bucket(const FsckBucket& bucket) {
  if (bucket.records == 0) {
    fmt::print("bucket {}: no records", bucket.bucket.value);
  } else {
    fmt::print("bucket {}: seq {} to {}, {} records, {} events, {} feeds", bucket.bucket.value, bucket.floor.value,
               bucket.head.value, bucket.records, bucket.events, bucket.feeds);
  }
  if (bucket.kept > 0) fmt::print(", {} kept below", bucket.kept);
  fmt::print(", {} bytes\n", bucket.bytes);
}

void print_report(const FsckReport& report) {
  fmt::print("zone {}, manifest {}\n", to_hex(report.zone), report.manifest_serial);
  for (const FsckBucket& bucket : report.buckets) print_bucket(bucket);
  for (const FsckFinding& finding : report.findings) fmt::print("{}\n", finding.to_string());
  const std::uint64_t untold = report.damages + report.notes - report.findings.size();
  if (untold > 0) fmt::print("… and {} more\n", untold);
  if (report.sound()) {
    fmt::print("sound\n");
  } else {
    fmt::print("damaged in {} place{}\n", report.damages, report.damages == 1 ? "" : "s");
  }
}

}  // namespace

int run_fsck_command(int argc, const char* const* argv) {
  FsckSettings settings;
  OptionTable table(kProgram,
                    "Checks a node's logs: every record, signature, link, footer and index. Changes nothing, and works "
                    "while the node runs.");
  table.argument("FOLDER", &settings.folder, "data folder of a relay or an origin");
  table.text("zone-id", &settings.zone_id, "HEX",
             "the zone's id; else the one that the relay has pinned, else the manifest's");
  table.number("findings", &settings.findings_max, "N", "tell so many findings, and count the others", 1, 1'000'000);
  table.epilogue(
      "The manifest is FOLDER/manifest.xylem. A line a bucket, then a line a finding:\n"
      "  damage: FILE:OFFSET: cause; cure\n"
      "  note: FILE:OFFSET: cause; cure     (left by a crash and mended at the next start)\n"
      "Exit codes: 0 sound, 1 damaged, 2 it could not be checked.");
  auto outcome = table.parse(argc, argv);
  if (!outcome) {
    print_error(kProgram, outcome.error());
    return kExitUsage;
  }
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  const Result<FsckReport> report = check(settings);
  if (report) {
    print_report(*report);
  } else {
    print_error(kProgram, report.error());
  }
  return fsck_exit_code(report);
}

}  // namespace xylem
