// The segments of a log's window as a list that readers share: ascending by first seq, without holes. A list never
// changes; a new one replaces it when a segment begins or is dropped. Of a segment's records a reader sees the
// published ones.
#pragma once

#include <optional>
#include <vector>

#include "proto/ids.h"
#include "relay/log/record_index.h"
#include "relay/log/storage.h"

namespace xylem {

struct Segment {
  Segment(Seq first_seq, std::shared_ptr<File> opened, std::size_t records_max)
      : first(first_seq), file(std::move(opened)), index(records_max) {}

  const Seq first;
  const std::shared_ptr<File> file;
  RecordIndex index;

  // Writer thread.
  bool sealed = false;
  std::uint64_t frames_bytes() const { return index.offset(index.size()); }
  Seq next() const { return first.plus(index.size()); }
};

// A record's place: entry `entry` of `segment`.
struct RecordPlace {
  const Segment* segment = nullptr;
  std::size_t entry = 0;
};

struct SegmentList {
  std::vector<std::shared_ptr<Segment>> segments;

  // Any thread: where a published record lies; nothing outside of the window.
  std::optional<RecordPlace> published(Seq seq) const;
  // Writer thread: the same, not yet published ones as well.
  std::optional<RecordPlace> appended(Seq seq) const;

 private:
  const Segment* segment_of(Seq seq) const;
};

}  // namespace xylem
