// The TXT record by which DNS names a zone (spec §6): `v=xylem1 n=12 id=<64 hex>`.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "proto/crypto.h"

namespace xylem {

struct ZoneRecord {
  std::uint16_t bucket_count = 0;  // N
  ZoneId id{};

  friend bool operator==(const ZoneRecord&, const ZoneRecord&) = default;
  std::string to_string() const;
};

// Picks the one text that begins with v=xylem1 out of all TXT records of a name; others are none of ours. kDns: none,
// more than one, too long, n or id missing, malformed or given twice. Unknown keys are ignored.
Result<ZoneRecord> parse_zone_record(std::span<const std::string> texts);

}  // namespace xylem
