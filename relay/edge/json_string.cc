#include "relay/edge/json_string.h"

#include <fmt/core.h>

#include <algorithm>

#include "proto/text.h"

namespace xylem {

namespace {

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<'; }

std::size_t character_bytes(unsigned char first) { return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto plain = std::ranges::find_if_not(text, [](char c) { return is_plain(static_cast<unsigned char>(c)); });
    const auto count = static_cast<std::size_t>(plain - text.begin());
    out += text.substr(0, count);
    text.remove_prefix(count);
    if (text.empty()) break;

    const auto first = static_cast<unsigned char>(text.front());
    const std::string_view character = text.substr(0, character_bytes(first));
    if (first == '"' || first == '\\') {
      out += '\\';
      out += text.front();
    } else if (first < 0x80) {
      out += fmt::format("\\u{:04x}", first);
    } else if (valid_utf8(character)) {
      out += character;
    } else {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(character.size());
  }
  out += '"';
}

}  // namespace xylem
