// Makes a bucket's records as an origin does: dense seqs and versions, both chains, time that goes on. What a test
// wants to be wrong it changes between two calls.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "proto/record.h"
#include "tests/unit/proto/sample_zone.h"

namespace xylem {

class RecordMaker {
 public:
  struct Feed {
    FeedEpoch epoch;
    Version version;  // last one made
    Hash256 link{};   // of its batch
  };

  explicit RecordMaker(const SampleZone& zone) : RecordMaker(zone.id, zone.origin) {}
  RecordMaker(const ZoneId& zone, const SigningKey& key) : zone_(zone), key_(&key) {}

  // `events` of one feed; returns the record's index.
  std::size_t batch(FeedId feed, std::size_t events = 1, std::size_t details_bytes = 20) {
    std::vector<std::string> details(events);
    for (std::string& each : details) each = text(details_bytes);
    return batch_of(feed, details);
  }
  std::size_t batch_of(FeedId feed, const std::vector<std::string>& details) {
    std::vector<Event> list;
    for (const std::string& each : details) list.push_back({now, "add_comment", as_bytes(each)});
    RecordDraft draft = draft_of(feed, RecordType::batch);
    draft.first_version = feeds[feed].version.next();
    const std::size_t index = keep(seal_batch(*key_, zone_, draft, Salt{7}, list));
    feeds[feed].version = feeds[feed].version.plus(details.size());
    feeds[feed].link = link;
    return index;
  }
  std::size_t notice(FeedId feed, const Notice& notice) {
    return keep(seal_notice(*key_, zone_, draft_of(feed, record_type_of(notice)), notice));
  }
  std::size_t open(FeedId feed, OpenNotice::Reason reason = OpenNotice::Reason::created) {
    OpenNotice open;
    open.content_type = "application/json";
    open.reason = reason;
    return notice(feed, open);
  }
  std::size_t redact(FeedId feed, std::vector<VersionRun> versions) {
    return notice(feed, RedactionNotice{versions.empty(), std::move(versions), RedactionReason::privacy});
  }

  // From here on under another epoch or key.
  void go_on_with(Epoch next_epoch, const SigningKey& key) {
    epoch = next_epoch;
    key_ = &key;
  }
  // The newest record gets a signature that nobody made; what follows links to it all the same.
  void forge_newest() {
    Bytes& frame = frames.back();
    Bytes body(frame.begin() + kEnvelopeBytes, frame.end());
    body[kSignedHeaderBytes] ^= 1;
    frame.clear();
    append_frame(frame, FrameType::record, RecordForm::full, body);
    link = link_of(decode_header(body).value());
    if (record(frames.size() - 1).header().is_batch()) feeds[record(frames.size() - 1).header().feed].link = link;
  }

  // Views into `frames`.
  RecordView record(std::size_t index) const { return parse_record(ByteView(frames[index])).value(); }
  std::vector<RecordView> records(std::size_t first = 0, std::size_t count = std::string::npos) const {
    std::vector<RecordView> views;
    for (std::size_t i = first; i < frames.size() && i - first < count; ++i) views.push_back(record(i));
    return views;
  }
  ChainPosition position() const { return {true, epoch, seq, link, last_time_}; }

  // The state that the next record is made from.
  Epoch epoch = kSampleEpoch;
  Seq seq;  // of the newest record
  Hash256 link{};
  Timestamp now = from_ms(kSampleEpoch.value);
  std::map<FeedId, Feed> feeds;
  std::deque<Bytes> frames;
  bool noisy = false;  // details that hardly compress: records are about as large as they seem

 private:
  std::string text(std::size_t bytes) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text(bytes, 'd');
    if (noisy) std::ranges::generate(text, [&] { return kLetters[random_() % kLetters.size()]; });
    return text;
  }
  RecordDraft draft_of(FeedId feed, RecordType type) {
    Feed& state = feeds[feed];
    if (state.epoch.value == 0) state.epoch = FeedEpoch(kSampleEpoch.value);
    RecordDraft draft;
    draft.type = type;
    draft.epoch = epoch;
    draft.seq = seq.next();
    draft.feed = feed;
    draft.feed_epoch = state.epoch;
    draft.origin_time = now;
    draft.prev_record = link;
    draft.prev_batch = state.link;
    return draft;
  }
  std::size_t keep(SealedRecord sealed) {
    frames.push_back(std::move(sealed.frame));
    link = sealed.link;
    seq = seq.next();
    last_time_ = now;
    now += std::chrono::milliseconds(10);
    return frames.size() - 1;
  }

  ZoneId zone_;
  const SigningKey* key_;
  Timestamp last_time_{};
  std::mt19937 random_{1};
};

}  // namespace xylem
