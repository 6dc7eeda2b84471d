#include "origin/ingest/server/post_handler.h"

#include <fmt/core.h>
#include <sodium.h>

#include <charconv>

#include "proto/cursor.h"
#include "relay/edge/http_problem.h"

namespace xylem {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t value = 0;
  auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || rest != text.data() + text.size() || value > kEpochMax) return std::nullopt;
  return value;
}

// "/v1/stream/{feed}", or nothing for another path.
const std::string* feed_text(const HttpTarget& target) {
  const auto& path = target.path;
  return path.size() == 3 && path[0] == "v1" && path[1] == "stream" ? &path[2] : nullptr;
}

}  // namespace

Result<std::optional<ProducerNumber>> producer_of(const HttpRequest& request) {
  const std::string* id = request.header("producer-id");
  const std::string* epoch = request.header("producer-epoch");
  const std::string* seq = request.header("producer-seq");
  if (id == nullptr && epoch == nullptr && seq == nullptr) return std::optional<ProducerNumber>();
  if (id == nullptr || epoch == nullptr || seq == nullptr) {
    return fail(ErrorCode::kBadRequest, "Producer-Id, Producer-Epoch and Producer-Seq go together: all three or none");
  }
  const auto epoch_number = number_of(*epoch);
  const auto seq_number = number_of(*seq);
  if (id->empty() || id->size() > kProducerIdBytesMax || !epoch_number || !seq_number) {
    return fail(
        ErrorCode::kBadRequest,
        fmt::format("Producer-Id must have 1 to {} bytes, Producer-Epoch and Producer-Seq must be numbers from 0 to {}",
                    kProducerIdBytesMax, kEpochMax));
  }
  return std::optional(ProducerNumber{*id, *epoch_number, *seq_number});
}

HttpAnswer accepted_answer(FeedId feed, const Accepted& accepted) {
  HttpAnswer answer;
  answer.with("Content-Type", "application/json").with("Cache-Control", "no-store");
  std::string versions = "null,\"last\":null";
  if (accepted.last.value != 0) {
    versions = fmt::format("{},\"last\":{}", accepted.first.value, accepted.last.value);
    answer.with("Stream-Next-Offset", FeedCursor{accepted.epoch, accepted.last, {}}.to_string());
  }
  answer.body = SharedBytes::copy_of(fmt::format(R"({{"feed":"{}","epoch":{},"first":{},"duplicate":{}}})"
                                                 "\n",
                                                 to_string(feed), accepted.epoch.value, versions, accepted.duplicate));
  return answer;
}

void PostHandler::attach(HttpConnection& connection, std::function<MonoTime()> now) {
  connection_ = &connection;
  now_ = std::move(now);
}

void PostHandler::answer(HttpAnswer answer) { connection_->answer(std::move(answer), now_()); }

bool PostHandler::authorized(const HttpRequest& request) const {
  const std::string* header = request.header("authorization");
  if (header == nullptr || !header->starts_with(kBearer)) return false;
  // Of equal length, so that the time it takes tells nothing of the token.
  const Hash256 shown = sha256(as_bytes(std::string_view(*header).substr(kBearer.size())));
  const Hash256 expected = sha256(as_bytes(token_));
  return sodium_memcmp(shown.data(), expected.data(), shown.size()) == 0;
}

void PostHandler::on_request(const HttpRequest& request) {
  const auto& path = request.target.path;
  if (path.size() == 1 && path[0] == "healthz") {
    HttpAnswer healthy;
    healthy.with("Content-Type", "text/plain").with("Cache-Control", "no-store").body = SharedBytes::copy_of("ok\n");
    return answer(std::move(healthy));
  }
  const std::string* feed = feed_text(request.target);
  if (feed == nullptr) return answer(problem({ErrorCode::kNotFound, "events are posted to /v1/stream/{feed}"}));
  if (request.method != HttpMethod::post) {
    return answer(problem({ErrorCode::kMethodNotAllowed, "this listener takes POST"}).with("Allow", "POST"));
  }
  if (!authorized(request)) {
    return answer(problem({ErrorCode::kUnauthorized, "send the header Authorization: Bearer TOKEN"})
                      .with("WWW-Authenticate", "Bearer"));
  }
  auto parsed = parse_feed(*feed);
  if (!parsed) return answer(problem(parsed.error()));
  append(request, *parsed);
}

void PostHandler::append(const HttpRequest& request, const FeedRef& feed) {
  auto producer = producer_of(request);
  if (!producer) return answer(problem(producer.error()));
  const std::string* content_type = request.header("content-type");
  const std::string* kind = request.header("xylem-kind");
  const std::string* view = request.header("xylem-view");
  PostedBody body;
  body.feed = feed.id;
  body.content_type = content_type == nullptr ? "" : *content_type;
  body.kind = kind == nullptr ? "" : *kind;
  body.bytes = request.body;
  auto posted = read_posted_events(body);
  if (!posted) return answer(problem(posted.error()));
  Append append;
  append.feed = feed.id;
  append.name = feed.name;
  append.content_type = posted->content_type;
  append.view = view == nullptr ? "" : *view;
  append.events = std::move(posted->events);
  append.producer = std::move(*producer);
  sink_.submit(std::move(append),
               [this, id = feed.id, alive = std::weak_ptr(alive_)](const Result<Accepted>& accepted) {
                 if (alive.expired()) return;
                 answer(accepted ? accepted_answer(id, *accepted) : problem(accepted.error()));
               });
}

}  // namespace xylem
