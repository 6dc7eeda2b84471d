#include "relay/node/zone_pin.h"

#include <fmt/core.h>

#include <algorithm>

namespace xylem {
namespace {

constexpr const char* kPinFile = "zone.pin";

}  // namespace

Result<ZoneId> parse_zone_id(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  ZoneId zone{};
  if (bytes.size() != zone.size())
    return fail(ErrorCode::kUsage, fmt::format("zone id '{}' is not 64 hex digits", hex));
  std::copy(bytes.begin(), bytes.end(), zone.begin());
  return zone;
}

Result<std::optional<ZoneId>> read_zone_pin(Storage& storage) {
  auto content = read_file(storage, kPinFile, 256);
  if (!content) {
    if (content.error().code == ErrorCode::kNotFound) return std::optional<ZoneId>();
    return fail(content.error());
  }
  std::string_view text = as_text(*content);
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto zone = parse_zone_id(text);
  if (!zone) return fail(ErrorCode::kBadFile, fmt::format("{}: {}", kPinFile, zone.error().detail));
  return std::optional<ZoneId>(*zone);
}

Result<void> pin_zone(Storage& storage, const ZoneId& zone) {
  auto pinned = read_zone_pin(storage);
  if (!pinned) return fail(pinned.error());
  if (!*pinned) return replace_file(storage, kPinFile, as_bytes(to_hex(zone) + "\n"));
  if (**pinned == zone) return {};
  return fail(ErrorCode::kPinMismatch,
              fmt::format("pinned is {}, but {} is said now; if the zone has really changed its root "
                          "key, begin with an empty data folder",
                          to_hex(**pinned), to_hex(zone)));
}

}  // namespace xylem
