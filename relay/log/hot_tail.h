// The newest part of a log in memory: chunks of whole frames, byte for byte as in the segment's file, from which live
// records are sent without reading. A chunk never moves and never grows; it holds records of one segment only.
//
// Frames are staged first; after they stand in the file they are committed, else discarded. One writer.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "proto/bytes.h"
#include "proto/ids.h"

namespace xylem {

struct HotChunk {
  Seq first;
  std::uint64_t file_offset = 0;  // of the first byte in the segment's file
  std::size_t capacity = 0;
  std::unique_ptr<std::uint8_t[]> data;
  std::size_t used = 0;  // writer thread
  // Bytes that stand in the file too. A reader may know of newer records than of chunks: only what lies below it is
  // here.
  std::atomic<std::size_t> committed{0};
};

// Ascending, without holes up to the head. A list never changes.
struct HotList {
  std::vector<std::shared_ptr<const HotChunk>> chunks;
  // The chunk that holds the seq, if any does; for one above all that were here when the list was made, the newest.
  const HotChunk* find(Seq seq) const;
};

class HotTail {
 public:
  explicit HotTail(std::size_t chunk_bytes);

  // Copies a frame behind the others. `offset` is its place in the file, `begins_segment` that it opens one.
  void stage(ByteView frame, Seq seq, std::uint64_t offset, bool begins_segment);
  // The staged bytes in file order: few long pieces.
  const std::vector<ByteView>& staged() const { return staged_; }
  void commit();
  void discard();

  // What readers see; replaced when the chunks change.
  const std::shared_ptr<const HotList>& list() const { return list_; }
  // Give up chunks and say how many bytes they took.
  std::uint64_t drop_oldest();
  std::uint64_t drop_below(Seq floor);
  std::uint64_t clear();
  std::uint64_t bytes() const { return bytes_; }

 private:
  HotChunk& room_for(std::size_t frame_bytes, Seq seq, std::uint64_t offset, bool begins_segment);
  void replace_list();

  const std::size_t chunk_bytes_;
  std::deque<std::shared_ptr<HotChunk>> chunks_;
  std::uint64_t bytes_ = 0;  // capacity of all chunks
  std::vector<ByteView> staged_;
  std::size_t fresh_chunks_ = 0;  // made since the last commit
  std::size_t used_before_ = 0;   // of the chunk that was the newest at the last commit
  std::shared_ptr<const HotList> list_;
};

}  // namespace xylem
