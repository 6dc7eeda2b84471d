#include "proto/bytes.h"

namespace xylem {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// 16 for a character that is no hex digit.
constexpr std::uint8_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return 16;
}

}  // namespace

ByteView ByteReader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    bad_ = true;
    rest_ = {};
    return {};
  }
  ByteView view = rest_.first(count);
  rest_ = rest_.subspan(count);
  return view;
}

std::uint64_t ByteReader::integer(std::size_t width) {
  std::uint64_t value = 0;
  for (std::uint8_t byte : bytes(width)) value = value << 8 | byte;
  return value;
}

void ByteWriter::integer(std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

Bytes from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high > 15 || low > 15) return {};
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

}  // namespace xylem
