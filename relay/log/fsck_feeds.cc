#include "relay/log/fsck_feeds.h"

#include <fmt/format.h>

namespace xylem {

std::optional<std::string> FeedOrder::check_epoch(const RecordHeader& header, const Feed& feed) const {
  const bool opens = header.type == RecordType::open;
  if (feed.epoch == FeedEpoch()) {
    if (!from_the_start_ || opens) return std::nullopt;
    return fmt::format("feed {} has a record before it is opened", header.feed.value);
  }
  if (header.feed_epoch == feed.epoch || (opens && header.feed_epoch > feed.epoch)) return std::nullopt;
  return fmt::format("feed {} goes from feed epoch {} to {}{}", header.feed.value, feed.epoch.value,
                     header.feed_epoch.value, opens ? "" : " without being opened");
}

std::optional<std::string> FeedOrder::check_links(const RecordHeader& header, const Feed& feed) const {
  if (!feed.known) return std::nullopt;
  const bool begins_anew =
      header.type == RecordType::open && header.feed_epoch > feed.epoch && header.prev_batch == Hash256{};
  if (begins_anew) return std::nullopt;
  if (header.prev_batch != feed.link) {
    return fmt::format("feed {}: prev_batch is {}, the batch before is {}", header.feed.value,
                       to_hex(header.prev_batch), to_hex(feed.link));
  }
  if (header.is_batch() && header.first_version != feed.version.next()) {
    return fmt::format("feed {} goes on with version {} after {}", header.feed.value, header.first_version.value,
                       feed.version.value);
  }
  return std::nullopt;
}

std::optional<std::string> FeedOrder::check(const DecodedHeader& decoded) {
  const RecordHeader& header = decoded.header;
  const auto [place, fresh] = feeds_.try_emplace(header.feed);
  Feed& feed = place->second;
  if (fresh && from_the_start_) feed.known = true;
  auto wrong = check_epoch(header, feed);
  if (!wrong) wrong = check_links(header, feed);

  if (header.prev_batch == Hash256{}) feed = {feed.epoch, {}, {}, true};
  feed.epoch = header.feed_epoch;
  if (header.is_batch()) {
    feed.version = header.last_version();
    feed.link = link_of(decoded);
    feed.known = true;
  } else if (header.prev_batch != feed.link) {
    feed.known = false;
  }
  return wrong;
}

void FeedOrder::forget() {
  from_the_start_ = false;
  for (auto& [id, feed] : feeds_) feed = {};
}

}  // namespace xylem
