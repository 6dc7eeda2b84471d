// Where a bucket cursor leads: the question every child relay begins with.
#pragma once

#include "proto/cursor.h"
#include "proto/frames.h"
#include "relay/log/bucket_log.h"

namespace xylem {

struct BucketRefusal {
  StatusCode code{};
  bool waits = false;  // something may still come: ask again with the bucket's next record
};

// The seq after which records are lacking. A cursor is checked by epoch and, where it has one, by hash; a child's chain
// checks the rest, as its first record must link to what it has.
tl::expected<Seq, BucketRefusal> find_bucket_place(const LogReader& reader, const BucketCursor& cursor);

}  // namespace xylem
