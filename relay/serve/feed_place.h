// Where a cursor leads in a feed: the question every reader begins with, native or HTTP. The answer is a place in the
// bucket's log, or why there is none; never another position than the one that was asked for.
#pragma once

#include <optional>

#include "proto/cursor.h"
#include "proto/frames.h"
#include "relay/log/bucket_log.h"

namespace xylem {

// The records of the feed after seq `after` are what the reader lacks, notices included; before them `first`, when it
// is set: a notice that is kept below the window (LogReader::notice).
struct FeedPlace {
  Seq after;
  FeedEpoch epoch;
  Version version;  // what the reader has already
  std::optional<RecordType> first;
};

struct FeedRefusal {
  StatusCode code{};
  bool waits = false;  // something may still come: ask again with the feed's next record
  FeedCursor floor;    // earliest cursor that leads to a place, where something is held
  FeedCursor head;     // what is held
};

using FeedAnswer = tl::expected<FeedPlace, FeedRefusal>;

FeedAnswer find_feed_place(const LogReader& reader, FeedId feed, const FeedCursor& cursor);
// For readers that take a snapshot when their cursor is too old: the place after the snapshot's version. Nothing when
// no snapshot is held, or it is too old itself, or no newer than the cursor.
struct SnapshotPlace {
  Bytes notice;  // RECORD frame
  FeedPlace place;
};
std::optional<SnapshotPlace> find_snapshot_place(const LogReader& reader, FeedId feed, const FeedCursor& cursor);

// The newest of these notices is in force until the next `open`.
bool is_deleted(const LoggedFeed& state);
bool is_closed(const LoggedFeed& state);

}  // namespace xylem
