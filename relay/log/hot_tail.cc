#include "relay/log/hot_tail.h"

#include <algorithm>

namespace xylem {

const HotChunk* HotList::find(Seq seq) const {
  const auto after = std::upper_bound(chunks.begin(), chunks.end(), seq,
                                      [](Seq wanted, const auto& chunk) { return wanted < chunk->first; });
  return after == chunks.begin() ? nullptr : std::prev(after)->get();
}

HotTail::HotTail(std::size_t chunk_bytes) : chunk_bytes_(chunk_bytes), list_(std::make_shared<HotList>()) {}

HotChunk& HotTail::room_for(std::size_t frame_bytes, Seq seq, std::uint64_t offset, bool begins_segment) {
  if (!begins_segment && !chunks_.empty() && chunks_.back()->capacity - chunks_.back()->used >= frame_bytes) {
    return *chunks_.back();
  }
  auto chunk = std::make_shared<HotChunk>();
  chunk->first = seq;
  chunk->file_offset = offset;
  chunk->capacity = std::max(chunk_bytes_, frame_bytes);
  chunk->data = std::make_unique_for_overwrite<std::uint8_t[]>(chunk->capacity);
  bytes_ += chunk->capacity;
  ++fresh_chunks_;
  return *chunks_.emplace_back(std::move(chunk));
}

void HotTail::stage(ByteView frame, Seq seq, std::uint64_t offset, bool begins_segment) {
  HotChunk& chunk = room_for(frame.size(), seq, offset, begins_segment);
  std::uint8_t* place = chunk.data.get() + chunk.used;
  std::copy(frame.begin(), frame.end(), place);
  chunk.used += frame.size();
  if (!staged_.empty() && staged_.back().data() + staged_.back().size() == place) {
    staged_.back() = ByteView(staged_.back().data(), staged_.back().size() + frame.size());
  } else {
    staged_.emplace_back(place, frame.size());
  }
}

void HotTail::commit() {
  staged_.clear();
  // Those that were written into: the one that was the newest, and the fresh ones.
  const std::size_t touched = std::min(fresh_chunks_ + 1, chunks_.size());
  for (std::size_t i = chunks_.size() - touched; i < chunks_.size(); ++i) {
    chunks_[i]->committed.store(chunks_[i]->used, std::memory_order_release);
  }
  used_before_ = chunks_.empty() ? 0 : chunks_.back()->used;
  if (fresh_chunks_ > 0) replace_list();
  fresh_chunks_ = 0;
}

void HotTail::discard() {
  staged_.clear();
  for (; fresh_chunks_ > 0; --fresh_chunks_) {
    bytes_ -= chunks_.back()->capacity;
    chunks_.pop_back();
  }
  if (!chunks_.empty()) chunks_.back()->used = used_before_;
}

std::uint64_t HotTail::drop_oldest() { return chunks_.empty() ? 0 : drop_below(chunks_.front()->first.next()); }

std::uint64_t HotTail::drop_below(Seq floor) {
  const std::uint64_t before = bytes_;
  for (; !chunks_.empty() && chunks_.front()->first < floor; chunks_.pop_front()) bytes_ -= chunks_.front()->capacity;
  if (bytes_ != before) replace_list();
  return before - bytes_;
}

std::uint64_t HotTail::clear() { return drop_below(Seq(UINT64_MAX)); }

void HotTail::replace_list() {
  auto list = std::make_shared<HotList>();
  list->chunks.assign(chunks_.begin(), chunks_.end());
  list_ = std::move(list);
}

}  // namespace xylem
