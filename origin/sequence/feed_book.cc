#include "origin/sequence/feed_book.h"

namespace xylem {

FeedBook::FeedBook(LogSet& logs) {
  for (std::uint32_t b = logs.range().first.value; b <= logs.range().last.value; ++b) {
    const Bucket bucket(static_cast<std::uint16_t>(b));
    readers_.emplace(bucket, std::make_unique<LogReader>(logs.of(bucket)));
  }
}

Result<FeedTail*> FeedBook::find(FeedId feed, Bucket bucket) {
  if (auto found = feeds_.find(feed); found != feeds_.end()) return &found->second;
  auto tail = read(feed, bucket);
  readers_.at(bucket)->quiescent();
  if (!tail) return fail(tail.error());
  return &feeds_.emplace(feed, std::move(*tail)).first->second;
}

Result<FeedTail> FeedBook::read(FeedId feed, Bucket bucket) {
  const LogReader& log = *readers_.at(bucket);
  FeedTail tail;
  const auto state = log.feed(feed);
  if (!state) return tail;
  tail.epoch = state->epoch;
  tail.assigned = state->last_version;
  tail.prev_batch = state->newest_batch_link;
  tail.closed = state->close.value != 0;
  tail.erased = state->erase.value != 0;
  auto frame = log.notice(feed, RecordType::open);
  if (!frame) return fail(frame.error());
  auto record = parse_record(*frame);
  if (!record) return fail(record.error());
  auto notice = open_notice(*record);
  if (!notice) return fail(notice.error());
  const auto& open = std::get<OpenNotice>(*notice);
  tail.name = open.name;
  tail.content_type = open.content_type;
  return tail;
}

void FeedBook::trim(std::size_t feeds_max) {
  if (feeds_.size() <= feeds_max) return;
  std::erase_if(feeds_, [](const auto& item) {
    return item.second.waiting.empty() && !item.second.to_open && item.second.unpublished_records == 0;
  });
}

}  // namespace xylem
