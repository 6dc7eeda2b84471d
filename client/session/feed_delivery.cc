#include "client/session/feed_delivery.h"

#include <tuple>

namespace xylem {

FeedPosition position_of(const FeedCursor& cursor) {
  FeedPosition position;
  position.epoch = cursor.epoch;
  position.version = cursor.version;
  position.cursor_hash = cursor.hash;
  return position;
}

FeedDelivery::FeedDelivery(FeedId feed, const FeedCursor& from, std::optional<Version> until, FeedListener& listener)
    : feed_(feed),
      until_(until),
      listener_(listener),
      epoch_(from.epoch),
      version_(from.version),
      cursor_hash_(from.hash) {}

void FeedDelivery::skip_to(const FeedCursor& cursor) {
  epoch_ = cursor.epoch;
  version_ = cursor.version;
  cursor_hash_ = cursor.hash;
}

Result<FeedDelivery::Outcome> FeedDelivery::deliver(std::span<const RecordView> records) {
  const RecordView* newest_batch = nullptr;
  for (const RecordView& record : records) {
    if (stopped()) return Outcome::stopped;
    const RecordHeader& header = record.header();
    if (std::tie(header.epoch, header.seq) <= std::tie(range_epoch_, seq_)) continue;

    if (record.form == RecordForm::withheld && header.last_version() > version_ &&
        pass_withheld_ != header.first_version) {
      withheld_version_ = header.first_version;
      return Outcome::withheld;
    }
    listener_.on_record(record);
    if (stopped_) return Outcome::stopped;
    auto delivered = header.is_batch() ? deliver_batch(record) : deliver_notice(record);
    if (!delivered) return fail(delivered.error());
    range_epoch_ = header.epoch;
    seq_ = header.seq;
    newest_time_ = std::max(newest_time_.value_or(header.origin_time), header.origin_time);
    if (header.is_batch()) newest_batch = &record;
  }
  if (newest_batch != nullptr) {
    const DecodedHeader& decoded = newest_batch->decoded;
    newest_batch_ =
        Batch{range_epoch_, decoded.header.seq, link_of(decoded), Bytes(decoded.all.begin(), decoded.all.end())};
  }
  return stopped() ? Outcome::stopped : Outcome::all;
}

void FeedDelivery::enter_epoch(FeedEpoch epoch, bool from_the_start) {
  if (epoch <= epoch_) return;
  epoch_changed_ = epoch_.value != 0;
  epoch_ = epoch;
  if (!from_the_start) return;
  version_ = Version();
  cursor_hash_.reset();
}

Result<void> FeedDelivery::deliver_batch(const RecordView& record) {
  const RecordHeader& header = record.header();
  enter_epoch(header.feed_epoch, false);
  if (header.last_version() <= version_) return {};
  cursor_hash_ = ByteReader(link_of(record.decoded)).u32();
  if (record.form == RecordForm::withheld) {
    deliver_items(record, std::vector<BatchItem>(header.event_count));
    return {};
  }
  const auto batch = open_batch(record);
  if (!batch) return fail(batch.error());
  deliver_items(record, batch->items);
  return {};
}

void FeedDelivery::deliver_items(const RecordView& record, std::span<const BatchItem> items) {
  const RecordHeader& header = record.header();
  FeedEvent event;
  event.feed = feed_;
  event.epoch = header.feed_epoch;
  event.origin_time = header.origin_time;
  for (std::size_t i = 0; i < items.size() && !stopped(); ++i) {
    event.version = header.first_version.plus(i);
    if (event.version <= version_) continue;
    const bool there = items[i].has_value();
    event.withheld = !there && record.form == RecordForm::withheld;
    event.removed = !there && !event.withheld;
    event.time = there ? items[i]->time : header.origin_time;
    event.kind = there ? items[i]->kind : std::string_view();
    event.details = there ? items[i]->details : ByteView();
    version_ = event.version;
    event.cursor = cursor();
    listener_.on_event(event);
  }
}

bool FeedDelivery::was_announced(const RecordHeader& header) const {
  return header.epoch == announced_range_epoch_ && header.seq == announced_seq_;
}

Result<void> FeedDelivery::announce(const RecordView& notice) {
  if (was_announced(notice.header()) || notice.header().feed_epoch < epoch_) return {};
  auto delivered = deliver_notice(notice);
  if (!delivered) return delivered;
  announced_range_epoch_ = notice.header().epoch;
  announced_seq_ = notice.header().seq;
  return {};
}

Result<void> FeedDelivery::deliver_notice(const RecordView& record) {
  const RecordHeader& header = record.header();
  if (header.type == RecordType::open) enter_epoch(header.feed_epoch, header.prev_batch == Hash256{});
  if (was_announced(header)) return {};
  auto notice = open_notice(record);
  if (!notice) return fail(notice.error());
  listener_.on_notice({feed_, header.feed_epoch, header.seq, header.origin_time, std::move(*notice)});
  return {};
}

}  // namespace xylem
