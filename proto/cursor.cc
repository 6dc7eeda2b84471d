#include "proto/cursor.h"

#include <fmt/format.h>

#include <charconv>

#include "proto/bucket_range.h"

namespace xylem {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::size_t kHashDigits = 8;

struct Place {
  std::uint64_t epoch = 0;
  std::uint64_t position = 0;
  std::optional<std::uint32_t> hash;
};

std::string place_text(const Place& place) {
  std::string text = fmt::format("{:016}_{:016}", place.epoch, place.position);
  if (place.hash) text += fmt::format("_{:08x}", *place.hash);
  return text;
}

// Exactly `width` digits of the base, lower case: one place has one text.
template <typename Number>
std::optional<Number> fixed_number(std::string_view text, std::size_t width, int base) {
  if (text.size() != width) return std::nullopt;
  for (char c : text) {
    if (!(c >= '0' && c <= '9') && !(base == 16 && c >= 'a' && c <= 'f')) return std::nullopt;
  }
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::optional<Place> parse_place(std::string_view text) {
  constexpr std::size_t bare = kDigits + 1 + kDigits;
  if (text.size() < bare || text[kDigits] != '_') return std::nullopt;
  const auto epoch = fixed_number<std::uint64_t>(text.substr(0, kDigits), kDigits, 10);
  const auto position = fixed_number<std::uint64_t>(text.substr(kDigits + 1, kDigits), kDigits, 10);
  if (!epoch || !position || *epoch > kEpochMax || *position > kPositionMax) return std::nullopt;

  Place place{*epoch, *position, std::nullopt};
  if (text.size() == bare) return place;
  // Position 0 has no record that could be hashed.
  if (text[bare] != '_' || place.position == 0) return std::nullopt;
  place.hash = fixed_number<std::uint32_t>(text.substr(bare + 1), kHashDigits, 16);
  if (!place.hash) return std::nullopt;
  return place;
}

tl::unexpected<Error> bad_cursor(std::string_view text, std::string_view form) {
  return fail(ErrorCode::kBadCursor, fmt::format("'{}' is not of the form {}", text.substr(0, 64), form));
}

}  // namespace

std::string FeedCursor::to_string() const { return place_text({epoch.value, version.value, hash}); }

std::string BucketCursor::to_string() const {
  return fmt::format("b{}_{}", bucket.value, place_text({epoch.value, seq.value, hash}));
}

Result<FeedCursor> parse_feed_cursor(std::string_view text) {
  const auto place = parse_place(text);
  if (!place) return bad_cursor(text, "EEEEEEEEEEEEEEEE_VVVVVVVVVVVVVVVV[_hhhhhhhh]");
  return FeedCursor{FeedEpoch(place->epoch), Version(place->position), place->hash};
}

Result<BucketCursor> parse_bucket_cursor(std::string_view text) {
  const std::size_t end = text.find('_');
  if (text.starts_with('b') && end != std::string_view::npos) {
    const auto bucket = parse_bucket(text.substr(1, end - 1));
    const auto place = parse_place(text.substr(end + 1));
    if (bucket && place) return BucketCursor{*bucket, Epoch(place->epoch), Seq(place->position), place->hash};
  }
  return bad_cursor(text, "b5_EEEEEEEEEEEEEEEE_SSSSSSSSSSSSSSSS[_hhhhhhhh]");
}

}  // namespace xylem
