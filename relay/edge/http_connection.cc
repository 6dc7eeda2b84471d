#include "relay/edge/http_connection.h"

#include "relay/edge/http_problem.h"

namespace xylem {

namespace {

// More than a shell hands over after it was told to stop reading.
constexpr std::size_t kUnreadBytesMax = 256 * kKiB;

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

HttpConnection::HttpConnection(const HttpLimits& limits, HttpOutput& output, HttpHandler& handler, MonoTime now)
    : limits_(limits), output_(output), handler_(handler), parser_(limits), deadline_(now + limits.request_timeout) {}

void HttpConnection::on_bytes(ByteView bytes, MonoTime now) {
  if (state_ == State::closed) return;
  if (unread_.size() + bytes.size() > kUnreadBytesMax) return close();
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  read_on(now);
}

// Requests one after another, until one is not answered at once or nothing is left.
void HttpConnection::read_on(MonoTime now) {
  if (in_read_on_) return;  // an answer inside on_request: the loop below goes on
  in_read_on_ = true;
  std::size_t taken = 0;
  while ((state_ == State::idle || state_ == State::reading) && taken < unread_.size()) {
    const bool began = parser_.began();
    const bool had_headers = parser_.reads_body();
    const auto read = parser_.feed(std::span(unread_).subspan(taken));
    if (!read) {
      refuse(read.error());
      break;
    }
    taken += *read;
    if (!parser_.began()) continue;
    if (!began) deadline_ = now + limits_.request_timeout;
    state_ = State::reading;
    if (parser_.complete()) {
      state_ = State::answering;
      continued_ = false;
      deadline_ = kNever;
      request_ = parser_.take();
      handler_.on_request(request_);
    } else if (parser_.reads_body() && !had_headers) {
      deadline_ = now + limits_.body_timeout;
    }
    if (state_ == State::reading && parser_.expects_continue() && !continued_) {
      continued_ = true;
      output_.send(SharedBytes::copy_of("HTTP/1.1 100 Continue\r\n\r\n"));
    }
  }
  in_read_on_ = false;
  if (state_ == State::closed) return;
  unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (unread_.empty()) unread_ = {};
  if (state_ == State::answering) output_.set_reading(false);
}

void HttpConnection::refuse(const HttpRefusal& refusal) {
  HttpAnswer answer = problem(refusal.status, refusal.detail);
  answer.close = true;
  output_.send(SharedBytes::copy_of(encode_head(answer, BodyFraming::length, answer.body.size(), output_.wall_time())));
  output_.send(answer.body);
  close();
}

void HttpConnection::on_end(MonoTime) {
  last_ = true;
  if (state_ == State::idle || state_ == State::reading) close();
}

MonoTime HttpConnection::deadline() const { return deadline_; }

void HttpConnection::on_deadline(MonoTime now) {
  if (now < deadline_ || state_ == State::closed || state_ == State::answering) return;
  if (state_ == State::reading) return refuse({408, "the request did not arrive in time"});
  close();
}

void HttpConnection::answer(HttpAnswer answer, MonoTime now) {
  const bool head = request_.method == HttpMethod::head;
  last_ = last_ || answer.close || !request_.keep_alive;
  answer.close = last_;
  const BodyFraming framing = has_no_body(answer.status) ? BodyFraming::none : BodyFraming::length;
  output_.send(SharedBytes::copy_of(encode_head(answer, framing, answer.body.size(), output_.wall_time())));
  if (framing == BodyFraming::length && !head) output_.send(std::move(answer.body));
  done(now);
}

void HttpConnection::begin(const HttpAnswer& head, MonoTime now) {
  const bool only_head = request_.method == HttpMethod::head;
  framing_ = only_head ? BodyFraming::none : request_.http_1_0 ? BodyFraming::until_close : BodyFraming::chunked;
  last_ = last_ || head.close || !request_.keep_alive || framing_ == BodyFraming::until_close;
  HttpAnswer answer = head;
  answer.close = last_;
  output_.send(SharedBytes::copy_of(encode_head(answer, framing_, 0, output_.wall_time())));
  if (only_head) done(now);
}

void HttpConnection::send_body(SharedBytes piece) {
  if (piece.empty()) return;  // an empty chunk would end the body
  if (framing_ != BodyFraming::chunked) return output_.send(std::move(piece));
  output_.send(SharedBytes::copy_of(chunk_head(piece.size())));
  output_.send(std::move(piece));
  output_.send(SharedBytes::copy_of(kChunkTail));
}

void HttpConnection::finish(MonoTime now) {
  if (framing_ == BodyFraming::chunked) output_.send(SharedBytes::copy_of(kLastChunk));
  done(now);
}

void HttpConnection::cut() {
  state_ = State::closed;
  deadline_ = kNever;
  output_.abort();
}

void HttpConnection::done(MonoTime now) {
  request_ = {};
  if (last_) return close();
  state_ = State::idle;
  deadline_ = now + limits_.idle_timeout;
  if (in_read_on_) return;
  output_.set_reading(true);
  read_on(now);
}

void HttpConnection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  deadline_ = kNever;
  output_.close();
}

}  // namespace xylem
