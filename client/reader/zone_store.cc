#include "client/reader/zone_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "client/discovery/cache_file.h"
#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::size_t kPinsBytesMax = kMiB;

// kNotFound, kIo, kTooLarge.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::error_code ignored;
    const bool there = std::filesystem::exists(path, ignored);
    return fail(there ? ErrorCode::kIo : ErrorCode::kNotFound, "open " + path.string());
  }
  Bytes bytes(bytes_max + 1);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return fail(ErrorCode::kIo, "read " + path.string());
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > bytes_max) return fail(ErrorCode::kTooLarge, path.string());
  return bytes;
}

}  // namespace

Result<ZoneId> parse_zone_id(std::string_view text) {
  const Bytes bytes = from_hex(text);
  ZoneId id{};
  if (bytes.size() != id.size()) {
    return fail(ErrorCode::kUsage, fmt::format("'{}' is no zone id: 64 hex digits are", text.substr(0, 80)));
  }
  std::ranges::copy(bytes, id.begin());
  return id;
}

Result<ZoneId> ZoneStore::pinned(std::string_view zone) const {
  if (!keeps()) return fail(ErrorCode::kNotFound);
  const auto bytes = read_file(pins_file(), kPinsBytesMax);
  if (!bytes) return fail(bytes.error());

  std::istringstream lines{std::string(as_text(*bytes))};
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, hex, more;
    words >> name >> hex;
    const auto id = parse_zone_id(hex);
    if (!id || words >> more) {
      return fail(ErrorCode::kCorrupt, fmt::format("{} line {}: not a zone and its id", pins_file().string(), number));
    }
    if (name == zone) return *id;
  }
  return fail(ErrorCode::kNotFound, std::string(zone));
}

Result<void> ZoneStore::pin(std::string_view zone, const ZoneId& id) {
  if (!keeps()) return {};
  auto bytes = read_file(pins_file(), kPinsBytesMax);
  if (!bytes && bytes.error().code != ErrorCode::kNotFound) return fail(bytes.error());
  std::string text(bytes ? as_text(*bytes) : "");
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += fmt::format("{} {}\n", zone, to_hex(id));
  return write_cache_file(pins_file(), as_bytes(text));
}

std::filesystem::path ZoneStore::manifest_file(const ZoneId& id) const { return folder_ / ("manifest-" + to_hex(id)); }

std::optional<Bytes> ZoneStore::manifest(const ZoneId& id) const {
  if (!keeps()) return std::nullopt;
  auto bytes = read_file(manifest_file(id), kManifestBytesMax);
  return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

Result<void> ZoneStore::keep_manifest(const ZoneId& id, ByteView manifest) {
  return keeps() ? write_cache_file(manifest_file(id), manifest) : Result<void>{};
}

}  // namespace xylem
