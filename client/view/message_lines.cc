#include "client/view/message_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "client/view/line_wrap.h"
#include "client/view/utf8.h"

namespace xylem {
namespace {

using Style = MessageLine::Style;

constexpr int kColumnsMin = 8;
constexpr int kCodeIndent = 2;  // so that code is told apart without colour, too
constexpr int kQuoteLevelsMax = 3;
constexpr int kQuoteColumnsMin = 4;
constexpr std::size_t kReferenceBytesMax = 10;  // "&#x10FFFF;"
constexpr std::string_view kBlanks = " \t";

// Up to and without its line end: LF, CR LF or CR.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(rest.size(), 1));
  return line;
}

bool blank(std::string_view line) { return line.find_first_not_of(kBlanks) == std::string_view::npos; }

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

// `inner` is what stands between & and ;
std::optional<char32_t> referenced_character(std::string_view inner) {
  static constexpr std::array<std::pair<std::string_view, char32_t>, 6> kNames = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}}};
  const auto named = std::ranges::find(kNames, inner, [](const auto& row) { return row.first; });
  if (named != kNames.end()) return named->second;
  if (!inner.starts_with('#')) return std::nullopt;
  inner.remove_prefix(1);
  const bool hex = inner.starts_with('x') || inner.starts_with('X');
  if (hex) inner.remove_prefix(1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(inner.data(), inner.data() + inner.size(), value, hex ? 16 : 10);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (error != std::errc() || end != inner.data() + inner.size() || value > 0x10FFFF || surrogate) return std::nullopt;
  return value;
}

std::string with_references_decoded(std::string_view line) {
  std::string out;
  for (std::size_t amp; (amp = line.find('&')) != std::string_view::npos;) {
    out += line.substr(0, amp);
    line.remove_prefix(amp);
    const std::size_t end = line.substr(0, kReferenceBytesMax).find(';');
    const auto character = end == std::string_view::npos ? std::nullopt : referenced_character(line.substr(1, end - 1));
    if (character) {
      append_utf8(out, *character);
    } else {
      out += '&';
    }
    line.remove_prefix(character ? end + 1 : 1);
  }
  out += line;
  return out;
}

// Three or more backticks and perhaps a language: no backtick after them, so that ```this``` stays text.
bool is_fence(std::string_view line) {
  return line.starts_with("```") && line.find('`', line.find_first_not_of('`')) == std::string_view::npos;
}

// Takes `> > ` off the front; deeper quotes keep their signs.
int take_quote_signs(std::string_view& line, int levels_max) {
  int levels = 0;
  while (levels < levels_max) {
    const std::string_view inner = trimmed(line);
    if (!inner.starts_with('>')) break;
    line = inner.substr(1);
    ++levels;
  }
  return levels;
}

// Takes a list item's sign off the front: "* ", "- ", "+ ", "12. ", "12) ".
std::string_view take_item_sign(std::string_view& line) {
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const std::string_view signs = digits == 0 ? "*-+" : ".)";
  const bool item = digits <= 3 && digits + 2 < line.size() && signs.find(line[digits]) != std::string_view::npos &&
                    line[digits + 1] == ' ';
  if (!item) return {};
  const std::string_view sign = line.substr(0, digits + 2);
  line.remove_prefix(sign.size());
  return sign;
}

class MessageLayout {
 public:
  MessageLayout(int columns, bool unicode) : columns_(std::max(columns, kColumnsMin)), unicode_(unicode) {}

  std::vector<MessageLine> lay_out(std::string_view message) {
    while (!message.empty()) add(take_line(message));
    return std::move(lines_);
  }

 private:
  void add(std::string_view line) {
    if (is_fence(trimmed(line))) {
      fenced_ = !fenced_;
    } else if (blank(line)) {
      blank_before_ = !lines_.empty();
    } else if (fenced_) {
      add_code(line);
    } else if (const std::size_t indent = code_indent(line); indent > 0) {
      add_code(line.substr(indent));
    } else {
      add_text(line);
    }
  }

  // A code block begins after a blank line or at the start; its lines begin with four blanks or a tab.
  std::size_t code_indent(std::string_view line) const {
    const bool may_begin = lines_.empty() || blank_before_ || lines_.back().style == Style::kCode;
    if (!may_begin) return 0;
    if (line.starts_with('\t')) return 1;
    return line.starts_with("    ") ? 4 : 0;
  }

  void add_code(std::string_view line) {
    put(Style::kCode, LineWrap(columns_, kCodeIndent, std::string(kCodeIndent, ' '), unicode_).chop(line));
  }

  void add_text(std::string_view line) {
    const int levels = take_quote_signs(line, std::min(kQuoteLevelsMax, (columns_ - kQuoteColumnsMin) / 2));
    if (levels == 0) return add_prose(line);
    if (blank(line)) {
      blank_before_ = !lines_.empty();
      return;
    }
    std::string signs;
    for (int i = 0; i < levels; ++i) signs += unicode_ ? "▌ " : "> ";
    LineWrap wrap(columns_ - 2 * levels, 0, "", unicode_);
    std::vector<std::string> quoted = wrap.wrap(with_references_decoded(trimmed(line)));
    for (std::string& text : quoted) text.insert(0, signs);
    put(Style::kQuote, std::move(quoted));
  }

  void add_prose(std::string_view line) {
    line = trimmed(line);
    std::string sign(take_item_sign(line));
    if (sign == "* " && unicode_) sign = "• ";
    const int indent = columns_of(sign);
    put(Style::kProse, LineWrap(columns_, indent, std::move(sign), unicode_).wrap(with_references_decoded(line)));
  }

  void put(Style style, std::vector<std::string> texts) {
    if (std::exchange(blank_before_, false)) lines_.push_back({Style::kProse, ""});
    for (std::string& text : texts) lines_.push_back({style, std::move(text)});
  }

  int columns_;
  bool unicode_;
  bool fenced_ = false;
  bool blank_before_ = false;
  std::vector<MessageLine> lines_;
};

}  // namespace

std::vector<MessageLine> message_lines(std::string_view message, int columns, bool unicode) {
  return MessageLayout(columns, unicode).lay_out(message);
}

std::vector<std::string> wrapped_lines(std::string_view text, int columns, bool unicode) {
  return LineWrap(std::max(columns, kColumnsMin), 0, "", unicode).wrap(text);
}

}  // namespace xylem
