#include "proto/node_name.h"

#include <fmt/format.h>

#include <utility>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::size_t kLabelBytesMax = 63;  // RFC 1035 §2.3.4
constexpr std::size_t kNameBytesMax = 253;  // 255 on the wire, as text without the last dot

bool label_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

// "4-6.1-6" gives 4-6 and 1-6; each must lie inside the next.
Result<std::vector<BucketRange>> parse_ranges(std::string_view labels) {
  std::vector<BucketRange> ranges;
  while (true) {
    const std::size_t dot = labels.find('.');
    auto range = parse_bucket_range(labels.substr(0, dot));
    if (!range) return fail(range.error());
    if (!ranges.empty() && !range->contains(ranges.back())) {
      return fail(ErrorCode::kBadName,
                  fmt::format("range {} does not lie inside {}", to_string(ranges.back()), to_string(*range)));
    }
    ranges.push_back(*range);
    if (dot == std::string_view::npos) return ranges;
    if (ranges.size() == kNodeNameLevelsMax) {
      return fail(ErrorCode::kBadName, fmt::format("more than {} levels", kNodeNameLevelsMax));
    }
    labels.remove_prefix(dot + 1);
  }
}

}  // namespace

std::optional<NodeName> NodeName::parent() const {
  if (ranges.size() < 2) return std::nullopt;
  return NodeName{{ranges.begin() + 1, ranges.end()}, zone};
}

std::string NodeName::to_string() const {
  std::string text;
  for (BucketRange range : ranges) text += xylem::to_string(range) + '.';
  return text + zone;
}

Result<NodeName> parse_node_name(std::string_view text, std::string_view zone) {
  auto name = normalize_dns_name(text);
  if (!name) return fail(name.error());
  auto base = normalize_dns_name(zone);
  if (!base) return fail(base.error());

  const std::string suffix = '.' + *base;
  if (!name->ends_with(suffix)) {
    return fail(ErrorCode::kBadName, fmt::format("'{}' is not below the zone '{}'", *name, *base));
  }
  auto ranges = parse_ranges(std::string_view(*name).substr(0, name->size() - suffix.size()));
  if (!ranges) return fail(ranges.error());
  return NodeName{std::move(*ranges), std::move(*base)};
}

Result<std::string> normalize_dns_name(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kBadName, fmt::format("'{}' is no DNS name: {}", text.substr(0, 64), why));
  };
  std::string_view bare = text;
  if (bare.ends_with('.')) bare.remove_suffix(1);
  if (bare.size() > kNameBytesMax) return refuse("longer than 253 bytes");

  std::string name(bare);
  std::size_t label_bytes = 0;
  for (char& c : name) {
    if (c == '.') {
      if (label_bytes == 0) return refuse("a label is empty");
      label_bytes = 0;
      continue;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!label_character(c)) return refuse("letters, digits, '-' and '_' only");
    if (++label_bytes > kLabelBytesMax) return refuse("a label is longer than 63 bytes");
  }
  if (label_bytes == 0) return refuse("a label is empty");
  return name;
}

}  // namespace xylem
