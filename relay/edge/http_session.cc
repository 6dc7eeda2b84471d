#include "relay/edge/http_session.h"

#include <algorithm>

#include "relay/edge/http_problem.h"
#include "relay/edge/node_reply.h"

namespace xylem {

namespace {

constexpr HttpLimits kReadOnly;  // no request has a body
constexpr std::string_view kAllow = "GET, HEAD, OPTIONS";

HttpAnswer options_answer() {
  HttpAnswer answer;
  answer.status = 204;
  answer.with("Allow", std::string(kAllow))
      .with("Access-Control-Allow-Methods", std::string(kAllow))
      .with("Access-Control-Allow-Headers", "*")
      .with("Access-Control-Max-Age", "86400")
      .with("Cache-Control", "no-store");
  return answer;
}

bool is_path(const HttpTarget& target, std::initializer_list<std::string_view> path) {
  return std::ranges::equal(target.path, path);
}

bool is_stream(const HttpTarget& target) {
  return target.path.size() == 3 && target.path[0] == "v1" && target.path[1] == "stream";
}

bool reads(HttpMethod method) { return method == HttpMethod::get || method == HttpMethod::head; }

}  // namespace

std::unique_ptr<ServeSession> make_http_session(ServeConnection& connection) {
  return std::make_unique<HttpSession>(connection);
}

HttpSession::HttpSession(ServeConnection& connection)
    : connection_(connection), context_(connection.context()), http_(kReadOnly, *this, *this, context_.now) {
  ++context_.stats.readers;
  set_timer();
}

HttpSession::~HttpSession() { --context_.stats.readers; }

void HttpSession::on_bytes(ByteView bytes) {
  http_.on_bytes(bytes, context_.now);
  set_timer();
}

void HttpSession::on_end() { http_.on_end(context_.now); }

void HttpSession::on_timer() {
  http_.on_deadline(context_.now);
  set_timer();
}

void HttpSession::on_facts(const FactsChange& change) {
  if (change.now.draining) http_.end_soon();
}

void HttpSession::on_request(const HttpRequest& request) {
  if (is_stream(request.target) && reads(request.method) && !request.body_refused) return answer_stream(request);
  http_.answer(answer_to(request), context_.now);
}

HttpAnswer HttpSession::answer_to(const HttpRequest& request) {
  const HttpTarget& target = request.target;
  if (request.method == HttpMethod::options) return options_answer();
  if (!reads(request.method)) {
    HttpAnswer answer = problem({ErrorCode::kMethodNotAllowed, "relays are read-only"});
    return answer.with("Allow", std::string(kAllow));
  }
  if (request.body_refused) return problem({ErrorCode::kBadRequest, "a body is not taken here"});
  if (is_path(target, {"healthz"})) return health_answer(context_);
  if (is_path(target, {"v1", "zone"})) return zone_answer(context_, request);
  if (is_path(target, {"v1", "status"})) return status_answer(context_, request);
  return problem({ErrorCode::kNotFound, ""});
}

void HttpSession::answer_stream(const HttpRequest& request) {
  std::optional<ErrorCode> refused;
  if (!context_.facts->accept_readers) refused = ErrorCode::kNotAllowed;
  if (!context_.room_for_reader()) refused = ErrorCode::kTooMany;
  if (context_.facts->draining) refused = ErrorCode::kDraining;
  if (refused) {
    ++context_.stats.refused_total;
    HttpAnswer answer = problem({*refused, ""});
    answer.close = true;
    return http_.answer(std::move(answer), context_.now);
  }
  auto page = find_feed_page(context_, request);
  if (!page) return http_.answer(std::move(page.error()), context_.now);
  if (request.method == HttpMethod::head) return http_.begin(page->head, context_.now);
  reply_ = std::make_unique<Reply>(std::move(*page));
  connection_.want_work();
}

bool HttpSession::work() {
  if (reply_ == nullptr || read_ != nullptr) return false;
  BucketFanout& fanout = *context_.fanout(reply_->page.feed);
  const LogWindow window = fanout.window();
  auto next = window.history == reply_->page.history ? reply_->text.next(fanout.reader(), window.head, piece_bytes())
                                                     : fail(ErrorCode::kNotHeld, "the log began again");
  if (!next) {
    send_piece(fail(next.error()));
  } else if (auto* portion = std::get_if<FeedPortion>(&*next)) {
    read_file(std::move(*portion));
  } else {
    send_piece(std::move(std::get<FeedPageText::Piece>(*next)));
  }
  set_timer();
  return reply_ != nullptr && read_ == nullptr;
}

std::size_t HttpSession::piece_bytes() const {
  return std::min(connection_.unit_bytes(), context_.limits.text_piece_bytes_max);
}

void HttpSession::read_file(FeedPortion portion) {
  read_ = context_.cold.start(std::move(portion.cold), [this, last = portion.last](Result<Bytes> bytes) {
    read_.reset();
    send_piece(bytes ? reply_->text.decode(*bytes, last, piece_bytes()) : fail(bytes.error()));
    set_timer();
    if (reply_ != nullptr) connection_.want_work();
  });
}

// The last piece ends the reply; the next request may be answered, and another reply begin, before this returns.
void HttpSession::send_piece(Result<FeedPageText::Piece> piece) {
  Reply& reply = *reply_;
  if (!piece) {
    const std::unique_ptr<Reply> failed = std::move(reply_);
    return failed->began ? http_.cut() : http_.answer(problem(piece.error()), context_.now);
  }
  if (piece->last) {
    const std::unique_ptr<Reply> ended = std::move(reply_);
    if (!ended->began) {
      ended->page.head.body = SharedBytes::copy_of(piece->text);
      return http_.answer(std::move(ended->page.head), context_.now);
    }
    http_.send_body(SharedBytes::copy_of(piece->text));
    return http_.finish(context_.now);
  }
  if (!reply.began) http_.begin(reply.page.head, context_.now);
  reply.began = true;
  http_.send_body(SharedBytes::copy_of(piece->text));
}

}  // namespace xylem
