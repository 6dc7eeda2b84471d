// From a POST's body to events (docs/spec.md §8 "Ingest"):
//
//   application/x-ndjson   one JSON object a line, blank lines passed over; opens and appends to application/json
//   feeds.
//                          Members event_kind and timestamp are the event's kind and time; feed_id, when there, must be
//                          the feed that is posted to. The whole line's bytes are the details.
//   application/json       each item of an array, or the one value; details are its bytes
//   anything else          the whole body, cut into consecutive events of at most 48 KiB
//
// A timestamp that is no point in time ("17:01") stays in the details, and the time of acceptance counts. A request is
// taken whole or refused whole; the error names the line or item and what would be right.
#pragma once

#include <string>
#include <vector>

#include "origin/sequence/sequencer.h"

namespace xylem {

struct PostedBody {
  FeedId feed;
  std::string content_type;  // as sent; parameters (charset) are ignored
  std::string kind;          // header Xylem-Kind; empty: "data" where the event names none
  ByteView bytes;
};

struct PostedEvents {
  std::string content_type;  // of the feed
  std::vector<NewEvent> events;
};

// kBadEvent, kEventTooLarge, kRequestTooLarge.
Result<PostedEvents> read_posted_events(const PostedBody& body);

// "Application/JSON; charset=utf-8" → "application/json".
std::string media_type(std::string_view content_type);

}  // namespace xylem
