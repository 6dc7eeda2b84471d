#include "relay/log/segment.h"

#include <algorithm>

namespace xylem {

const Segment* SegmentList::segment_of(Seq seq) const {
  const auto after = std::upper_bound(segments.begin(), segments.end(), seq,
                                      [](Seq wanted, const auto& segment) { return wanted < segment->first; });
  return after == segments.begin() ? nullptr : std::prev(after)->get();
}

std::optional<RecordPlace> SegmentList::published(Seq seq) const {
  const Segment* segment = segment_of(seq);
  if (segment == nullptr || seq.value - segment->first.value >= segment->index.published()) return std::nullopt;
  return RecordPlace{segment, static_cast<std::size_t>(seq.value - segment->first.value)};
}

std::optional<RecordPlace> SegmentList::appended(Seq seq) const {
  const Segment* segment = segment_of(seq);
  if (segment == nullptr || seq.value - segment->first.value >= segment->index.size()) return std::nullopt;
  return RecordPlace{segment, static_cast<std::size_t>(seq.value - segment->first.value)};
}

}  // namespace xylem
