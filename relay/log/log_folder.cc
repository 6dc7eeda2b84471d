#include "relay/log/log_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace xylem {
namespace {

constexpr std::size_t kSeqDigits = 20;  // of 2^64 - 1
constexpr std::size_t kBucketDigits = 5;
constexpr std::string_view kSealed = ".log";
constexpr std::string_view kOpen = ".open";

template <typename Integer>
std::optional<Integer> parse_digits(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(const SegmentName& name) {
  return fmt::format("{:020}{}", name.first.value, name.sealed ? kSealed : kOpen);
}

std::optional<SegmentName> parse_segment_name(const std::string& name) {
  if (name.size() < kSeqDigits) return std::nullopt;
  const std::string_view suffix = std::string_view(name).substr(kSeqDigits);
  const auto first = parse_digits<std::uint64_t>(std::string_view(name).substr(0, kSeqDigits));
  if (!first || (suffix != kSealed && suffix != kOpen)) return std::nullopt;
  return SegmentName{Seq(*first), suffix == kSealed};
}

std::string cut_name(Seq first, std::uint64_t offset) { return fmt::format("{:020}.{}.cut", first.value, offset); }

std::string bucket_folder(Bucket bucket) { return fmt::format("b{:05}", bucket.value); }

std::optional<Bucket> parse_bucket_folder(const std::string& name) {
  if (name.size() != kBucketDigits + 1 || name[0] != 'b') return std::nullopt;
  const auto value = parse_digits<std::uint16_t>(std::string_view(name).substr(1));
  if (!value) return std::nullopt;
  return Bucket(*value);
}

Result<FolderContents> list_log_folder(Storage& storage, const std::string& folder) {
  auto names = storage.list(folder);
  if (!names) return fail(names.error());
  FolderContents contents;
  for (std::string& name : *names) {
    if (const auto segment = parse_segment_name(name)) {
      contents.segments.push_back(*segment);
    } else if (name.ends_with(".new")) {
      contents.unfinished.push_back(std::move(name));
    } else if (name != kKeptName) {
      contents.others.push_back(std::move(name));
    }
  }
  std::sort(contents.segments.begin(), contents.segments.end(),
            [](const SegmentName& a, const SegmentName& b) { return a.first < b.first; });
  return contents;
}

}  // namespace xylem
