// Which zone a relay serves: its id as given, or as DNS told at the first start and kept since (DATA/zone.pin). Another
// id later is refused, whatever DNS says.
#pragma once

#include <optional>

#include "proto/crypto.h"
#include "relay/log/storage.h"

namespace xylem {

Result<ZoneId> parse_zone_id(std::string_view hex);  // kUsage
// The pinned id, if there is one. kBadFile.
Result<std::optional<ZoneId>> read_zone_pin(Storage& storage);
// Keeps it; kPinMismatch when another one is pinned.
Result<void> pin_zone(Storage& storage, const ZoneId& zone);

}  // namespace xylem
