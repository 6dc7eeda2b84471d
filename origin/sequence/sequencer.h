// The sequencer: gives every accepted event its version, and every record its place (spec §2, §8). It is the only
// writer of its range, and a core: it takes the time as an argument, and whoever drives it decides where the waiting
// for disks is done.
//
//   submit ─> journal ─(durable)─> acknowledged ─> batch window ─> seal ─> log ─(durable)─> publish
//
// Acknowledgement never waits for a batch window; visibility never comes before the record's fsync. An idle feed's
// first event is sealed as soon as it is durable; a busy feed every window; before a batch would pass 32 KiB plain or 1
// 024 events. What is durable in the journal is sealed after a crash with the same versions, times and bytes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "origin/sequence/journal.h"
#include "origin/sequence/journal_entry.h"
#include "proto/mono_time.h"
#include "proto/record.h"
#include "proto/verify.h"
#include "relay/log/log_set.h"

namespace xylem {

// A salt that nobody can guess.
Salt random_salt();

struct SequencerOptions {
  std::chrono::milliseconds batch_window = kBatchWindowDefault;  // per feed up to kBatchWindowMax when it is very busy
  std::chrono::hours producer_kept{24 * 7};                      // after its last use
  std::size_t producers_max = 1'000'000;
  std::size_t feeds_in_memory_max = 100'000;  // idle ones go and are looked up in the log again
  std::size_t seal_records_max = 4096;        // of one round: bounds its memory and its fsync
  JournalOptions journal;
  // Of each batch: without it nobody can test a guess of an event that was taken out (spec §2.4).
  std::function<Salt()> make_salt = random_salt;
};

struct NewEvent {
  std::optional<Timestamp> time;  // absent: acceptance
  std::string kind;
  Bytes details;
};

// One request: accepted whole or refused whole.
struct Append {
  FeedId feed;
  std::string name;          // empty when the poster gave only the number
  std::string content_type;  // of the feed when this opens it; must agree when it is open (empty = whatever it is)
  std::string view;
  std::vector<NewEvent> events;
  std::optional<ProducerNumber> producer;
};

struct Accepted {
  JournalPosition position = 0;  // acknowledge when the journal is durable up to here; a duplicate's is the original's
  FeedEpoch epoch;
  // Of this request's events; a duplicate of the producer's newest request gets those of the first time, one of an
  // older request zeros (they are not kept).
  Version first;
  Version last;
  bool duplicate = false;
  bool opened = false;  // the feed began with this request
};

class Sequencer {
 public:
  // Reads journal and producer table, seals what was durable and unsealed at once (same versions, times and bytes).
  // kCorrupt, kIo; kNoGrant when `key` has no open grant for the whole range in the manifest's current epoch.
  static Result<std::unique_ptr<Sequencer>> open(Storage& storage, LogSet& logs, const Trust& trust, SigningKey key,
                                                 const SequencerOptions& options, MonoTime now, Timestamp wall);
  ~Sequencer();

  // kWrongRange, kNameDiffers, kContentTypeDiffers, kBadEvent, kEventTooLarge, kRequestTooLarge, kFeedClosed,
  // kFeedDeleted, kProducerStale, kProducerGap, kOverloaded, kDiskFull, kIo.
  Result<Accepted> submit(const Append& request, Timestamp wall);

  Journal& journal();
  // After the journal's end_sync: what became durable may be sealed from now on.
  void on_journal_durable(MonoTime now);

  // Seals what is due, and as the fsync is the same what will be within half a window, into the logs (appended, neither
  // synced nor visible) and says which buckets were touched, in order. Nothing before the deadline. Then the caller
  // syncs these logs (on any thread; nothing else may happen to the logs meanwhile) and calls publish(): visible, and
  // the journal is released up to there. After an error of seal() what was not sealed stays waiting and is tried again
  // a second later. After a failed sync of a log nobody knows what the disk holds: the program must end, and its next
  // start finds out (everything acknowledged is in the journal).
  MonoTime deadline() const;  // kNever between a seal() that touched something and its publish()
  Result<std::vector<Bucket>> seal(MonoTime now, Timestamp wall);
  Result<void> publish(MonoTime now);

  // Signed words about every bucket's published head, in bucket order (beacon.h).
  std::vector<Bytes> beacons(Timestamp wall);
  // The wall clock stepped back behind what was signed: how far (held until it catches up; reported by the shell).
  std::chrono::milliseconds clock_held(Timestamp wall) const;

  struct Counters {
    std::uint64_t requests = 0, duplicates = 0, events = 0, records = 0;
    std::uint64_t events_waiting = 0;  // durable or not, not yet published
  };
  Counters counters() const;

 private:
  class Impl;
  explicit Sequencer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
