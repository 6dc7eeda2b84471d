// HTTP on a serving loop: which resource is asked for, and its answer. Read-only: GET, HEAD, OPTIONS.
//
//   /v1/stream/{feed}   events of a feed (feed_page.h)      /v1/zone, /v1/status, /healthz   (node_reply.h)
//
// A page leaves one piece at a time, whenever the connection has taken what was sent before; so a slow reader costs one
// piece, like any other.
#pragma once

#include <memory>

#include "relay/edge/feed_page.h"
#include "relay/edge/http_connection.h"
#include "relay/serve/connection.h"

namespace xylem {

class HttpSession final : public ServeSession, private HttpOutput, private HttpHandler {
 public:
  explicit HttpSession(ServeConnection& connection);
  ~HttpSession() override;

  void on_bytes(ByteView bytes) override;
  void on_end() override;
  bool work() override;
  void on_timer() override;
  void on_facts(const FactsChange& change) override;

 private:
  // A page on its way out.
  struct Reply {
    explicit Reply(FeedPage found) : page(std::move(found)), text(page) {}
    FeedPage page;
    FeedPageText text;
    bool began = false;
  };

  void on_request(const HttpRequest& request) override;
  HttpAnswer answer_to(const HttpRequest& request);
  void answer_stream(const HttpRequest& request);
  std::size_t piece_bytes() const;
  void read_file(FeedPortion portion);
  void send_piece(Result<FeedPageText::Piece> piece);

  void send(SharedBytes bytes) override { connection_.send(std::move(bytes)); }
  void set_reading(bool on) override { connection_.set_reading(on); }
  void close() override { connection_.close(); }
  void abort() override { connection_.abort(); }
  Timestamp wall_time() const override { return context_.shell.wall_time(); }
  void set_timer() { connection_.set_timer(http_.deadline()); }

  ServeConnection& connection_;
  ServeContext& context_;
  HttpConnection http_;
  std::unique_ptr<Reply> reply_;
  std::unique_ptr<ColdRead> read_;
};

// For ServeCore.
std::unique_ptr<ServeSession> make_http_session(ServeConnection& connection);

}  // namespace xylem
