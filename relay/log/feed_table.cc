#include "relay/log/feed_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "proto/result.h"

namespace xylem {
namespace {

constexpr std::size_t kSlotsMin = 16;

bool has_room(std::size_t entries, std::size_t slots) { return entries * 3 <= slots * 2; }

}  // namespace

FeedHash::FeedHash(std::shared_ptr<Entries> entries, std::size_t slots)
    : entries_(std::move(entries)), slots_(std::bit_ceil(std::max(slots, kSlotsMin))) {
  for (FeedEntry& entry : *entries_) insert(entry);
}

std::size_t FeedHash::slot_of(FeedId feed) const {
  std::uint64_t x = feed.value;  // feed ids of one bucket agree modulo N, so all bits must count
  x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93ULL;
  x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93ULL;
  return static_cast<std::size_t>(x ^ (x >> 32)) & (slots_.size() - 1);
}

const FeedEntry* FeedHash::find(FeedId feed) const {
  for (std::size_t i = slot_of(feed); true; i = (i + 1) & (slots_.size() - 1)) {
    const FeedEntry* entry = slots_[i].load(std::memory_order_acquire);
    if (entry == nullptr || entry->id == feed) return entry;
  }
}

void FeedHash::insert(FeedEntry& entry) {
  std::size_t i = slot_of(entry.id);
  while (slots_[i].load(std::memory_order_relaxed) != nullptr) i = (i + 1) & (slots_.size() - 1);
  slots_[i].store(&entry, std::memory_order_release);
}

FeedTable::FeedTable() : hash_(std::make_shared<FeedHash>(std::make_shared<FeedHash::Entries>(), kSlotsMin)) {}

FeedEntry& FeedTable::entry(FeedId feed) {
  if (const FeedEntry* found = hash_->find(feed)) return const_cast<FeedEntry&>(*found);
  FeedHash::Entries& entries = *hash_->entries();
  FeedEntry& fresh = entries.emplace_back(feed);
  if (has_room(entries.size(), hash_->slots())) {
    hash_->insert(fresh);
  } else {
    hash_ = std::make_shared<FeedHash>(hash_->entries(), hash_->slots() * 2);
  }
  return fresh;
}

FeedRecord FeedTable::record(const FeedEntry& entry) const {
  if (entry.change == 0) return entry.record.read();
  return changes_[static_cast<std::size_t>(entry.change - first_change_)].record;
}

std::optional<FeedRecord> FeedTable::find(FeedId feed) const {
  const FeedEntry* entry = hash_->find(feed);
  if (entry == nullptr) return std::nullopt;
  return record(*entry);
}

void FeedTable::change(FeedEntry& entry, Seq seq, const FeedRecord& record) {
  changes_.push_back({seq, &entry, record});
  entry.change = first_change_ + changes_.size() - 1;
}

void FeedTable::publish(Seq up_to) {
  while (!changes_.empty() && changes_.front().seq <= up_to) {
    const Change& change = changes_.front();
    amend(*change.entry, change.record);
    if (change.entry->change == first_change_) change.entry->change = 0;
    changes_.pop_front();
    ++first_change_;
  }
}

void FeedTable::amend(FeedEntry& entry, const FeedRecord& record) {
  const bool fresh = entry.record.read().newest == Seq();
  entry.record.write(record);
  if (fresh) published_count_.store(feed_count() + 1, std::memory_order_relaxed);
}

void FeedTable::for_each(const std::function<void(FeedEntry&, const FeedRecord&)>& visit) {
  for (FeedEntry& entry : *hash_->entries()) {
    const FeedRecord record = entry.record.read();
    if (record.newest != Seq()) visit(entry, record);
  }
}

void FeedTable::keep_only(const std::function<bool(const FeedRecord&)>& keep) {
  XYLEM_ASSERT(changes_.empty());
  auto kept = std::make_shared<FeedHash::Entries>();
  for_each([&](FeedEntry& entry, const FeedRecord& record) {
    if (!keep(record)) return;
    FeedEntry& copy = kept->emplace_back(entry.id);
    copy.record.write(record);
    copy.counted_in_segment = entry.counted_in_segment;
  });
  const std::size_t count = kept->size();
  hash_ = std::make_shared<FeedHash>(std::move(kept), count * 2);
  published_count_.store(count, std::memory_order_relaxed);
}

void FeedTable::clear() {
  changes_.clear();
  hash_ = std::make_shared<FeedHash>(std::make_shared<FeedHash::Entries>(), kSlotsMin);
  published_count_.store(0, std::memory_order_relaxed);
}

std::uint64_t FeedTable::memory_bytes() const {
  return hash_->entries()->size() * sizeof(FeedEntry) + hash_->slots() * sizeof(void*) +
         changes_.size() * sizeof(Change);
}

}  // namespace xylem
