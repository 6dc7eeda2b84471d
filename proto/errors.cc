#include "proto/errors.h"

#include <algorithm>
#include <array>

namespace xylem {
namespace {

// "kBadHeader" → "E_BAD_HEADER", made while compiling, so that a row of the table has its name once.
struct ErrorName {
  std::array<char, 40> text{};
  std::size_t size = 0;

  constexpr explicit ErrorName(std::string_view enumerator) {
    text[size++] = 'E';
    for (char c : enumerator.substr(1)) {
      const bool upper = c >= 'A' && c <= 'Z';
      if (upper) text[size++] = '_';
      text[size++] = upper ? c : static_cast<char>(c - 'a' + 'A');
    }
  }
  constexpr std::string_view view() const { return {text.data(), size}; }
};

#define XYLEM_NAME(name, number, status, retryable, text) ErrorName(#name),
constexpr ErrorName kNames[] = {XYLEM_ERRORS(XYLEM_NAME)};
#undef XYLEM_NAME

#define XYLEM_ROW(name, number, status, retryable, text) \
  ErrorInfo{ErrorCode::name, number, {}, status, retryable, text},
constexpr auto kTable = [] {
  std::array table{XYLEM_ERRORS(XYLEM_ROW)};
  for (std::size_t i = 0; i < table.size(); ++i) table[i].name = kNames[i].view();
  return table;
}();
#undef XYLEM_ROW

static_assert(std::ranges::is_sorted(kTable, {}, &ErrorInfo::number) &&
                  std::ranges::adjacent_find(kTable, {}, &ErrorInfo::number) == kTable.end(),
              "numbers ascend and none stands twice");

}  // namespace

std::span<const ErrorInfo> all_errors() { return kTable; }

const ErrorInfo& error_info(ErrorCode code) { return error_info_of_number(static_cast<std::uint16_t>(code)); }

const ErrorInfo& error_info_of_number(std::uint16_t number) {
  const auto row = std::ranges::lower_bound(kTable, number, {}, &ErrorInfo::number);
  if (row != kTable.end() && row->number == number) return *row;
  return error_info(ErrorCode::kProtocol);
}

}  // namespace xylem
