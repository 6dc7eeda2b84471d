// Records for logs by the hundred thousand: headers as an origin makes them, with both links, but without signatures,
// as a log looks at none. Feeds are integers of bucket 5.
#pragma once

#include <algorithm>
#include <map>

#include "proto/record.h"
#include "relay/log/bucket_log.h"

namespace xylem {

inline constexpr Bucket kLogBucket{5};
inline FeedId log_feed(std::uint64_t number) { return FeedId(12 * number + 5); }

class LogMaker {
 public:
  struct Made {
    Bytes frame;
    Hash256 link{};
  };
  struct Feed {
    FeedEpoch epoch{1'700'000'000'000};
    Version version;
    Hash256 link{};
  };

  explicit LogMaker(Seq first = Seq(1)) : next(first) {}
  LogMaker(LogMaker&&) = default;
  LogMaker(const LogMaker&) = delete;

  const Bytes& batch(FeedId feed, std::size_t events = 1, std::size_t payload_bytes = 40) {
    Feed& state = feeds[feed];
    RecordHeader header = header_of(feed, RecordType::batch, payload_bytes);
    header.first_version = state.version.next();
    header.event_count = static_cast<std::uint16_t>(events);
    const Bytes& frame = keep(header, payload_bytes);
    state.version = header.last_version();
    state.link = link;
    return frame;
  }
  const Bytes& notice(FeedId feed, RecordType type, std::size_t payload_bytes = 24) {
    return keep(header_of(feed, type, payload_bytes), payload_bytes);
  }
  // A new feed epoch that goes on with the versions before it.
  const Bytes& next_epoch(FeedId feed) {
    feeds[feed].epoch = FeedEpoch(feeds[feed].epoch.value + 1);
    return notice(feed, RecordType::open);
  }
  // The feed was erased and is opened again: versions begin anew.
  const Bytes& reopen(FeedId feed) {
    feeds[feed] = {FeedEpoch(feeds[feed].epoch.value + 1), {}, {}};
    return notice(feed, RecordType::open);
  }

  // Of frames[from] on.
  std::span<const RecordView> views(std::size_t from = 0, std::size_t count = SIZE_MAX) const {
    return std::span(records).subspan(from, std::min(count, records.size() - from));
  }
  const RecordHeader& header(std::size_t i) const { return records[i].header(); }

  // State that the next record is made from.
  Seq next;
  Epoch epoch{1'700'000'000'000};
  Hash256 link{};
  std::uint64_t time_ms = 1'700'000'000'000;
  std::map<FeedId, Feed> feeds;
  std::vector<Bytes> frames;
  std::vector<RecordView> records;  // views into the frames' bytes

 private:
  RecordHeader header_of(FeedId feed, RecordType type, std::size_t payload_bytes) {
    const Feed& state = feeds[feed];
    RecordHeader header;
    header.type = type;
    header.epoch = epoch;
    header.seq = next;
    header.feed = feed;
    header.feed_epoch = state.epoch;
    header.origin_time = from_ms(time_ms++);
    header.prev_record = link;
    header.prev_batch = state.link;
    header.wire_bytes = header.plain_bytes = static_cast<std::uint32_t>(payload_bytes);
    return header;
  }
  const Bytes& keep(const RecordHeader& header, std::size_t payload_bytes) {
    const auto signed_bytes = encode_signed_header(header, 0);
    Bytes body(signed_bytes.begin(), signed_bytes.end());
    body.resize(kHeaderBytes + payload_bytes, static_cast<std::uint8_t>(header.seq.value));
    Bytes frame;
    append_frame(frame, FrameType::record, RecordForm::full, body);
    frames.push_back(std::move(frame));
    records.push_back(parse_record(frames.back()).value());
    link = link_of(decode_header(body).value());
    next = next.next();
    return frames.back();
  }
};

inline RecordView view_of(const Bytes& frame) { return parse_record(frame).value(); }

// Appends what was made since, and makes it visible.
inline Result<void> append_and_publish(BucketLog& log, const LogMaker& maker, std::size_t from,
                                       std::size_t count = SIZE_MAX) {
  const auto views = maker.views(from, count);
  if (auto ok = log.append(views); !ok) return ok;
  log.publish();
  return {};
}

// Every byte of the window, through the reader: hot where it is, else from files.
inline Bytes all_bytes(const LogReader& reader, std::size_t run_bytes = 64 * kKiB) {
  Bytes bytes;
  const LogWindow window = reader.window();
  for (Seq seq = window.floor; seq <= window.head;) {
    if (const auto hot = reader.hot_run(seq, run_bytes)) {
      bytes.insert(bytes.end(), hot->bytes.begin(), hot->bytes.end());
      seq = hot->last.next();
      continue;
    }
    const ColdRun cold = reader.cold_run(seq, run_bytes).value();
    const std::size_t before = bytes.size();
    bytes.resize(before + cold.bytes);
    XYLEM_ASSERT(read_exactly(*cold.file, cold.offset, std::span(bytes).subspan(before)));
    seq = cold.last.next();
  }
  return bytes;
}

inline Bytes joined(const std::vector<Bytes>& frames, std::size_t from = 0, std::size_t count = SIZE_MAX) {
  Bytes bytes;
  for (std::size_t i = from; i < frames.size() && i - from < count; ++i) {
    bytes.insert(bytes.end(), frames[i].begin(), frames[i].end());
  }
  return bytes;
}

}  // namespace xylem
