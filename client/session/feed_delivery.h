// Turns a feed's verified records into events, each exactly once and in order, whatever overlap they arrive with. What
// it is given comes from a FeedChain; it opens batches, passes over what was delivered, and stops where it must.
#pragma once

#include <span>

#include "client/session/feed_event.h"
#include "proto/verify.h"

namespace xylem {

// Where a chain begins that goes on behind a cursor.
FeedPosition position_of(const FeedCursor& cursor);

class FeedDelivery {
 public:
  FeedDelivery(FeedId feed, const FeedCursor& from, std::optional<Version> until, FeedListener& listener);

  enum class Outcome : std::uint8_t {
    all,       // handed on
    withheld,  // up to a batch that the server has without its events: withheld_version()
    stopped,   // `until` was reached, or stop() called
  };
  // kBadPayload, kBadRoot: the origin itself signed what cannot be read.
  Result<Outcome> deliver(std::span<const RecordView> records);

  // Deliver the batch of withheld_version() as events without content.
  void pass_withheld() { pass_withheld_ = withheld_version_; }
  Version withheld_version() const { return withheld_version_; }
  // Everything up to the cursor is given up.
  void skip_to(const FeedCursor& cursor);
  // A notice that is below what the server holds, from a verified record; it changes nothing but what is known.
  // Once: not when it comes again, here or among the records.
  Result<void> announce(const RecordView& notice);
  void stop() { stopped_ = true; }
  bool reached_end() const { return until_ && version_ >= *until_; }

  FeedEpoch epoch() const { return epoch_; }
  Version version() const { return version_; }  // of the last event delivered
  FeedCursor cursor() const { return {epoch_, version_, cursor_hash_}; }
  // True once after records of another epoch than before.
  bool take_epoch_changed() { return std::exchange(epoch_changed_, false); }

  // The newest batch seen, to compare with another server's.
  struct Batch {
    Epoch range_epoch;
    Seq seq;
    Hash256 link{};
    Bytes header;
  };
  const std::optional<Batch>& newest_batch() const { return newest_batch_; }
  std::optional<Timestamp> newest_time() const { return newest_time_; }

 private:
  // Versions start again at 1, or go on.
  void enter_epoch(FeedEpoch epoch, bool from_the_start);
  Result<void> deliver_batch(const RecordView& record);
  Result<void> deliver_notice(const RecordView& record);
  bool was_announced(const RecordHeader& header) const;
  void deliver_items(const RecordView& record, std::span<const BatchItem> items);
  bool stopped() const { return stopped_ || reached_end(); }

  FeedId feed_;
  std::optional<Version> until_;
  FeedListener& listener_;
  bool stopped_ = false;

  FeedEpoch epoch_;
  Version version_;
  std::optional<std::uint32_t> cursor_hash_;
  bool epoch_changed_ = false;
  // Of the newest record handed on, and of the notice that was announced.
  Epoch range_epoch_, announced_range_epoch_;
  Seq seq_, announced_seq_;
  std::optional<Timestamp> newest_time_;
  std::optional<Batch> newest_batch_;
  Version withheld_version_, pass_withheld_;
};

}  // namespace xylem
