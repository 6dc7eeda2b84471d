#include "origin/drill/witness.h"

#include <fmt/format.h>

#include <algorithm>

namespace xylem {

void Witness::violate(std::string text) {
  if (!violation_) violation_ = std::move(text);
}

// --- the site and its origins ---

void Witness::on_post(FeedId feed, const NewEvent& event) {
  posted_[feed].push_back(event);
  ++counts_.events_posted;
}

void Witness::on_accepted(FeedId feed, Version first, Version last) {
  Version& before = accepted_[feed];
  if (first != before.next() || last != posted(feed)) {
    violate(fmt::format("feed {}: versions {} to {} were acknowledged for what is {} to {}", feed.value, first.value,
                        last.value, before.value + 1, posted(feed).value));
  }
  before = last;
}

void Witness::on_origin_record(Bucket bucket, Seq seq, ByteView frame) {
  std::vector<Bytes>& records = records_[bucket];
  if (seq.value <= records.size()) {
    if (!std::ranges::equal(frame, records[seq.value - 1])) {
      violate(fmt::format("the origin of bucket {} shows seq {} with another content than before", bucket.value,
                          seq.value));
    }
    return;
  }
  if (seq.value != records.size() + 1) {
    violate(fmt::format("the origin of bucket {} shows seq {} after {}", bucket.value, seq.value, records.size()));
  }
  records.emplace_back(frame.begin(), frame.end());
  ++counts_.records_signed;
}

void Witness::on_origin_started(Bucket bucket, Seq head) {
  if (head.value >= records_[bucket].size()) return;
  violate(fmt::format("the origin of bucket {} starts with seq {}, but has shown {}", bucket.value, head.value,
                      records_[bucket].size()));
}

// --- those below ---

void Witness::on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) {
  const std::vector<Bytes>& records = records_[bucket];
  ++counts_.records_relayed;
  if (seq.value > records.size()) {
    return violate(
        fmt::format("{} shows seq {} of bucket {}, which its origin has not", relay, seq.value, bucket.value));
  }
  if (std::ranges::equal(frame, records[seq.value - 1])) return;
  violate(fmt::format("{} shows seq {} of bucket {} with other bytes than its origin", relay, seq.value, bucket.value));
}

void Witness::on_reading(std::string_view reader, FeedId feed, Version behind) {
  readings_[std::string(reader)] = {feed, behind};
}

void Witness::on_event(std::string_view reader, const FeedEvent& event) {
  Reading& reading = readings_.find(reader)->second;
  ++counts_.events_read;
  if (event.feed != reading.feed || event.version != reading.last.next()) {
    return violate(fmt::format("{} is given version {} of feed {} after version {} of feed {}", reader,
                               event.version.value, event.feed.value, reading.last.value, reading.feed.value));
  }
  reading.last = event.version;
  const std::vector<NewEvent>& posted = posted_[event.feed];
  if (event.version.value > posted.size()) {
    return violate(fmt::format("{} is given version {} of feed {}, which nobody posted", reader, event.version.value,
                               event.feed.value));
  }
  const NewEvent& original = posted[event.version.value - 1];
  const bool same = event.kind == original.kind && std::ranges::equal(event.details, original.details) &&
                    event.time == original.time && !event.removed && !event.withheld;
  if (same) return;
  violate(fmt::format("{} is given version {} of feed {} with another content than was posted", reader,
                      event.version.value, event.feed.value));
}

void Witness::on_given_up(std::string_view reader, const Error& error) {
  violate(fmt::format("{} gave up: {}", reader, error.message()));
}

// --- the end ---

Version Witness::posted(FeedId feed) const {
  const auto found = posted_.find(feed);
  return found == posted_.end() ? Version() : Version(found->second.size());
}

Version Witness::read(std::string_view reader) const {
  const auto found = readings_.find(reader);
  return found == readings_.end() ? Version() : found->second.last;
}

Bytes Witness::records_from(Bucket bucket, Seq first) const {
  Bytes all;
  const auto found = records_.find(bucket);
  if (found == records_.end()) return all;
  for (std::size_t i = first.value - 1; i < found->second.size(); ++i) {
    all.insert(all.end(), found->second[i].begin(), found->second[i].end());
  }
  return all;
}

}  // namespace xylem
