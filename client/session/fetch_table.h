// FETCH requests under way and the BLOB runs that answer them (spec §7). At most kFetchesInFlightMax are out at once,
// the rest waits its turn; an answer may be as long as its kind allows and is collected as it arrives, never allocated
// ahead.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "proto/frames.h"
#include "proto/mono_time.h"

namespace xylem {

using FetchTarget = decltype(Fetch::what);

inline constexpr std::size_t kFetchesQueuedMax = 1024;
inline constexpr auto kFetchTimeout = 30s;  // without any byte of the answer

// Who asked, for the session's own use.
enum class FetchPurpose : std::uint8_t { owner, manifest, redaction };

class FetchTable {
 public:
  struct Answer {
    std::uint32_t request = 0;
    FetchPurpose purpose{};
    FetchTarget what;
    Result<Bytes> bytes;
  };

  // kTooMany when kFetchesQueuedMax wait already.
  Result<std::uint32_t> add(const FetchTarget& what, FetchPurpose purpose);
  // The next request to send, as long as one may be out.
  std::optional<Fetch> next_to_send(MonoTime now);

  // The answer when it is complete. Blobs of requests that nobody waits for any more are passed over. An error means
  // that the peer broke a rule: kBadFrame (pieces that do not fit), kTooLarge, kBadHash (not what was asked for).
  Result<std::optional<Answer>> on_blob(Blob blob, MonoTime now);
  // Requests without an answer in time, one a call.
  std::optional<Answer> take_expired(MonoTime now);
  MonoTime deadline() const;

  std::size_t buffered_bytes() const;

 private:
  struct Pending {
    FetchPurpose purpose{};
    FetchTarget what;
    Bytes bytes;
    std::uint64_t total = 0;
    MonoTime expires = kNever;
  };

  std::uint32_t last_request_ = 0;
  std::map<std::uint32_t, Pending> in_flight_;
  std::deque<std::pair<std::uint32_t, Pending>> queued_;
};

// The most that may be answered.
std::size_t answer_bytes_max(const FetchTarget& what);

}  // namespace xylem
