// Names, cursors, feeds and times as people and URLs write them: what parses prints to something that parses to the
// same, and where there is one spelling only, prints to the same text.
// links: xylem::proto
#include "proto/bytes.h"
#include "proto/cursor.h"
#include "proto/limits.h"
#include "proto/node_name.h"

using namespace xylem;

namespace {

void check_names(std::string_view text) {
  if (const auto range = parse_bucket_range(text)) {
    XYLEM_ASSERT(range->first <= range->last && to_string(*range) == text);
  }
  if (const auto name = normalize_dns_name(text)) XYLEM_ASSERT(normalize_dns_name(*name) == *name);
  if (const auto node = parse_node_name(text, "z.example")) {
    XYLEM_ASSERT(node->ranges.size() <= kNodeNameLevelsMax);
    XYLEM_ASSERT(parse_node_name(node->to_string(), node->zone) == *node);
    for (auto parent = node->parent(); parent; parent = parent->parent()) {
      XYLEM_ASSERT(parent->own().contains(node->own()));
    }
  }
}

void check_cursors(std::string_view text) {
  if (const auto cursor = parse_feed_cursor(text)) XYLEM_ASSERT(cursor->to_string() == text);
  if (const auto cursor = parse_bucket_cursor(text)) XYLEM_ASSERT(cursor->to_string() == text);
}

void check_feed(std::string_view text) {
  const auto feed = parse_feed(text);
  if (!feed) return;
  const auto again = parse_feed(feed->name.empty() ? to_string(feed->id) : "name:" + feed->name);
  XYLEM_ASSERT(again && again->id == feed->id && again->name == feed->name);
  const Bucket bucket = bucket_of(feed->id, 12);
  XYLEM_ASSERT(bucket >= Bucket(1) && bucket <= Bucket(12));
}

void check_time(std::string_view text) {
  const auto time = parse_timestamp(text);
  if (time) XYLEM_ASSERT(parse_timestamp(to_rfc3339(*time)) == *time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  check_names(text);
  check_cursors(text);
  check_feed(text);
  check_time(text);
  return 0;
}
