#include "origin/sequence/acceptance.h"

#include <fmt/core.h>

#include "proto/notice.h"

namespace xylem {
namespace {

Result<std::size_t> check_event(const NewEvent& event, std::size_t number) {
  if (!valid_event_kind(event.kind)) {
    return fail(ErrorCode::kBadEvent, fmt::format("event {}: kind must be 1 to {} printable characters without spaces",
                                                  number, kEventKindBytesMax));
  }
  const std::size_t bytes = encoded_event_bytes(event.kind.size(), event.details.size());
  if (bytes > kEventBytesMax) {
    return fail(ErrorCode::kEventTooLarge, fmt::format("event {}: {} bytes with kind and time, at most {} are taken",
                                                       number, bytes, kEventBytesMax));
  }
  if (event.time && (*event.time < Timestamp{} || to_ms(*event.time) > kTimestampMax)) {
    return fail(ErrorCode::kBadEvent, fmt::format("event {}: timestamp is out of range", number));
  }
  return bytes;
}

// What the feed's `open` would say: once it stands in the journal it must be possible to sign it.
Result<void> check_opening(const Append& request) {
  OpenNotice open;
  open.name = request.name;
  open.content_type = opening_content_type(request);
  open.view = request.view;
  if (auto ok = check_notice(open); !ok) {
    return fail(ErrorCode::kBadRequest,
                fmt::format("{}: a content type is a text of at most {} bytes, a view a word of "
                            "at most {}",
                            ok.error().detail, kContentTypeBytesMax, kViewBytesMax));
  }
  return {};
}

}  // namespace

Result<void> check_request(const Append& request) {
  if (request.events.empty()) return fail(ErrorCode::kBadEvent, "the request holds no event");
  if (request.events.size() > kRequestEventsMax) {
    return fail(ErrorCode::kRequestTooLarge,
                fmt::format("{} events, at most {} are taken", request.events.size(), kRequestEventsMax));
  }
  if (!request.name.empty()) {
    auto named = parse_feed("name:" + request.name);
    if (!named) return fail(named.error());
    if (named->id != request.feed) {
      return fail(ErrorCode::kBadName,
                  fmt::format("the name gives feed {}, not {}", named->id.value, request.feed.value));
    }
  }
  if (auto ok = check_opening(request); !ok) return ok;
  if (request.producer && (request.producer->id.empty() || request.producer->id.size() > kProducerIdBytesMax)) {
    return fail(ErrorCode::kBadRequest, fmt::format("producer id must have 1 to {} bytes", kProducerIdBytesMax));
  }
  std::size_t sum = 0;
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    auto bytes = check_event(request.events[i], i + 1);
    if (!bytes) return fail(bytes.error());
    sum += *bytes;
  }
  if (sum > kRequestBytesMax) {
    return fail(ErrorCode::kRequestTooLarge,
                fmt::format("{} bytes of events, at most {} are taken", sum, kRequestBytesMax));
  }
  return {};
}

Result<void> check_feed(const Append& request, const FeedTail& feed) {
  if (feed.erased) return fail(ErrorCode::kFeedDeleted);
  if (feed.closed) return fail(ErrorCode::kFeedClosed);
  if (feed.epoch.value == 0) return {};
  if (!request.name.empty() && !feed.name.empty() && request.name != feed.name) {
    return fail(ErrorCode::kNameDiffers,
                fmt::format("feed {} is '{}', not '{}'", request.feed.value, feed.name, request.name));
  }
  if (!request.content_type.empty() && request.content_type != feed.content_type) {
    return fail(ErrorCode::kContentTypeDiffers,
                fmt::format("feed {} holds {}, not {}", request.feed.value, feed.content_type, request.content_type));
  }
  return {};
}

std::string opening_content_type(const Append& request) {
  return request.content_type.empty() ? std::string(kContentTypeDefault) : request.content_type;
}

}  // namespace xylem
