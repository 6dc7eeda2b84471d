#include "client/discovery/zone_record.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::string_view kTag = "v=xylem1";

bool is_ours(std::string_view text) { return text == kTag || (text.starts_with(kTag) && text[kTag.size()] == ' '); }

tl::unexpected<Error> bad(std::string why) { return fail(ErrorCode::kDns, "the zone's TXT record " + std::move(why)); }

std::optional<std::uint16_t> parse_count(std::string_view text) {
  std::uint16_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0 || text.front() == '0')
    return std::nullopt;
  return count;
}

std::optional<ZoneId> parse_id(std::string_view text) {
  ZoneId id{};
  const Bytes bytes = from_hex(text);
  if (bytes.size() != id.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

Result<ZoneRecord> parse(std::string_view text) {
  if (text.size() > kZoneTxtBytesMax) return bad(fmt::format("is longer than {} bytes", kZoneTxtBytesMax));
  std::optional<std::uint16_t> count;
  std::optional<ZoneId> id;
  text.remove_prefix(kTag.size());
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view pair = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (pair.starts_with("n=")) {
      if (count) return bad("says n twice");
      count = parse_count(pair.substr(2));
      if (!count) return bad("has an n that is not a number from 1 to 65535");
    } else if (pair.starts_with("id=")) {
      if (id) return bad("says id twice");
      id = parse_id(pair.substr(3));
      if (!id) return bad("has an id that is not 64 hex digits");
    }
  }
  if (!count) return bad("does not say n, the number of buckets");
  if (!id) return bad("does not say id, the zone id");
  return ZoneRecord{*count, *id};
}

}  // namespace

std::string ZoneRecord::to_string() const { return fmt::format("{} n={} id={}", kTag, bucket_count, to_hex(id)); }

Result<ZoneRecord> parse_zone_record(std::span<const std::string> texts) {
  const std::string* ours = nullptr;
  for (const std::string& text : texts) {
    if (!is_ours(text)) continue;
    if (ours != nullptr) return bad("is there more than once");
    ours = &text;
  }
  if (ours == nullptr) return bad(fmt::format("is missing: no TXT record begins with \"{}\"", kTag));
  return parse(*ours);
}

}  // namespace xylem
