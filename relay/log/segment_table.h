// What a segment holds, without its payloads, and the footer that says so in a sealed segment's file (spec §8):
//
//   RECORD frames | feed rows (64 bytes each) | record rows (12 bytes each) | trailer (160 bytes)
//
// With it a start reads some 12 bytes a record instead of the records. Feed rows: one for each feed in each feed epoch,
// in order of appearance; where a feed's versions leave a gap a new row begins, so versions follow from event counts.
#pragma once

#include <unordered_map>
#include <vector>

#include "proto/record.h"
#include "relay/log/storage.h"

namespace xylem {

inline constexpr std::size_t kFeedRowBytes = 64;
inline constexpr std::size_t kRecordRowBytes = 12;
inline constexpr std::size_t kTrailerBytes = 160;

struct FeedRow {
  FeedId feed;
  FeedEpoch epoch;
  Version first_version;  // of the first batch in the row; 0 without one
  Seq newest_batch;       // 0 without one
  Hash256 link{};         // of the newest batch; zeros without one
  friend bool operator==(const FeedRow&, const FeedRow&) = default;
};

struct RecordRow {
  std::uint32_t frame_bytes = 0;
  std::uint32_t feed_row = 0;
  std::uint16_t events = 0;  // 0 in notices
  RecordType type{};
  RecordForm form{};
  bool follows_batch = false;  // prev_batch is not zero
  friend bool operator==(const RecordRow&, const RecordRow&) = default;
};

struct SegmentTable {
  Bucket bucket;
  Seq first;  // of the first record; the records are dense
  std::uint64_t frames_bytes = 0;
  Epoch epoch;            // of the last record
  Timestamp origin_time;  // of the last record
  Hash256 link_before{};  // prev_record of the first record
  Hash256 link{};         // of the last record
  std::vector<FeedRow> feeds;
  std::vector<RecordRow> records;

  friend bool operator==(const SegmentTable&, const SegmentTable&) = default;
  Seq next() const { return first.plus(records.size()); }
};

std::uint64_t footer_bytes(std::size_t feed_rows, std::size_t records);

// Feed rows, record rows, trailer: what is appended behind the frames. There must be a record.
Bytes encode_footer(const SegmentTable& table);
// Of a sealed segment; every number in it is checked against the others and against the file's size. kCorrupt says what
// and at which offset; kIo.
Result<SegmentTable> read_footer(const File& file, Bucket bucket, Seq first);

// Makes a table from records in their order. The links of feed rows are whoever's who knows them: set_link.
class SegmentTableBuilder {
 public:
  SegmentTableBuilder(Bucket bucket, Seq first);
  void add(const RecordView& record);
  // Of the newest record added, and so of its feed row where it is a batch.
  void set_link(const Hash256& link);
  const SegmentTable& table() const { return table_; }
  SegmentTable take() { return std::move(table_); }

 private:
  struct Open {
    std::uint32_t row;
    Version next;  // version of the row's next batch; 0 before the first
  };
  std::uint32_t row_of(const RecordHeader& header);

  SegmentTable table_;
  std::unordered_map<FeedId, Open> open_;
};

}  // namespace xylem
