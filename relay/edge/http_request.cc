#include "relay/edge/http_request.h"

#include <algorithm>

namespace xylem {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// RFC 3986 §2.1; a query's `+` is a blank, as forms write it.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Cuts `text` at the first `separator`; the part before it.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return before;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<HttpTarget> parse_target(std::string_view target) {
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return std::nullopt;
  HttpTarget out;
  std::string_view query = target;
  std::string_view path = cut(query, '?').substr(1);
  const bool slash_at_end = path.ends_with('/');
  while (!path.empty()) {
    std::optional<std::string> piece = percent_decoded(cut(path, '/'), false);
    if (!piece) return std::nullopt;
    out.path.push_back(std::move(*piece));
  }
  if (slash_at_end) out.path.emplace_back();
  while (!query.empty()) {
    std::string_view value = cut(query, '&');
    if (value.empty()) continue;
    std::optional<std::string> name = percent_decoded(cut(value, '='), true);
    std::optional<std::string> decoded = percent_decoded(value, true);
    if (!name || !decoded) return std::nullopt;
    out.query.push_back({std::move(*name), std::move(*decoded)});
  }
  return out;
}

const std::string* HttpTarget::parameter(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &HttpField::name);
  return found == query.end() ? nullptr : &found->value;
}

std::size_t HttpTarget::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(query, name, &HttpField::name));
}

const std::string* HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &HttpField::name);
  return found == headers.end() ? nullptr : &found->value;
}

bool HttpRequest::lists(std::string_view name, std::string_view token) const {
  for (const HttpField& field : headers) {
    if (field.name != name) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      std::string_view item = cut(rest, ',');
      if (equal_without_case(trimmed(cut(item, ';')), token)) return true;
    }
  }
  return false;
}

}  // namespace xylem
