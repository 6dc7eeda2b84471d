// The write half of HTTP, for one connection: POST /v1/stream/{feed} with a bearer token. A core: requests in, appends
// out, and an answer when the events are durable.
#pragma once

#include <functional>
#include <memory>

#include "origin/ingest/post/posted_events.h"
#include "relay/edge/http_connection.h"

namespace xylem {

// Where accepted requests go. `done` is called once, when the events are durable or refused; never from inside
// submit().
class AppendSink {
 public:
  using Done = std::function<void(const Result<Accepted>&)>;
  virtual void submit(Append request, Done done) = 0;

 protected:
  ~AppendSink() = default;
};

class PostHandler final : public HttpHandler {
 public:
  // `token` is what writers must show; all must outlive the handler.
  PostHandler(const std::string& token, AppendSink& sink) : token_(token), sink_(sink) {}
  // The connection it answers on, and the clock of the answer; set once, before the first request.
  void attach(HttpConnection& connection, std::function<MonoTime()> now);

  void on_request(const HttpRequest& request) override;

 private:
  void append(const HttpRequest& request, const FeedRef& feed);
  bool authorized(const HttpRequest& request) const;
  void answer(HttpAnswer answer);

  const std::string& token_;
  AppendSink& sink_;
  HttpConnection* connection_ = nullptr;
  std::function<MonoTime()> now_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  // answers that come after the connection's end go nowhere
};

// Producer-Id, Producer-Epoch, Producer-Seq: all three or none. kBadRequest.
Result<std::optional<ProducerNumber>> producer_of(const HttpRequest& request);
HttpAnswer accepted_answer(FeedId feed, const Accepted& accepted);

}  // namespace xylem
