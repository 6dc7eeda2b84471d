// The redactions that are known and verified (spec §3): an elided record counts only when each event it lacks is
// covered by one. One per program, shared by its sessions, so that a redaction fetched once serves after a reconnect
// too. Bounded: beyond kRedactionBookBytesMax the oldest are forgotten, and fetched again when they are needed.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "proto/record.h"
#include "proto/verify.h"

namespace xylem {

inline constexpr std::size_t kRedactionBookBytesMax = 8 * kMiB;

struct HeldRedaction {
  FeedId feed;
  RedactionNotice notice;
};

class RedactionBook {
 public:
  // Where a program keeps records of its own, e.g. a relay's log; asked when the book itself has none.
  using Source = std::function<std::optional<HeldRedaction>(Bucket, Seq)>;
  explicit RedactionBook(Source elsewhere = {}) : elsewhere_(std::move(elsewhere)) {}

  void add(Bucket bucket, Seq seq, HeldRedaction redaction);
  std::optional<HeldRedaction> find(Bucket bucket, Seq seq) const;

 private:
  using Place = std::pair<Bucket, Seq>;

  Source elsewhere_;
  std::map<Place, HeldRedaction> held_;
  std::deque<Place> oldest_first_;
  std::size_t bytes_ = 0;
};

// A redaction record that came alone: its own signature and payload. kBadPayload when it is something else; else as
// check_signature and open_notice.
Result<HeldRedaction> open_redaction(const Trust& trust, const RecordView& record);

}  // namespace xylem
