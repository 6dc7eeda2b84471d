#include "client/session/subscriptions.h"

#include <algorithm>

namespace xylem {

// While one exists, streams that a listener removes stay valid for whoever is working on them.
class Subscriptions::Call {
 public:
  explicit Call(Subscriptions& owner) : owner_(owner) { ++owner_.calls_; }
  ~Call() {
    if (--owner_.calls_ == 0) owner_.removed_.clear();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Subscriptions& owner_;
};

namespace {

bool is_feed(const StreamKey& key) { return std::holds_alternative<FeedId>(key); }

void append(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Cuts `keys` into frames of at most kSubscriptionsPerFrameMax; `add` puts one key into a frame.
template <typename Frame, typename Add>
void append_frames(Bytes& out, const std::set<StreamKey>& keys, Add add) {
  Frame frame;
  std::size_t count = 0;
  for (const StreamKey& key : keys) {
    add(frame, key);
    if (++count % kSubscriptionsPerFrameMax != 0 && count != keys.size()) continue;
    append(out, encode(frame));
    frame = {};
  }
}

}  // namespace

Subscriptions::Subscriptions(const Trust& trust, RedactionBook& redactions, UpstreamListener& listener)
    : trust_(trust), redactions_(redactions), listener_(listener) {}

// --- Which there are ---

Result<void> Subscriptions::admit(const StreamKey& key) {
  remove(key);
  if (!streams_.empty() && is_feed(streams_.begin()->first) != is_feed(key)) {
    return fail(ErrorCode::kUsage, "a session has either buckets or feeds");
  }
  if (streams_.size() + retired_.size() >= kSubscriptionsMax) return fail(ErrorCode::kTooMany, "subscriptions");
  return {};
}

void Subscriptions::announce(const StreamKey& key) {
  to_announce_.insert(key);
  const auto retired = retired_.find(key);
  if (retired != retired_.end()) streams_.at(key).fence = retired->second;
}

Result<void> Subscriptions::add(Bucket bucket, const ChainPosition& from) {
  if (auto admitted = admit(bucket); !admitted) return admitted;
  streams_.try_emplace(bucket, trust_, bucket, from);
  announce(bucket);
  return {};
}

Result<void> Subscriptions::add(const FeedSubscription& asked, const FeedPosition& from) {
  if (auto admitted = admit(asked.feed); !admitted) return admitted;
  streams_.try_emplace(asked.feed, trust_, asked.feed, from, asked);
  announce(asked.feed);
  return {};
}

void Subscriptions::remove(const StreamKey& key) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;
  RecordStream& stream = found->second;
  stream.removed = true;
  held_back_bytes_ -= stream.held_back.size();
  std::erase(collected_, &stream);
  auto node = streams_.extract(found);
  if (calls_ > 0) removed_.push_back(std::move(node));

  if (to_announce_.erase(key) > 0) return;
  to_retract_.insert(key);
  retired_[key] = next_fence_;
}

const RecordStream* Subscriptions::find(const StreamKey& key) const {
  const auto found = streams_.find(key);
  return found == streams_.end() ? nullptr : &found->second;
}

Bytes Subscriptions::take_requests() {
  Bytes out;
  append_frames<Unsubscribe>(out, to_retract_, [](Unsubscribe& frame, const StreamKey& key) {
    is_feed(key) ? frame.feeds.push_back(std::get<FeedId>(key)) : frame.buckets.push_back(std::get<Bucket>(key));
  });
  if (!to_retract_.empty()) append(out, encode(Ping{next_fence_++}));
  append_frames<Subscribe>(out, to_announce_, [this](Subscribe& frame, const StreamKey& key) {
    const RecordStream& stream = streams_.at(key);
    is_feed(key) ? frame.feeds.push_back(stream.feed_subscription()) : frame.buckets.push_back(stream.bucket_cursor());
  });
  to_retract_.clear();
  to_announce_.clear();
  return out;
}

void Subscriptions::on_pong(std::uint64_t token) {
  if ((token & kFenceBit) == 0) return;
  std::erase_if(retired_, [&](const auto& entry) { return entry.second == token; });
  for (auto& [key, stream] : streams_) {
    if (stream.fence == token) stream.fence.reset();
  }
}

Bucket Subscriptions::bucket_of(const StreamKey& key) const {
  return is_feed(key) ? trust_.bucket_of(std::get<FeedId>(key)) : std::get<Bucket>(key);
}

RecordStream* Subscriptions::stream_of(const StreamKey& key) {
  const auto found = streams_.find(key);
  return found == streams_.end() || found->second.fence ? nullptr : &found->second;
}

RecordStream* Subscriptions::stream_of(const RecordHeader& header) {
  if (streams_.empty() || trust_.manifest() == nullptr) return nullptr;
  return is_feed(streams_.begin()->first) ? stream_of(StreamKey(header.feed))
                                          : stream_of(StreamKey(trust_.bucket_of(header.feed)));
}

// --- What arrives ---

Result<void> Subscriptions::add_record(const Envelope& frame) {
  const Call call(*this);
  auto record = parse_record(frame);
  if (!record) return fail(record.error());
  RecordStream* stream = stream_of(record->header());
  return stream == nullptr ? Result<void>{} : collect(*stream, *record);
}

Result<void> Subscriptions::collect(RecordStream& stream, const RecordView& record) {
  if (waits(stream)) return hold_back(stream, record.frame);
  if (stream.is_repeat(record.header())) return {};
  const bool full =
      stream.group.size() == kChunkRecordsMax || stream.group_bytes + record.frame.size() > kChunkBytesMax;
  if (full && !stream.group.empty()) {
    if (auto verified = verify(stream); !verified) return verified;
    return stream.removed ? Result<void>{} : collect(stream, record);
  }
  if (stream.group.empty()) collected_.push_back(&stream);
  stream.group.push_back(record);
  stream.group_bytes += record.frame.size();
  return {};
}

Result<void> Subscriptions::flush() {
  const Call call(*this);
  while (!collected_.empty()) {
    if (auto verified = verify(*collected_.front()); !verified) return verified;
  }
  return {};
}

Result<void> Subscriptions::verify(RecordStream& stream) {
  const Call call(*this);
  if (stream.group.empty()) return {};
  std::erase(collected_, &stream);
  const std::vector<RecordView> records = std::exchange(stream.group, {});
  stream.group_bytes = 0;

  const Bucket bucket = bucket_of(stream.key());
  const RedactionKnown known = [&](FeedId feed, Seq seq) -> std::optional<RedactionNotice> {
    const auto held = redactions_.find(bucket, seq);
    return held && held->feed == feed ? std::optional(held->notice) : std::nullopt;
  };
  if (auto accepted = stream.accept(records, known); !accepted) {
    return keep_until_known(stream, records, accepted.error());
  }
  if (auto noted = note_redactions(bucket, records); !noted) return noted;
  hand_on(stream, records);
  return {};
}

Result<void> Subscriptions::keep_until_known(RecordStream& stream, std::span<const RecordView> records,
                                             const Rejected& rejected) {
  if (rejected.error.code != ErrorCode::kNotHeld || rejected.missing_redactions.empty()) return fail(rejected.error);
  const Bucket bucket = bucket_of(stream.key());
  for (const Seq seq : rejected.missing_redactions) {
    if (redactions_.find(bucket, seq)) {
      return fail(ErrorCode::kBadPayload, "a record names the redaction of another feed");
    }
    stream.missing.insert(seq);
    const std::pair place(bucket, seq);
    if (std::ranges::find(missing_, place) == missing_.end()) missing_.push_back(place);
  }
  for (const RecordView& record : records) {
    if (auto held = hold_back(stream, record.frame); !held) return held;
  }
  return {};
}

Result<void> Subscriptions::note_redactions(Bucket bucket, std::span<const RecordView> records) {
  for (const RecordView& record : records) {
    if (record.header().type != RecordType::redaction) continue;
    auto notice = open_notice(record);
    if (!notice) return fail(notice.error());
    redactions_.add(bucket, record.header().seq, {record.header().feed, std::get<RedactionNotice>(*notice)});
  }
  return {};
}

void Subscriptions::hand_on(const RecordStream& stream, std::span<const RecordView> records) {
  if (const auto* feed = std::get_if<FeedId>(&stream.key())) {
    listener_.on_feed_records(*feed, records);
  } else {
    listener_.on_bucket_records(std::get<Bucket>(stream.key()), records);
  }
}

Result<bool> Subscriptions::is_turn_of(RecordStream& stream, const Envelope& frame) {
  if (auto verified = verify(stream); !verified) return fail(verified.error());
  if (stream.removed) return false;
  if (!waits(stream)) return true;
  if (auto held = hold_back(stream, frame.frame); !held) return fail(held.error());
  return false;
}

Result<void> Subscriptions::add_status(const Status& status, const Envelope& frame) {
  const Call call(*this);
  RecordStream* stream = stream_of(status.bucket ? StreamKey(*status.bucket) : StreamKey(status.feed));
  if (stream == nullptr) return {};
  const auto turn = is_turn_of(*stream, frame);
  if (!turn) return fail(turn.error());
  if (*turn) listener_.on_status(status);
  return {};
}

Result<void> Subscriptions::add_skipped(const Skipped& skipped, const Envelope& frame) {
  const Call call(*this);
  RecordStream* stream = stream_of(StreamKey(skipped.feed));
  if (stream == nullptr) return {};
  const auto turn = is_turn_of(*stream, frame);
  if (!turn) return fail(turn.error());
  if (!*turn) return {};
  // What comes now leaves a gap: whoever wants the feed subscribes again from where it stood.
  remove(StreamKey(skipped.feed));
  listener_.on_skipped(skipped);
  return {};
}

Result<void> Subscriptions::add_fetched(FeedId feed, ByteView frames) {
  const Call call(*this);
  RecordStream* stream = stream_of(StreamKey(feed));
  if (stream == nullptr) return {};
  while (!frames.empty()) {
    const auto frame = parse_envelope(frames);
    if (!frame) return fail(frame.error());
    if (!*frame || (*frame)->type != FrameType::record) return fail(ErrorCode::kBadFrame, "in a fetched range");
    auto record = parse_record(**frame);
    if (!record) return fail(record.error());
    if (record->header().feed != feed) return fail(ErrorCode::kBadFrame, "another feed in a fetched range");
    if (auto collected = collect(*stream, *record); !collected) return collected;
    frames = frames.subspan((*frame)->frame.size());
  }
  return verify(*stream);
}

// --- What must wait ---

Result<void> Subscriptions::hold_back(RecordStream& stream, ByteView frame) {
  if (held_back_bytes_ + frame.size() > kHeldBackBytesMax) {
    return fail(ErrorCode::kTooMany, "records that wait for a redaction or a manifest");
  }
  stream.held_back.insert(stream.held_back.end(), frame.begin(), frame.end());
  held_back_bytes_ += frame.size();
  return {};
}

Result<void> Subscriptions::hold(bool on) {
  const Call call(*this);
  if (on) {
    if (auto flushed = flush(); !flushed) return flushed;
  }
  hold_ = on;
  if (on) return {};
  std::vector<RecordStream*> waiting;
  for (auto& [key, stream] : streams_) {
    if (stream.missing.empty() && !stream.held_back.empty()) waiting.push_back(&stream);
  }
  for (RecordStream* stream : waiting) {
    if (auto resumed = resume(*stream); !resumed) return resumed;
  }
  return {};
}

std::vector<std::pair<Bucket, Seq>> Subscriptions::take_missing() { return std::exchange(missing_, {}); }

Result<void> Subscriptions::on_redaction(Bucket bucket, Seq seq) {
  const Call call(*this);
  std::vector<RecordStream*> complete;
  for (auto& [key, stream] : streams_) {
    if (stream.missing.contains(seq) && bucket_of(key) == bucket) {
      stream.missing.erase(seq);
      if (stream.missing.empty()) complete.push_back(&stream);
    }
  }
  for (RecordStream* stream : complete) {
    if (auto resumed = resume(*stream); !resumed) return resumed;
  }
  return {};
}

Result<void> Subscriptions::resume(RecordStream& stream) {
  if (stream.removed || waits(stream)) return {};
  const Bytes frames = std::exchange(stream.held_back, {});
  held_back_bytes_ -= frames.size();
  ByteView rest = frames;
  while (!rest.empty() && !stream.removed) {
    const auto frame = parse_envelope(rest);
    XYLEM_ASSERT(frame && *frame);  // it was parsed before it was kept
    if (auto replayed = replay_frame(stream, **frame); !replayed) return replayed;
    rest = rest.subspan((*frame)->frame.size());
  }
  return verify(stream);
}

Result<void> Subscriptions::replay_frame(RecordStream& stream, const Envelope& frame) {
  if (frame.type == FrameType::record) {
    auto record = parse_record(frame);
    XYLEM_ASSERT(record.has_value());
    return collect(stream, *record);
  }
  auto control = decode_frame(frame);
  XYLEM_ASSERT(control.has_value());
  if (const auto* status = std::get_if<Status>(&*control)) return add_status(*status, frame);
  return add_skipped(std::get<Skipped>(*control), frame);
}

}  // namespace xylem
