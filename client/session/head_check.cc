#include "client/session/head_check.h"

#include <algorithm>
#include <tuple>

namespace xylem {

Result<std::optional<FeedHead>> open_feed_head(const Trust& trust, FeedId feed, ByteView frames) {
  std::optional<FeedHead> head;
  while (!frames.empty()) {
    const auto frame = parse_envelope(frames);
    if (!frame) return fail(frame.error());
    if (!*frame || (*frame)->type != FrameType::record) return fail(ErrorCode::kBadFrame, "in a feed head");
    const auto record = parse_record(**frame);
    if (!record) return fail(record.error());
    frames = frames.subspan((*frame)->frame.size());

    const RecordHeader& header = record->header();
    if (header.feed != feed) return fail(ErrorCode::kBadFrame, "another feed in a feed head");
    if (auto proven = trust.check_signature(record->decoded); !proven) return fail(proven.error());
    if (!header.is_batch()) continue;
    if (head && std::tie(head->range_epoch, head->seq) >= std::tie(header.epoch, header.seq)) continue;
    head = FeedHead{
        header.feed_epoch, header.last_version(),    header.epoch,
        header.seq,        link_of(record->decoded), Bytes(record->decoded.all.begin(), record->decoded.all.end())};
  }
  return head;
}

void HeadCheck::begin(LineId id, const FoundServer& server, MonoTime now) {
  line_.emplace(id, server, now);
  over_by_ = now + kHeadCheckTimeout;
  answer_.reset();
}

void HeadCheck::end() {
  line_.reset();
  over_by_ = kNever;
}

void HeadCheck::on_connected(const Nonce& nonce, MonoTime now) {
  UpstreamOptions options;
  options.host = line_->address().host;
  options.port = line_->address().port;
  options.agent = agent_;
  line_->on_connected(std::make_unique<UpstreamSession>(trust_, redactions_, std::move(options), nonce,
                                                        static_cast<UpstreamListener&>(*this), now));
}

void HeadCheck::on_bytes(ByteView bytes, MonoTime now) {
  if (line_->session() != nullptr) line_->session()->on_bytes(bytes, now);
}

void HeadCheck::on_deadline(MonoTime now) {
  line_->on_deadline(now);
  if (now >= over_by_ && !answer_) {
    answer_ = Outcome{{}, SessionFailure{FailureCause::timeout, {ErrorCode::kTimeout, "no answer with a feed's head"}}};
  }
}

MonoTime HeadCheck::deadline() const { return line_ ? std::min(line_->deadline(), over_by_) : kNever; }

Bytes HeadCheck::take_output(MonoTime now) {
  return line_->session() == nullptr ? Bytes() : line_->session()->take_output(now);
}

std::optional<HeadCheck::Outcome> HeadCheck::outcome() const {
  if (answer_ || !line_) return answer_;
  const auto failure = line_->failure();
  return failure ? std::optional(Outcome{{}, failure}) : std::nullopt;
}

void HeadCheck::on_ready(const UpstreamPeer&) { XYLEM_ASSERT(line_->session()->fetch(FetchFeedHead{feed_})); }

void HeadCheck::on_fetched(std::uint32_t, Result<Bytes> frames) {
  // "I have none" is an answer, too.
  if (!frames) {
    answer_ = Outcome{};
    return;
  }
  auto head = open_feed_head(trust_, feed_, *frames);
  if (head) {
    answer_ = Outcome{std::move(*head), {}};
  } else {
    answer_ = Outcome{{}, SessionFailure{FailureCause::dishonest, head.error()}};
  }
}

}  // namespace xylem
