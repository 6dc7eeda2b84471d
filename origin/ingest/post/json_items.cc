#include "origin/ingest/post/json_items.h"

#include <cstddef>

namespace xylem {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The position behind the string that begins at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> json_items(std::string_view array) {
  std::vector<std::string_view> items;
  std::size_t depth = 0;
  std::size_t begin = 0;
  const auto finish = [&](std::size_t end) {
    const std::string_view item = trimmed(array.substr(begin, end - begin));
    if (!item.empty()) items.push_back(item);
    begin = end + 1;
  };
  for (std::size_t at = 0; at < array.size(); ++at) {
    switch (array[at]) {
      case '"':
        at = behind_string(array, at) - 1;
        break;
      case '[':
      case '{':
        if (++depth == 1) begin = at + 1;
        break;
      case ']':
      case '}':
        if (--depth == 0) {
          finish(at);
          return items;
        }
        break;
      case ',':
        if (depth == 1) finish(at);
        break;
      default:
        break;
    }
  }
  return items;
}

}  // namespace xylem
