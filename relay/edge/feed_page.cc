#include "relay/edge/feed_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "proto/text.h"
#include "relay/edge/http_problem.h"
#include "relay/serve/log_record.h"

namespace xylem {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJsonLines = "application/x-ndjson";
constexpr std::string_view kUnknownType = "application/octet-stream";

std::string cursor_text(FeedEpoch epoch, Version version) { return FeedCursor{epoch, version, {}}.to_string(); }

// RFC 9110 §5.5 without what it calls obsolete.
bool fits_a_header(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return ' ' <= c && c <= '~'; });
}

// What the feed's newest `open` says, where it can stand in a header.
std::string content_type_of(const LogReader& reader, FeedId feed) {
  const Result<Bytes> frame = reader.notice(feed, RecordType::open);
  const Result<RecordView> record = frame ? parse_record(*frame) : fail(frame.error());
  const Result<Notice> notice = record ? open_notice(*record) : fail(record.error());
  if (!notice) return std::string(kUnknownType);
  const std::string& type = std::get<OpenNotice>(*notice).content_type;
  return fits_a_header(type) ? type : std::string(kUnknownType);
}

bool is_json(std::string_view content_type) {
  return equal_without_case(content_type.substr(0, content_type.find_first_of("; ")), kJson);
}

HttpAnswer refusal_answer(const ServeContext& context, const FeedQuery& query, const FeedRefusal& refusal) {
  const std::array<ProblemMember, 2> held = {ProblemMember{"earliest", refusal.floor.to_string()},
                                             ProblemMember{"head", refusal.head.to_string()}};
  switch (refusal.code) {
    case StatusCode::too_old:
      return problem({ErrorCode::kTooOld, ""}, held);
    case StatusCode::epoch_changed:
      return problem({ErrorCode::kEpochChanged, ""}, held);
    case StatusCode::forked:
      return problem({ErrorCode::kForked, ""}, held);
    case StatusCode::from_the_future:
      return problem({ErrorCode::kFromTheFuture, "epoch " + std::to_string(query.cursor.epoch.value)}, held);
    case StatusCode::empty_so_far:
      return problem({ErrorCode::kUnknownFeed, ""});
    case StatusCode::withheld:
      return problem({ErrorCode::kWithheld, context.facts->abuse_contact});
    case StatusCode::live:
    case StatusCode::snapshot_follows:
    case StatusCode::not_held:
    case StatusCode::not_mine:
      break;
  }
  return problem({ErrorCode::kUnknownYet, ""});
}

// The cursor to look up: `now` and bare versions mean the epoch that is held.
FeedCursor cursor_of(const FeedQuery& query, const std::optional<LoggedFeed>& state) {
  switch (query.from) {
    case FeedQuery::From::start:
    case FeedQuery::From::version:
    case FeedQuery::From::cursor:
      return query.cursor;
    case FeedQuery::From::now:
      return state ? FeedCursor{state->epoch, state->last_version, std::nullopt} : FeedCursor{};
  }
  return query.cursor;
}

EventForm form_of(const FeedQuery& query, bool json) {
  if (query.shape == FeedQuery::Shape::event) return json ? EventForm::json_lines : EventForm::json_lines_of_other;
  return json ? EventForm::json_array : EventForm::raw;
}

std::string cache_control(const FeedQuery& query, const FeedPage& page, bool at_head) {
  if (query.from != FeedQuery::From::cursor || page.empty()) return "no-store";
  return at_head ? "public, max-age=1" : "public, max-age=600, stale-while-revalidate=60";
}

Version page_end(const FeedQuery& query, Version from, Version last) {
  std::uint64_t end = (from.value / kPageVersions + 1) * kPageVersions;
  if (query.limit) end = std::min(end, from.value + std::min(*query.limit, kPageVersions));
  return Version(std::min(end, last.value));
}

void write_head(FeedPage& page, const FeedQuery& query, const LoggedFeed& state, const std::string& content_type) {
  const bool at_head = page.to == state.last_version;
  HttpAnswer& head = page.head;
  head.with("Content-Type", query.shape == FeedQuery::Shape::event ? std::string(kJsonLines) : content_type)
      .with("Content-Security-Policy", "sandbox")
      .with("Vary", "Accept, Accept-Encoding")
      .with("Cache-Control", cache_control(query, page, at_head))
      .with("Stream-Next-Offset", cursor_text(page.epoch, page.to));
  if (at_head) head.with("Stream-Up-To-Date", "true");
  if (at_head && is_closed(state)) head.with("Stream-Closed", "true");
  if (!page.empty()) {
    head.with("ETag", fmt::format("\"{}-{}-{}-{}\"", page.epoch.value, page.from.value, page.to.value,
                                  static_cast<int>(page.form)));
  }
}

bool has_it_already(const HttpRequest& request, const HttpAnswer& head) {
  const auto etag =
      std::ranges::find(head.headers, std::string_view("ETag"), &std::pair<std::string_view, std::string>::first);
  return etag != head.headers.end() &&
         (request.lists("if-none-match", etag->second) || request.lists("if-none-match", "*"));
}

// The cursor lies beyond what is held: no error and never a lower cursor.
FeedPage page_beyond(const FeedQuery& query, std::uint64_t history, const LoggedFeed& state,
                     const std::string& content_type) {
  FeedPage page{query.feed.id,
                state.newest_batch,
                history,
                state.epoch,
                query.cursor.version,
                query.cursor.version,
                form_of(query, is_json(content_type)),
                {}};
  write_head(page, query, state, content_type);
  page.head.with("Stream-Tail-Offset", cursor_text(state.epoch, state.last_version));
  return page;
}

}  // namespace

tl::expected<FeedPage, HttpAnswer> find_feed_page(ServeContext& context, const HttpRequest& request) {
  const Result<FeedQuery> parsed = parse_feed_query(request);
  if (!parsed) return tl::unexpected(problem(parsed.error()));
  const FeedQuery& query = *parsed;
  const FeedId feed = query.feed.id;
  BucketFanout* fanout = context.fanout(feed);
  if (fanout == nullptr) {
    const std::array<ProblemMember, 2> who = {
        ProblemMember{"node", context.facts->node_name},
        ProblemMember{"buckets", fmt::format("{}", fmt::join(context.owned, " "))}};
    return tl::unexpected(problem({ErrorCode::kNotMine, ""}, who));
  }
  if (std::ranges::binary_search(fanout->denied(), feed)) {
    return tl::unexpected(refusal_answer(context, query, {StatusCode::withheld, false, {}, {}}));
  }

  const std::uint64_t history = fanout->window().history;
  const LogReader& reader = fanout->reader();
  const std::optional<LoggedFeed> state = reader.feed(feed);
  if (state && is_deleted(*state)) return tl::unexpected(problem({ErrorCode::kFeedDeleted, ""}));
  const FeedAnswer place = find_feed_place(reader, feed, cursor_of(query, state));
  if (!place) {
    const bool beyond = state && place.error().code == StatusCode::from_the_future &&
                        (query.cursor.epoch == state->epoch || query.cursor.epoch == FeedEpoch(0));
    if (beyond) return page_beyond(query, history, *state, content_type_of(reader, feed));
    return tl::unexpected(refusal_answer(context, query, place.error()));
  }

  const std::string content_type = content_type_of(reader, feed);
  FeedPage page{feed,
                place->after,
                history,
                place->epoch,
                place->version,
                page_end(query, place->version, state->last_version),
                form_of(query, is_json(content_type)),
                {}};
  write_head(page, query, *state, content_type);
  if (has_it_already(request, page.head)) {
    page.head.status = 304;
    return tl::unexpected(std::move(page.head));
  }
  return page;
}

FeedPageText::FeedPageText(const FeedPage& page)
    : feed_(page.feed),
      to_(page.to),
      after_(page.after),
      version_(page.from),
      text_(page.form, page.feed, page.epoch) {}

Result<std::variant<FeedPageText::Piece, FeedPortion>> FeedPageText::next(const LogReader& reader, Seq head,
                                                                          std::size_t bytes_max) {
  if (version_ == to_) return Piece{std::string(text_.head()) + std::string(text_.tail()), true};
  Result<FeedPortion> portion = next_feed_portion(reader, feed_, after_, head, bytes_max);
  if (!portion) return fail(portion.error());
  if (portion->empty()) return fail(ErrorCode::kNotHeld);
  if (!portion->cold.empty()) return std::move(*portion);
  Result<Piece> piece = decode(portion->hot, portion->last, bytes_max);
  if (!piece) return fail(piece.error());
  return std::move(*piece);
}

Result<FeedPageText::Piece> FeedPageText::decode(ByteView records, Seq last, std::size_t bytes_max) {
  Piece piece;
  if (!began_) piece.text = text_.head();
  began_ = true;
  while (!records.empty() && version_ < to_ && piece.text.size() < bytes_max) {
    const std::optional<LogRecord> next = first_record(records);
    if (!next) return fail(ErrorCode::kCorrupt, "stored record");
    records = records.subspan(next->frame.size());
    if (next->is_batch()) {
      const Result<RecordView> record = parse_record(next->frame);
      if (!record) return fail(record.error());
      if (auto appended = append(piece.text, *record, bytes_max); !appended) return fail(appended.error());
      if (version_ < next->last_version()) break;
    }
    after_ = next->seq;
  }
  if (records.empty() && piece.text.size() < bytes_max) after_ = last;
  piece.last = version_ == to_;
  if (piece.last) piece.text += text_.tail();
  return piece;
}

Result<void> FeedPageText::append(std::string& out, const RecordView& record, std::size_t bytes_max) {
  const RecordHeader& header = record.header();
  if (header.first_version > version_.next()) return fail(ErrorCode::kNotHeld, "a version is missing");
  const Result<OpenedBatch> batch = open_batch(record);
  if (!batch) {
    return fail(batch.error().code == ErrorCode::kWithheld ? Error{ErrorCode::kNotHeld, "withheld above"}
                                                           : batch.error());
  }
  for (std::size_t i = 0; i < batch->items.size() && out.size() < bytes_max; ++i) {
    const Version version = header.first_version.plus(i);
    if (version <= version_ || version > to_) continue;
    text_.append(out, header, version, batch->items[i]);
    version_ = version;
  }
  return {};
}

}  // namespace xylem
