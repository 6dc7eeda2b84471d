#include "relay/log/reclaimer.h"

#include <algorithm>
#include <utility>

#include "proto/result.h"

namespace xylem {

Reclaimer::~Reclaimer() {
  for (const Slot& slot : slots_) XYLEM_ASSERT(slot.epoch.load() == kUntaken);
}

std::size_t Reclaimer::join() {
  for (std::size_t i = 0; i < kReadersMax; ++i) {
    std::uint64_t untaken = kUntaken;
    if (slots_[i].epoch.compare_exchange_strong(untaken, kOutside)) return i;
  }
  assertion_failed("a free slot for one more reader", __FILE__, __LINE__);
}

void Reclaimer::leave(std::size_t slot) { slots_[slot].epoch.store(kUntaken, std::memory_order_release); }

// The store comes before every load of a root, in the one order of all seq_cst operations: either collect() sees this
// reader, or this reader sees the roots as they were left before collect().
void Reclaimer::enter(std::size_t slot) {
  slots_[slot].epoch.store(epoch_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
}

void Reclaimer::exit(std::size_t slot) { slots_[slot].epoch.store(kOutside, std::memory_order_release); }

void Reclaimer::retire(std::shared_ptr<const void> object, std::uint64_t bytes) {
  retired_.push_back({epoch_.fetch_add(1, std::memory_order_seq_cst), std::move(object), bytes});
  retired_bytes_ += bytes;
}

void Reclaimer::collect() {
  if (retired_.empty()) return;
  std::uint64_t oldest = kUntaken;
  for (const Slot& slot : slots_) oldest = std::min(oldest, slot.epoch.load(std::memory_order_seq_cst));
  while (!retired_.empty() && retired_.front().epoch < oldest) {
    retired_bytes_ -= retired_.front().bytes;
    retired_.pop_front();
  }
}

}  // namespace xylem
