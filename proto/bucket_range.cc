#include "proto/bucket_range.h"

#include <fmt/format.h>

#include <charconv>

namespace xylem {

Result<Bucket> parse_bucket(std::string_view digits) {
  std::uint16_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || digits.front() == '0') {
    return fail(ErrorCode::kBadName, fmt::format("'{}' is no bucket from 1 to 65535", digits.substr(0, 64)));
  }
  return Bucket(value);
}

Result<BucketRange> parse_bucket_range(std::string_view label) {
  const std::size_t dash = label.find('-');
  const bool single = dash == std::string_view::npos;
  const auto first = parse_bucket(label.substr(0, dash));
  const auto last = single ? first : parse_bucket(label.substr(dash + 1));
  if (!first || !last || (!single && *first >= *last)) {
    return fail(ErrorCode::kBadName, fmt::format("'{}' is no bucket range such as 5 or 4-6", label.substr(0, 64)));
  }
  return BucketRange{*first, *last};
}

std::string to_string(BucketRange range) {
  if (range.first == range.last) return fmt::format("{}", range.first.value);
  return fmt::format("{}-{}", range.first.value, range.last.value);
}

}  // namespace xylem
