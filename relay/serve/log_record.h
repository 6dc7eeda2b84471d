// A record as it lies in our own log, seen without checks: it was verified when it was appended. Only what serving
// needs is read from fixed places of the header (proto/header.h has the layout).
#pragma once

#include <optional>

#include "proto/record.h"

namespace xylem {

struct LogRecord {
  ByteView frame;  // the whole envelope
  RecordForm form{};
  RecordType type{};
  Epoch epoch;
  Seq seq;
  FeedId feed;
  FeedEpoch feed_epoch;
  Version first_version;
  std::uint16_t event_count = 0;
  bool follows_batch = false;  // prev_batch is not zero

  bool is_batch() const { return type == RecordType::batch; }
  Version last_version() const { return Version(first_version.value + event_count - 1); }
};

// The first record of `bytes`. Nothing when it is not there whole: bytes that come from a file may be damaged.
std::optional<LogRecord> first_record(ByteView bytes);

}  // namespace xylem
