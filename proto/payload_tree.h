// The hash tree over a batch's events (payload.h has the formulas), shared by the full and the elided form.
#pragma once

#include <span>
#include <vector>

#include "proto/payload.h"

namespace xylem {

inline constexpr std::size_t kEventLengthBytes = 4;

// A plain payload cut into its events, unread.
struct SplitEvents {
  Salt salt{};
  std::vector<ByteView> events;
};
Result<SplitEvents> split_events(ByteView plain, std::size_t count);  // kBadPayload

Salt event_salt(const Salt& batch_salt, std::size_t index);
Hash256 event_leaf(const Salt& salt, ByteView event);
Hash256 root_of_leaves(std::span<const Hash256> leaves);
// kBadPayload: size, time or kind is not one of an event.
Result<Event> decode_event(ByteView event);

}  // namespace xylem
