// Feed id → FeedRecord, for one writer and any number of readers without locks: a hash table with open addressing whose
// slots only ever fill; to grow, or to forget feeds, the writer makes a new one. About 200 bytes a feed.
//
// The writer's newest state of a feed and what readers see differ by what was appended and not yet published: those
// changes wait in a queue, one for each record.
#pragma once

#include <deque>
#include <functional>

#include "relay/log/feed_chain.h"
#include "relay/log/published.h"

namespace xylem {

struct FeedEntry {
  explicit FeedEntry(FeedId feed) : id(feed) {}

  const FeedId id;
  Published<FeedRecord> record;  // newest 0: nothing was published yet
  // Writer thread.
  std::uint64_t change = 0;              // number of the newest waiting change; 0 = none
  std::uint64_t counted_in_segment = 0;  // first seq of the last segment in which a row was counted for it
};

// What readers hold. Entries stay where they are, and live as long as any table that shares them.
class FeedHash {
 public:
  using Entries = std::deque<FeedEntry>;
  explicit FeedHash(std::shared_ptr<Entries> entries, std::size_t slots);

  const FeedEntry* find(FeedId feed) const;
  // Writer thread; there must be room.
  void insert(FeedEntry& entry);
  std::size_t slots() const { return slots_.size(); }
  const std::shared_ptr<Entries>& entries() const { return entries_; }

 private:
  std::size_t slot_of(FeedId feed) const;

  std::shared_ptr<Entries> entries_;
  std::vector<std::atomic<FeedEntry*>> slots_;  // a power of two; at most two thirds are taken
};

// The writer's side.
class FeedTable {
 public:
  FeedTable();

  const std::shared_ptr<FeedHash>& hash() const { return hash_; }
  // Finds or makes the entry. May replace hash().
  FeedEntry& entry(FeedId feed);
  // Newest state, published or not.
  FeedRecord record(const FeedEntry& entry) const;
  std::optional<FeedRecord> find(FeedId feed) const;
  // The state of the feed after the record `seq`; readers see it from publish(seq) on.
  void change(FeedEntry& entry, Seq seq, const FeedRecord& record);
  void publish(Seq up_to);
  bool has_waiting_changes() const { return !changes_.empty(); }
  // Of an entry without waiting changes: readers see it at once.
  void amend(FeedEntry& entry, const FeedRecord& record);
  // Every entry that was published.
  void for_each(const std::function<void(FeedEntry&, const FeedRecord&)>& visit);
  // Forgets all feeds but those that `keep` names; replaces hash(). There must be no waiting changes.
  void keep_only(const std::function<bool(const FeedRecord&)>& keep);
  void clear();  // waiting changes too

  std::uint64_t feed_count() const { return published_count_.load(std::memory_order_relaxed); }  // any thread
  std::uint64_t memory_bytes() const;

 private:
  struct Change {
    Seq seq;
    FeedEntry* entry;
    FeedRecord record;
  };

  std::shared_ptr<FeedHash> hash_;
  std::deque<Change> changes_;
  std::uint64_t first_change_ = 1;  // number of changes_.front()
  std::atomic<std::uint64_t> published_count_{0};
};

}  // namespace xylem
