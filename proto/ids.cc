#include "proto/ids.h"

#include <fmt/format.h>

#include <charconv>

#include "proto/crypto.h"
#include "proto/limits.h"
#include "proto/text.h"

namespace xylem {
namespace {

constexpr std::string_view kForcedName = "name:";

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

}  // namespace

Bucket bucket_of(FeedId feed, std::uint16_t n) {
  XYLEM_ASSERT(n > 0);
  const std::uint64_t residue = feed.value % n;
  return Bucket(residue == 0 ? n : static_cast<std::uint16_t>(residue));
}

FeedId feed_id_of_name(std::string_view name) {
  const Hash256 hash = sha256(as_bytes(name));
  return FeedId(ByteReader(hash).u64());
}

Result<FeedRef> parse_feed(std::string_view text) {
  if (!text.empty() && all_digits(text)) {
    std::uint64_t id = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), id).ec != std::errc()) {
      return fail(ErrorCode::kBadName, fmt::format("feed id {} is above 18446744073709551615", text.substr(0, 64)));
    }
    return FeedRef{FeedId(id), {}};
  }
  const std::string_view name = text.starts_with(kForcedName) ? text.substr(kForcedName.size()) : text;
  if (name.empty()) return fail(ErrorCode::kBadName, "feed is empty");
  if (name.size() > kFeedNameBytesMax) {
    return fail(ErrorCode::kBadName,
                fmt::format("feed name of {} bytes is longer than {}", name.size(), kFeedNameBytesMax));
  }
  if (!valid_text(name, kFeedNameBytesMax)) {
    return fail(ErrorCode::kBadName, "feed name is not UTF-8 without control characters");
  }
  return FeedRef{feed_id_of_name(name), std::string(name)};
}

std::string to_string(FeedId feed) { return fmt::format("{}", feed.value); }

}  // namespace xylem
