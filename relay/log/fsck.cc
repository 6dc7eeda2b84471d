#include "relay/log/fsck.h"

#include <fmt/format.h>

#include "relay/log/fsck_bucket.h"

namespace xylem {
namespace {

Result<Trust> trust_of(Storage& storage, const FsckOptions& options) {
  Bytes bytes = options.manifest;
  if (bytes.empty()) {
    auto own = read_file(storage, kManifestName, kManifestBytesMax);
    if (!own) return fail(own.error());
    bytes = std::move(*own);
  }
  ZoneId zone;
  if (options.zone) {
    zone = *options.zone;
  } else {
    const auto manifest = open_manifest_unpinned(bytes);
    if (!manifest) return fail(manifest.error());
    zone = manifest->zone_id();
  }
  Trust trust(zone);
  if (auto admitted = trust.admit(bytes); !admitted) return fail(admitted.error());
  return trust;
}

Result<std::vector<Bucket>> buckets_in(Storage& storage) {
  const auto names = storage.list("");
  if (!names) return fail(names.error());
  std::vector<Bucket> buckets;
  for (const std::string& name : *names) {
    if (const auto bucket = parse_bucket_folder(name)) buckets.push_back(*bucket);
  }
  if (buckets.empty()) return fail(ErrorCode::kBadFile, "no log of a bucket in this folder (b00001, b00002, …)");
  return buckets;
}

Result<std::uint64_t> bytes_to_read(Storage& storage, const std::vector<Bucket>& buckets) {
  std::uint64_t sum = 0;
  for (const Bucket bucket : buckets) {
    const auto contents = list_log_folder(storage, bucket_folder(bucket));
    if (!contents) return fail(contents.error());
    std::vector<std::string> names{kKeptName};
    for (const SegmentName& name : contents->segments) names.push_back(to_string(name));
    for (const std::string& name : names) {
      const auto file = storage.open(bucket_folder(bucket) + "/" + name);
      if (file) sum += (*file)->size();
    }
  }
  return sum;
}

}  // namespace

std::string FsckFinding::to_string() const {
  return fmt::format("{}: {}:{}: {}; {}", kind == Kind::damage ? "damage" : "note", file, offset, cause, cure);
}

int fsck_exit_code(const Result<FsckReport>& report) {
  if (!report) return 2;
  return report->sound() ? 0 : 1;
}

Result<FsckReport> fsck(Storage& storage, const FsckOptions& options) {
  const auto trust = trust_of(storage, options);
  if (!trust) return fail(trust.error());
  const auto buckets = buckets_in(storage);
  if (!buckets) return fail(buckets.error());
  const auto bytes = bytes_to_read(storage, *buckets);
  if (!bytes) return fail(bytes.error());

  FsckReport report;
  report.zone = trust->zone();
  report.manifest_serial = trust->manifest()->serial;
  FsckNotebook notebook(options, report, *bytes);
  for (const Bucket bucket : *buckets) {
    auto found = FsckBucketCheck(storage, *trust, bucket, notebook).run();
    if (!found) return fail(found.error());
    report.buckets.push_back(*found);
  }
  return report;
}

}  // namespace xylem
