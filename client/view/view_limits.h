// The limits of what events of a thread may say (docs/views.md). Beyond one of them an event is malformed. Messages
// need none: an event's details are at most kEventBytesMax (proto/limits.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace xylem {

inline constexpr std::size_t kCommentIdBytesMax = 256;
inline constexpr std::size_t kAuthorBytesMax = 256;
inline constexpr std::size_t kTitleBytesMax = 1024;
inline constexpr std::size_t kUrlBytesMax = 4096;
inline constexpr std::int64_t kVotesMax = 1'000'000'000'000;  // of each of ups, downs and |score|

}  // namespace xylem
