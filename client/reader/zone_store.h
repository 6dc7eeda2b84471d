// What a reader keeps of zones between runs, in one folder:
//
//   pins             a line each: zone name, blank, id (64 hex). To be edited by people, like known_hosts
//   manifest-<id>    the newest manifest seen, as signed: an older one is refused from then on
//
// Without a folder it keeps nothing. Files are small and written seldom; the calls block for them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "proto/crypto.h"

namespace xylem {

class ZoneStore {
 public:
  explicit ZoneStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  bool keeps() const { return !folder_.empty(); }
  std::filesystem::path pins_file() const { return folder_ / "pins"; }

  // kNotFound: not pinned. kCorrupt with the line for a file that is not of this form, kIo: never taken for that.
  Result<ZoneId> pinned(std::string_view zone) const;
  Result<void> pin(std::string_view zone, const ZoneId& id);

  std::optional<Bytes> manifest(const ZoneId& id) const;
  Result<void> keep_manifest(const ZoneId& id, ByteView manifest);

 private:
  std::filesystem::path manifest_file(const ZoneId& id) const;

  std::filesystem::path folder_;
};

// 64 hex digits; kUsage otherwise.
Result<ZoneId> parse_zone_id(std::string_view text);

}  // namespace xylem
