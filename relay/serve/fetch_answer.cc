#include "relay/serve/fetch_answer.h"

#include <algorithm>

#include "relay/serve/feed_portion.h"
#include "relay/serve/native_session.h"

namespace xylem {

namespace {

Result<FetchPlan> plan(ServeContext& context, const FetchHash& fetch) {
  const ServeFacts& facts = *context.facts;
  std::shared_ptr<const Bytes> blob =
      fetch.hash == facts.manifest_hash ? facts.manifest_bytes : context.node.blob(fetch.hash);
  if (blob == nullptr) return fail(ErrorCode::kNotHeld);
  FetchPlan out;
  out.add(SharedBytes::view_of(*blob, blob));
  return out;
}

bool is_denied(const BucketFanout& fanout, FeedId feed) { return std::ranges::binary_search(fanout.denied(), feed); }

// The newest notices, and the newest batch.
Result<FetchPlan> plan(ServeContext& context, const FetchFeedHead& fetch) {
  BucketFanout* fanout = context.fanout(fetch.feed);
  if (fanout == nullptr) return fail(ErrorCode::kNotMine);
  if (is_denied(*fanout, fetch.feed)) return fail(ErrorCode::kWithheld);
  const bool all_held = fanout->window().floor == Seq(1);
  const LogReader& reader = fanout->reader();
  const std::optional<LoggedFeed> state = reader.feed(fetch.feed);
  if (!state) return fail(all_held ? ErrorCode::kUnknownFeed : ErrorCode::kNotHeld);

  FetchPlan out;
  for (const RecordType type :
       {RecordType::open, RecordType::close, RecordType::expire, RecordType::erase, RecordType::snapshot}) {
    if (Result<Bytes> frame = reader.notice(fetch.feed, type)) out.add(SharedBytes::adopt(std::move(*frame)));
  }
  if (const Result<ColdRun> batch = reader.cold_run(state->newest_batch, kOneRecord)) out.add(*batch);
  return out;
}

Result<FetchPlan> plan(ServeContext& context, const FetchFeedRange& fetch) {
  BucketFanout* fanout = context.fanout(fetch.feed);
  if (fanout == nullptr) return fail(ErrorCode::kNotMine);
  if (is_denied(*fanout, fetch.feed)) return fail(ErrorCode::kWithheld);
  static_cast<void>(fanout->window());  // of the present history
  const LogReader& reader = fanout->reader();
  std::optional<Seq> next = reader.seq_of(fetch.feed, fetch.from);
  const std::optional<LoggedFeed> state = reader.feed(fetch.feed);
  if (!state || !next || fetch.from < state->first_version) return fail(ErrorCode::kNotHeld);
  const Seq last = reader.seq_of(fetch.feed, fetch.to).value_or(state->newest_batch);

  FetchPlan out;
  for (std::size_t records = 0; next && *next <= last && records < kChunkRecordsMax; ++records) {
    const Result<ColdRun> run = reader.cold_run(*next, kOneRecord);
    if (!run) return fail(ErrorCode::kNotHeld);
    if (out.bytes + run->bytes > kFetchBytesMax) break;
    out.add(*run);
    next = reader.next_of_feed(fetch.feed, *next);
  }
  return out;
}

Result<FetchPlan> plan(ServeContext& context, const FetchChunk& fetch) {
  BucketFanout* fanout = context.fanout(fetch.bucket);
  if (fanout == nullptr) return fail(ErrorCode::kNotMine);
  const LogWindow window = fanout->window();
  const LogReader& reader = fanout->reader();
  if (fetch.from < window.floor) return fail(ErrorCode::kTooOld);
  if (fetch.from > window.head) return fail(ErrorCode::kFromTheFuture);
  const Seq last = std::min({fetch.to, window.head, Seq(fetch.from.value + kChunkRecordsMax - 1)});
  for (const FeedId feed : fanout->denied()) {
    const std::optional<Seq> seq = reader.next_of_feed(feed, Seq(fetch.from.value - 1));
    if (seq && *seq <= last) return fail(ErrorCode::kWithheld);
  }

  FetchPlan out;
  for (Seq seq = fetch.from; seq <= last; seq = seq.next()) {
    const Result<ColdRun> run = reader.cold_run(seq, kOneRecord);
    if (!run) return fail(run.error());
    if (out.bytes + run->bytes > kFetchBytesMax) break;
    out.add(*run);
  }
  return out;
}

}  // namespace

void FetchPlan::add(SharedBytes piece) {
  bytes += piece.size();
  parts.emplace_back(std::move(piece));
}

void FetchPlan::add(const ColdRun& run) {
  bytes += run.bytes;
  auto* before = parts.empty() ? nullptr : std::get_if<ColdRun>(&parts.back());
  if (before != nullptr && before->file == run.file && before->offset + before->bytes == run.offset) {
    before->bytes += run.bytes;
    before->last = run.last;
  } else {
    parts.emplace_back(run);
  }
}

Result<FetchPlan> plan_fetch(ServeContext& context, const Fetch& fetch) {
  Result<FetchPlan> out = std::visit([&](const auto& what) { return plan(context, what); }, fetch.what);
  if (out && out->bytes > kFetchBytesMax) return xylem::fail(ErrorCode::kTooLarge);
  return out;
}

FetchAnswer::FetchAnswer(NativeSession& session, std::uint32_t request, FetchPlan plan)
    : session_(session), request_(request), plan_(std::move(plan)), total_bytes_(plan_.bytes) {}

FetchAnswer::~FetchAnswer() { session_.forget(*this); }

void FetchAnswer::finish() { session_.drop(*this); }

NativeTask::Step FetchAnswer::step() {
  if (plan_.parts.empty()) return send_piece({});
  const std::size_t most = std::min(kBlobDataBytesMax, session_.unit_left());
  if (auto* bytes = std::get_if<SharedBytes>(&plan_.parts.front())) {
    const ByteView piece = bytes->slice(0, most).view();
    Bytes data(piece.begin(), piece.end());
    *bytes = bytes->slice(data.size());
    if (bytes->empty()) plan_.parts.pop_front();
    return send_piece(std::move(data));
  }
  auto& run = std::get<ColdRun>(plan_.parts.front());
  ColdRun piece = run;
  piece.bytes = std::min(run.bytes, most);
  run.offset += piece.bytes;
  run.bytes -= piece.bytes;
  if (run.bytes == 0) plan_.parts.pop_front();
  session_.read(*this, {std::move(piece)}, [this](Bytes data) { return send_piece(std::move(data)); });
  return Step::rest;
}

NativeTask::Step FetchAnswer::send_piece(Bytes data) {
  Blob blob;
  blob.request = request_;
  blob.offset = sent_bytes_;
  blob.total = total_bytes_;
  sent_bytes_ += data.size();
  blob.last = sent_bytes_ == total_bytes_;
  blob.data = std::move(data);
  session_.send(blob);
  return blob.last ? Step::done : Step::again;
}

}  // namespace xylem
