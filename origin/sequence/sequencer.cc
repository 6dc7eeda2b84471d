#include "origin/sequence/sequencer.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "origin/sequence/acceptance.h"
#include "origin/sequence/batch_cutter.h"
#include "origin/sequence/producer_memory.h"

namespace xylem {
namespace {

constexpr auto kRetryAfter = std::chrono::milliseconds(1000);

}  // namespace

Salt random_salt() {
  Salt salt;
  fill_random(salt);
  return salt;
}

class Sequencer::Impl {
 public:
  Impl(Storage& storage, LogSet& logs, const Trust& trust, SigningKey key, const SequencerOptions& options)
      : logs_(logs), trust_(trust), key_(std::move(key)), options_(options), book_(logs), producers_(storage) {}

  Result<void> start(Storage& storage, MonoTime now, Timestamp wall) {
    for (const auto& [bucket, epoch] : epochs()) {
      if (auto granted = check_grant(bucket, epoch); !granted) return granted;
      // Recovery may have found records that never were synced: durable before anyone can see them.
      if (auto synced = logs_.of(bucket).sync(); !synced) return synced;
    }
    if (auto loaded = producers_.load(logs_, book_, wall, options_.producer_kept); !loaded) return loaded;
    auto journal = Journal::open(storage, options_.journal,
                                 [&](JournalPosition position, ByteView entry) { return replay(position, entry); });
    if (!journal) return fail(journal.error());
    journal_ = std::move(*journal);
    make_durable(now);
    while (deadline() <= now) {
      auto buckets = seal(now, wall);
      if (!buckets) return fail(buckets.error());
      for (const Bucket bucket : *buckets) {
        if (auto synced = logs_.of(bucket).sync(); !synced) return synced;
      }
      if (auto published = publish(now); !published) return published;
    }
    return {};
  }

  Result<Accepted> submit(const Append& request, Timestamp wall) {
    if (auto valid = check_request(request); !valid) return fail(valid.error());
    const Bucket bucket = trust_.bucket_of(request.feed);
    if (!logs_.range().contains(bucket)) {
      return fail(ErrorCode::kWrongRange, fmt::format("feed {} is in bucket {}, this origin has {}", request.feed.value,
                                                      bucket.value, to_string(logs_.range())));
    }
    auto feed = book_.find(request.feed, bucket);
    if (!feed) return fail(feed.error());
    FeedTail& tail = **feed;
    if (auto fits = check_feed(request, tail); !fits) return fail(fits.error());

    std::uint32_t taken_before = 0;
    if (request.producer) {
      auto verdict = producers_.judge(request);
      if (!verdict) return fail(verdict.error());
      if (verdict->duplicate) {
        ++counters_.duplicates;
        return duplicate_of(tail, *verdict);
      }
      taken_before = verdict->taken_before;
    }
    JournalEntry entry = entry_for(request, tail, taken_before, wall);
    auto position = journal_->append(encode_journal_entry(entry));
    if (!position) return fail(position.error());
    const Accepted accepted{*position, entry.feed_epoch,         entry.first_version, entry.last_version(),
                            false,     entry.opening.has_value()};
    ++counters_.requests;
    counters_.events += entry.events.size();
    take_entry(std::move(entry), *position, tail);
    return accepted;
  }

  void make_durable(MonoTime now) {
    while (!unsynced_.empty() && unsynced_.front().position <= journal_->durable()) {
      const Unsynced request = unsynced_.front();
      unsynced_.pop_front();
      auto feed = book_.find(request.feed, trust_.bucket_of(request.feed));
      XYLEM_ASSERT(feed.has_value());  // it has events waiting, so it is in memory
      (*feed)->durable_events += request.events;
      (*feed)->durable_bytes += request.bytes;
      schedule(request.feed, **feed, now);
    }
  }

  MonoTime deadline() const {
    if (!sealed_.empty() || due_.empty()) return kNever;
    return std::max(due_.begin()->first, retry_at_);
  }

  Result<std::vector<Bucket>> seal(MonoTime now, Timestamp wall) {
    XYLEM_ASSERT(sealed_.empty());
    std::set<Bucket> touched;
    std::size_t records = 0;
    sealing_since_ = now;
    if (deadline() > now) return std::vector<Bucket>();
    const MonoTime soon = now + window() / 2;
    while (!due_.empty() && due_.begin()->first <= soon && records < options_.seal_records_max) {
      const FeedId id = due_.begin()->second;
      const Bucket bucket = trust_.bucket_of(id);
      auto feed = book_.find(id, bucket);
      XYLEM_ASSERT(feed.has_value());
      auto count = seal_feed(id, bucket, **feed, wall);
      if (!count) {
        retry_at_ = now + kRetryAfter;
        if (touched.empty()) return fail(count.error());
        break;  // what is sealed goes its way; the error comes again with the next round
      }
      records += *count;
      touched.insert(bucket);
      due_.erase(due_.begin());
      (*feed)->due = kNever;
      (*feed)->sealed_at = now;
    }
    counters_.records += records;
    return std::vector<Bucket>(touched.begin(), touched.end());
  }

  Result<void> publish(MonoTime now) {
    for (const auto& [id, bucket] : sealed_feeds_) {
      logs_.of(bucket).publish();
      if (auto feed = book_.find(id, bucket)) (*feed)->unpublished_records = 0;
    }
    sealed_feeds_.clear();
    for (const auto& [position, count] : std::exchange(sealed_, {})) {
      progress_[position - progress_first_] -= count;
      counters_.events_waiting -= count;
    }
    while (!progress_.empty() && progress_.front() == 0) {
      progress_.pop_front();
      ++progress_first_;
    }
    round_trip_ = (round_trip_ * 7 + (now - sealing_since_)) / 8;
    book_.trim(options_.feeds_in_memory_max);
    return release(progress_first_ - 1);
  }

  std::vector<Bytes> beacons(Timestamp wall) {
    std::vector<Bytes> out;
    for (const auto& [bucket, epoch] : epochs()) {
      const LogWindow window = book_.reader(bucket).window();
      Beacon beacon;
      beacon.bucket = bucket;
      beacon.epoch = epoch;
      beacon.seq = window.head;
      beacon.head = window.link;
      beacon.time = std::max(wall, window.origin_time);
      beacon.manifest_serial = trust_.manifest()->serial;
      out.push_back(sign_beacon(beacon, key_, trust_.zone()));
    }
    return out;
  }

  std::chrono::milliseconds clock_held(Timestamp wall) const {
    std::chrono::milliseconds held{0};
    for (const auto& [bucket, epoch] : epochs()) held = std::max(held, logs_.of(bucket).tail().origin_time - wall);
    return held;
  }

  Counters counters() const { return counters_; }
  Journal& journal() { return *journal_; }

 private:
  struct Unsynced {
    JournalPosition position;
    FeedId feed;
    std::size_t events;
    std::size_t bytes;
  };

  std::map<Bucket, Epoch> epochs() const {
    std::map<Bucket, Epoch> epochs;
    for (std::uint32_t b = logs_.range().first.value; b <= logs_.range().last.value; ++b) {
      const Bucket bucket(static_cast<std::uint16_t>(b));
      epochs[bucket] = trust_.manifest()->current_epoch(bucket).value_or(Epoch(0));
    }
    return epochs;
  }

  Result<void> check_grant(Bucket bucket, Epoch epoch) const {
    const Seq next = logs_.of(bucket).tail().seq.next();
    const Grant* grant = trust_.manifest()->grant_for(bucket, epoch, next);
    if (grant != nullptr && grant->origin_key == key_.public_key()) return {};
    return fail(ErrorCode::kNoGrant, fmt::format("the manifest (serial {}) gives bucket {} at epoch {}, seq {} to {}",
                                                 trust_.manifest()->serial, bucket.value, epoch.value, next.value,
                                                 grant == nullptr ? "nobody" : "another key"));
  }

  Accepted duplicate_of(const FeedTail& tail, const ProducerJudgement& judgement) const {
    Accepted accepted;
    accepted.duplicate = true;
    accepted.epoch = tail.epoch;
    accepted.position = judgement.position;
    accepted.first = judgement.first;
    accepted.last = judgement.last;
    return accepted;
  }

  JournalEntry entry_for(const Append& request, const FeedTail& tail, std::uint32_t taken_before,
                         Timestamp wall) const {
    JournalEntry entry;
    entry.feed = request.feed;
    entry.accepted = wall;
    entry.feed_epoch = tail.epoch;
    entry.first_version = tail.assigned.next();
    if (tail.epoch.value == 0) {
      entry.feed_epoch = FeedEpoch(to_ms(wall));
      entry.opening = JournalEntry::Opening{request.name, opening_content_type(request), request.view};
    }
    entry.producer = request.producer;
    entry.taken_before = taken_before;
    for (std::size_t i = taken_before; i < request.events.size(); ++i) {
      const NewEvent& event = request.events[i];
      entry.events.push_back({event.time.value_or(wall), event.kind, event.details});
    }
    return entry;
  }

  // At start: an entry that was durable; what of it already stands in the log is passed over.
  Result<void> replay(JournalPosition position, ByteView bytes) {
    auto entry = decode_journal_entry(bytes);
    if (!entry) return fail(entry.error());
    const Bucket bucket = trust_.bucket_of(entry->feed);
    if (!logs_.range().contains(bucket)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("an event of bucket {} in the journal of {}", bucket.value, to_string(logs_.range())));
    }
    auto feed = book_.find(entry->feed, bucket);
    if (!feed) return fail(feed.error());
    FeedTail& tail = **feed;
    const bool sealed_whole = entry->feed_epoch < tail.epoch || entry->last_version() <= tail.assigned;
    if (sealed_whole) {
      producers_.record(*entry, position);
      note_progress(position, 0);
      return {};
    }
    if (entry->first_version > tail.assigned.next()) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("feed {} ends at version {} in the log, but the journal goes on at {}", entry->feed.value,
                              tail.assigned.value, entry->first_version.value));
    }
    take_entry(std::move(*entry), position, tail);
    return {};
  }

  // Into memory: the feed's waiting events, the producer's numbers, the request's progress.
  void take_entry(JournalEntry entry, JournalPosition position, FeedTail& tail) {
    producers_.record(entry, position);
    if (tail.epoch.value == 0) {
      tail.epoch = entry.feed_epoch;
      tail.name = entry.opening ? entry.opening->name : "";
      tail.content_type = entry.opening ? entry.opening->content_type : "";
      tail.to_open = entry.opening;
    }
    WaitingRequest request;
    request.position = position;
    request.first = entry.first_version;
    request.taken = tail.assigned.value + 1 - entry.first_version.value;  // in the log already: only after a crash
    if (entry.producer) {
      request.producer = WaitingRequest::Producer{producer_hash(entry.producer->id), entry.producer->epoch,
                                                  entry.producer->seq, entry.taken_before};
    }
    tail.assigned = entry.last_version();
    request.events = std::move(entry.events);
    const std::size_t events = request.events.size() - request.taken;
    std::size_t bytes = 0;
    for (const AcceptedEvent& event : request.events)
      bytes += encoded_event_bytes(event.kind.size(), event.details.size());
    tail.waiting_events += events;
    tail.waiting.push_back(std::move(request));
    note_progress(position, events);
    counters_.events_waiting += events;
    unsynced_.push_back({position, entry.feed, events, bytes});
  }

  void note_progress(JournalPosition position, std::size_t events) {
    if (progress_.empty()) progress_first_ = position;
    progress_.push_back(events);
  }

  // Sealing shares the disk with the journal: a window is never shorter than twice what a round takes.
  std::chrono::milliseconds window() const {
    return std::clamp(std::max(options_.batch_window, 2 * round_trip_), std::chrono::milliseconds(0),
                      std::max<std::chrono::milliseconds>(options_.batch_window, kBatchWindowMax));
  }

  void schedule(FeedId id, FeedTail& feed, MonoTime now) {
    const bool full = feed.durable_events >= kBatchEventsMax || feed.durable_bytes >= kBatchPlainBytesMax;
    const bool idle = feed.sealed_at == MonoTime::min() || feed.sealed_at + window() <= now;
    const MonoTime due = full || idle ? now : feed.sealed_at + window();
    if (due >= feed.due) return;
    due_.erase({feed.due, id});
    feed.due = due;
    due_.insert({due, id});
  }

  RecordDraft draft_for(FeedId id, Bucket bucket, const FeedTail& feed, const ChainPosition& tail,
                        Timestamp wall) const {
    RecordDraft draft;
    draft.epoch = *trust_.manifest()->current_epoch(bucket);
    draft.seq = tail.seq.next();
    draft.feed = id;
    draft.feed_epoch = feed.epoch;
    draft.origin_time = std::max(wall, tail.origin_time);  // never decreases within a bucket
    draft.prev_record = tail.link;
    return draft;
  }

  // All durable events of one feed into its bucket's log, in one append: all or nothing. How many records.
  Result<std::size_t> seal_feed(FeedId id, Bucket bucket, FeedTail& feed, Timestamp wall) {
    ChainPosition tail = logs_.of(bucket).tail();
    Hash256 prev_batch = feed.prev_batch;
    std::vector<SealedRecord> sealed;
    std::vector<BatchCut> cuts;
    const auto advance = [&](SealedRecord record, const RecordDraft& draft) {
      tail.seq = draft.seq;
      tail.link = record.link;
      tail.origin_time = draft.origin_time;
      sealed.push_back(std::move(record));
    };
    if (feed.to_open) {
      RecordDraft draft = draft_for(id, bucket, feed, tail, wall);
      draft.type = RecordType::open;
      OpenNotice notice;
      notice.name = feed.to_open->name;
      notice.content_type = feed.to_open->content_type;
      notice.view = feed.to_open->view;
      advance(seal_notice(key_, trust_.zone(), draft, notice), draft);
    }
    BatchCutter cutter(feed);
    while (auto cut = cutter.next()) {
      RecordDraft draft = draft_for(id, bucket, feed, tail, wall);
      draft.first_version = cut->first;
      draft.prev_batch = prev_batch;
      draft.producers = cut->marks;
      SealedRecord record = seal_batch(key_, trust_.zone(), draft, options_.make_salt(), cut->events);
      prev_batch = record.link;
      advance(std::move(record), draft);
      cuts.push_back(std::move(*cut));
    }
    std::vector<RecordView> views;
    for (const SealedRecord& record : sealed) {
      auto view = parse_record(record.frame);
      XYLEM_ASSERT(view.has_value());
      views.push_back(*view);
    }
    if (auto appended = logs_.append(bucket, views); !appended) return fail(appended.error());
    feed.to_open.reset();
    feed.prev_batch = prev_batch;
    feed.unpublished_records += sealed.size();
    sealed_feeds_.emplace_back(id, bucket);
    for (const BatchCut& cut : cuts) {
      take(feed, cut);
      sealed_.insert(sealed_.end(), cut.requests.begin(), cut.requests.end());
    }
    return sealed.size();
  }

  Result<void> release(JournalPosition up_to) {
    if (journal_->would_remove(up_to)) {
      auto saved = producers_.save(logs_, *journal_);
      if (!saved) return fail(saved.error());
      if (!*saved) return {};  // what it would hold is not durable yet: with the next round
    }
    return journal_->release(up_to);
  }

  LogSet& logs_;
  const Trust& trust_;
  const SigningKey key_;
  const SequencerOptions options_;
  FeedBook book_;
  ProducerMemory producers_;
  std::unique_ptr<Journal> journal_;

  std::deque<Unsynced> unsynced_;                                // accepted, in journal order
  std::set<std::pair<MonoTime, FeedId>> due_;                    // feeds with durable events
  std::vector<std::pair<JournalPosition, std::size_t>> sealed_;  // records not yet published: events of each request
  std::vector<std::pair<FeedId, Bucket>> sealed_feeds_;
  std::deque<std::size_t> progress_;  // events of request progress_first_ + i that are not yet published
  JournalPosition progress_first_ = 1;
  MonoTime sealing_since_{};
  MonoTime retry_at_ = MonoTime::min();
  std::chrono::milliseconds round_trip_{0};
  Counters counters_;
};

Sequencer::Sequencer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sequencer::~Sequencer() = default;

Result<std::unique_ptr<Sequencer>> Sequencer::open(Storage& storage, LogSet& logs, const Trust& trust, SigningKey key,
                                                   const SequencerOptions& options, MonoTime now, Timestamp wall) {
  if (trust.manifest() == nullptr) return fail(ErrorCode::kConfig, "there is no manifest yet");
  auto impl = std::make_unique<Impl>(storage, logs, trust, std::move(key), options);
  if (auto started = impl->start(storage, now, wall); !started) return fail(started.error());
  return std::unique_ptr<Sequencer>(new Sequencer(std::move(impl)));
}

Result<Accepted> Sequencer::submit(const Append& request, Timestamp wall) { return impl_->submit(request, wall); }
Journal& Sequencer::journal() { return impl_->journal(); }
void Sequencer::on_journal_durable(MonoTime now) { impl_->make_durable(now); }
MonoTime Sequencer::deadline() const { return impl_->deadline(); }
Result<std::vector<Bucket>> Sequencer::seal(MonoTime now, Timestamp wall) { return impl_->seal(now, wall); }
Result<void> Sequencer::publish(MonoTime now) { return impl_->publish(now); }
std::vector<Bytes> Sequencer::beacons(Timestamp wall) { return impl_->beacons(wall); }
std::chrono::milliseconds Sequencer::clock_held(Timestamp wall) const { return impl_->clock_held(wall); }
Sequencer::Counters Sequencer::counters() const { return impl_->counters(); }

}  // namespace xylem
