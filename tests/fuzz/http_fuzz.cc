// An HTTP connection and hostile bytes. In one piece or in small ones, they are the same requests and the connection
// ends the same (only which limit is named first may differ); what is taken for a request has what our rules demand.
//
// links: xylem::edge
#include <algorithm>

#include "relay/edge/http_connection.h"

using namespace xylem;

namespace {

HttpLimits small_limits() {
  HttpLimits limits;
  limits.target_bytes_max = 200;
  limits.headers_max = 8;
  limits.header_bytes_max = 500;
  limits.body_bytes_max = 300;
  return limits;
}

class Server final : public HttpOutput, public HttpHandler {
 public:
  explicit Server(const HttpLimits& limits) : limits_(limits) {}

  void hear(ByteView bytes) {
    if (!closed) connection_.on_bytes(bytes, MonoTime{});
  }

  void send(SharedBytes bytes) override {
    XYLEM_ASSERT(!closed);
    sent += as_text(bytes.view());
  }
  void set_reading(bool) override {}
  void close() override {
    XYLEM_ASSERT(!closed);
    closed = true;
  }
  void abort() override { closed = true; }
  Timestamp wall_time() const override { return {}; }
  void on_request(const HttpRequest& request) override {
    check(request);
    requests += request.target.path.empty() ? "/" : request.target.path[0];
    requests += as_text(request.body);
    requests += '\n';
    HttpAnswer answer;
    answer.body = SharedBytes::copy_of("answer");
    connection_.answer(std::move(answer), MonoTime{});
  }

  std::string requests;
  std::string sent;
  bool closed = false;

 private:
  void check(const HttpRequest& request) const {
    const auto count = [&](std::string_view name) {
      return std::ranges::count(request.headers, name, &HttpField::name);
    };
    XYLEM_ASSERT(count("host") == 1 || (request.http_1_0 && count("host") == 0));
    XYLEM_ASSERT(count("content-length") + count("transfer-encoding") <= 1);
    XYLEM_ASSERT(request.headers.size() <= limits_.headers_max && request.body.size() <= limits_.body_bytes_max);
    for (const HttpField& field : request.headers) {
      XYLEM_ASSERT(!field.name.empty() && field.value.find_first_of("\r\n") == std::string::npos);
    }
  }

  const HttpLimits& limits_;
  HttpConnection connection_{limits_, *this, *this, MonoTime{}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const HttpLimits limits = small_limits();
  const std::size_t piece = std::size_t{data[0]} % 16 + 1;
  const ByteView bytes(data + 1, size - 1);
  Server whole(limits), pieces(limits);
  whole.hear(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    pieces.hear(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  XYLEM_ASSERT(whole.requests == pieces.requests);
  XYLEM_ASSERT(whole.closed == pieces.closed);
  return 0;
}
