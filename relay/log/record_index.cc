#include "relay/log/record_index.h"

#include <algorithm>

#include "proto/result.h"

namespace xylem {
namespace {

std::size_t divide_up(std::size_t count, std::size_t by) { return (count + by - 1) / by; }

}  // namespace

// One entry more than there are records: the end of the last.
RecordIndex::RecordIndex(std::size_t records_max)
    : records_max_(records_max), slabs_(divide_up(divide_up(records_max + 1, kBlockEntries), kSlabBlocks)) {
  set_offset(0, 0);
}

void RecordIndex::append(std::size_t frame_bytes, const ChainLinks& links) {
  XYLEM_ASSERT(room() > 0);
  block(size_).links[size_ % kBlockEntries] = links;
  set_offset(size_ + 1, offset(size_) + frame_bytes);
  ++size_;
}

void RecordIndex::set_offset(std::size_t entry, std::uint64_t offset) {
  if (entry / kBlockEntries == blocks_) {
    // The last slab has only as many blocks as can be needed: of a sealed segment exactly that many.
    const std::size_t needed = divide_up(records_max_ + 1, kBlockEntries) - blocks_;
    const std::size_t made = std::min(kSlabBlocks, needed);
    if (blocks_ % kSlabBlocks == 0) slabs_[blocks_ / kSlabBlocks] = std::make_unique<Block[]>(made);
    block(entry).offset = static_cast<std::uint32_t>(offset);
    ++blocks_;
  }
  const std::uint64_t further = offset - block(entry).offset;
  XYLEM_ASSERT(offset <= UINT32_MAX && further < std::uint64_t{1} << 24);
  std::uint8_t* bytes = block(entry).further[entry % kBlockEntries];
  for (int i = 0; i < 3; ++i) bytes[i] = static_cast<std::uint8_t>(further >> (8 * i));
}

std::uint64_t RecordIndex::offset(std::size_t i) const {
  const Block& in = block(i);
  const std::uint8_t* bytes = in.further[i % kBlockEntries];
  return std::uint64_t{in.offset} + bytes[0] + (std::uint64_t{bytes[1]} << 8) + (std::uint64_t{bytes[2]} << 16);
}

ChainLinks RecordIndex::links(std::size_t i) const { return block(i).links[i % kBlockEntries]; }

std::uint64_t RecordIndex::memory_bytes() const {
  const std::size_t all = divide_up(records_max_ + 1, kBlockEntries);
  const std::size_t made = std::min(all, divide_up(blocks_, kSlabBlocks) * kSlabBlocks);
  return made * sizeof(Block) + slabs_.capacity() * sizeof(slabs_[0]);
}

}  // namespace xylem
