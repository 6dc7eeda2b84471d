#include "client/discovery/dns_name.h"

#include <fmt/format.h>

#include <iterator>

namespace xylem {
namespace {

constexpr std::size_t kNameBytesMax = 255;  // RFC 1035 §2.3.4, on the wire
constexpr std::uint8_t kPointer = 0xC0;

void append_byte(std::string& name, std::uint8_t byte) {
  if (byte >= 'A' && byte <= 'Z') byte = static_cast<std::uint8_t>(byte - 'A' + 'a');
  const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
  if (plain) {
    name += static_cast<char>(byte);
  } else {
    fmt::format_to(std::back_inserter(name), "\\{:03}", byte);
  }
}

}  // namespace

std::optional<std::string> read_dns_name(ByteView message, std::size_t& offset) {
  std::string name;
  std::size_t wire_bytes = 1;  // the root's zero
  std::size_t at = offset;
  std::size_t lowest = offset;  // pointers lead before this, so they end
  bool jumped = false;
  while (at < message.size()) {
    const std::uint8_t length = message[at];
    if (length == 0) {
      if (!jumped) offset = at + 1;
      return name;
    }
    if ((length & kPointer) == kPointer) {
      if (at + 1 >= message.size()) return std::nullopt;
      const std::size_t to = (std::size_t{length} & 0x3F) << 8 | message[at + 1];
      if (to >= lowest) return std::nullopt;
      if (!jumped) offset = at + 2;
      jumped = true;
      at = lowest = to;
      continue;
    }
    if ((length & kPointer) != 0) return std::nullopt;  // label types nobody uses
    wire_bytes += std::size_t{length} + 1;
    if (wire_bytes > kNameBytesMax || at + 1 + length > message.size()) return std::nullopt;
    if (!name.empty()) name += '.';
    for (const std::uint8_t byte : message.subspan(at + 1, length)) append_byte(name, byte);
    at += std::size_t{length} + 1;
  }
  return std::nullopt;
}

bool is_at_or_below(std::string_view name, std::string_view zone) {
  if (zone.empty() || name == zone) return true;
  return name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
}

}  // namespace xylem
