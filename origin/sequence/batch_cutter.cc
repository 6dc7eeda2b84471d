#include "origin/sequence/batch_cutter.h"

#include <algorithm>

namespace xylem {
namespace {

constexpr std::size_t kEventLengthBytes = 4;

std::size_t plain_bytes(const AcceptedEvent& event) {
  return kEventLengthBytes + encoded_event_bytes(event.kind.size(), event.details.size());
}

ProducerMark* mark_of(BatchCut& cut, const WaitingRequest::Producer& producer) {
  auto found = std::find_if(cut.marks.begin(), cut.marks.end(),
                            [&](const ProducerMark& mark) { return mark.id_hash == producer.id; });
  if (found != cut.marks.end()) return &*found;
  if (cut.marks.size() == kProducerMarksMax) return nullptr;
  ProducerMark& mark = cut.marks.emplace_back();
  mark.id_hash = producer.id;
  return &mark;
}

}  // namespace

std::optional<BatchCut> BatchCutter::next() {
  if (left_ == 0) return std::nullopt;
  BatchCut cut;
  std::size_t bytes = sizeof(Salt);
  while (left_ > 0 && cut.events.size() < kBatchEventsMax) {
    const WaitingRequest& request = feed_.waiting[request_];
    const std::size_t index = request.taken + event_;
    const AcceptedEvent& event = request.events[index];
    bytes += plain_bytes(event);
    if (!cut.events.empty() && bytes > kBatchPlainBytesMax) break;
    if (request.producer) {
      ProducerMark* mark = mark_of(cut, *request.producer);
      if (mark == nullptr) break;
      mark->producer_epoch = request.producer->epoch;
      mark->last_seq = request.producer->seq;
      mark->last_version = request.first.plus(index);
      mark->events = request.producer->taken_before + static_cast<std::uint32_t>(index) + 1;
    }
    if (cut.events.empty()) cut.first = request.first.plus(index);
    cut.events.push_back({event.time, event.kind, event.details});
    if (cut.requests.empty() || cut.requests.back().first != request.position)
      cut.requests.emplace_back(request.position, 0);
    ++cut.requests.back().second;
    --left_;
    if (++event_ + request.taken == request.events.size()) {
      ++request_;
      event_ = 0;
    }
  }
  return cut;
}

void take(FeedTail& feed, const BatchCut& cut) {
  for (const auto& [position, count] : cut.requests) {
    WaitingRequest& request = feed.waiting.front();
    XYLEM_ASSERT(request.position == position);
    request.taken += count;
    if (request.taken == request.events.size()) feed.waiting.pop_front();
  }
  std::size_t bytes = 0;
  for (const Event& event : cut.events) bytes += encoded_event_bytes(event.kind.size(), event.details.size());
  feed.durable_bytes -= std::min(bytes, feed.durable_bytes);
  feed.durable_events -= cut.events.size();
  feed.waiting_events -= cut.events.size();
}

}  // namespace xylem
