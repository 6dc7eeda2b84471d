// The index of one segment's records: where each frame lies, and the links of its feed's chain (feed_chain.h).
// About 15.1 bytes a record. One thread appends; entries below published() may be read by any thread, and never move.
//
// Blocks of 64 entries: frames have at most 256 KiB (spec §2), so that an entry's offset from its block's is below 2^24
// and takes three bytes. A segment has less than 4 GiB.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "proto/limits.h"

namespace xylem {

// How far back the records of the same feed lie, in seqs; 0 = there is none, or not in the log any more.
struct ChainLinks {
  std::uint32_t prev = 0;     // the one before
  std::uint32_t jump = 0;     // one further back (feed_chain.h)
  std::uint32_t version = 0;  // low half of the first version (batch) or of the next one to come (notice)
};

class RecordIndex {
 public:
  explicit RecordIndex(std::size_t records_max);

  // Writer thread.
  void append(std::size_t frame_bytes, const ChainLinks& links);
  void publish(std::size_t count) { published_.store(count, std::memory_order_release); }
  std::size_t size() const { return size_; }
  std::size_t room() const { return records_max_ - size_; }
  std::uint64_t memory_bytes() const;

  // Any thread: entries below it.
  std::size_t published() const { return published_.load(std::memory_order_acquire); }
  // Where the frame begins in the file; for i = count, where the last one ends.
  std::uint64_t offset(std::size_t i) const;
  ChainLinks links(std::size_t i) const;

 private:
  static constexpr std::size_t kBlockEntries = 64;
  static constexpr std::size_t kSlabBlocks = 16;
  struct Block {
    std::uint32_t offset = 0;
    std::uint8_t further[kBlockEntries][3] = {};
    ChainLinks links[kBlockEntries];
  };
  static_assert(kBlockEntries * kElidedRecordBytesMax <= std::size_t{1} << 24);

  Block& block(std::size_t entry) const {
    const std::size_t block = entry / kBlockEntries;
    return slabs_[block / kSlabBlocks][block % kSlabBlocks];
  }
  void set_offset(std::size_t entry, std::uint64_t offset);

  std::size_t records_max_;
  std::size_t size_ = 0;
  std::size_t blocks_ = 0;  // made so far
  std::atomic<std::size_t> published_{0};
  std::vector<std::unique_ptr<Block[]>> slabs_;  // as many as there can be, so that it never moves
};

}  // namespace xylem
