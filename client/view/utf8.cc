#include "client/view/utf8.h"

#include <cstdint>

namespace xylem {
namespace {

constexpr CodePoint kBadByte{kReplacement, 1, false};

struct Form {
  std::size_t bytes;
  char32_t lead_bits;
  char32_t smallest;  // of this length: below it the form is overlong
};

Form form_of(std::uint8_t lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, lead & 0x1Fu, 0x80};
  if (lead >= 0xE0 && lead <= 0xEF) return {3, lead & 0x0Fu, 0x800};
  if (lead >= 0xF0 && lead <= 0xF4) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const Form form = form_of(static_cast<std::uint8_t>(text[0]));
  if (form.bytes == 0 || form.bytes > text.size()) return kBadByte;
  char32_t value = form.lead_bits;
  for (std::size_t i = 1; i < form.bytes; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return kBadByte;
    value = value << 6 | (byte & 0x3Fu);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < form.smallest || surrogate || value > 0x10FFFF) return kBadByte;
  return {value, form.bytes, true};
}

void append_utf8(std::string& out, char32_t value) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (value >> shift & 0x3F)); };
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xC0 | value >> 6);
    tail(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xE0 | value >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | value >> 18);
    tail(12), tail(6), tail(0);
  }
}

}  // namespace xylem
