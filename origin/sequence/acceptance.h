// What an origin takes: the checks of a request by itself, and beside what is known of its feed. Each error names the
// event (from 1), the limit and the value.
#pragma once

#include "origin/sequence/feed_book.h"
#include "origin/sequence/sequencer.h"

namespace xylem {

inline constexpr std::size_t kRequestEventsMax = 10'000;
inline constexpr std::size_t kRequestBytesMax = 4 * kMiB;  // of encoded events
inline constexpr std::string_view kContentTypeDefault = "application/octet-stream";

// kBadEvent, kBadRequest, kEventTooLarge, kRequestTooLarge, kBadName.
Result<void> check_request(const Append& request);
// kNameDiffers, kContentTypeDiffers, kFeedClosed, kFeedDeleted.
Result<void> check_feed(const Append& request, const FeedTail& feed);
std::string opening_content_type(const Append& request);

}  // namespace xylem
