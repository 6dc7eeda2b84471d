#include "relay/edge/http_parser.h"

#include <llhttp.h>

#include <algorithm>

namespace xylem {

namespace {

// Between requests a peer may send empty lines (RFC 9112 §2.2), within reason.
constexpr std::size_t kEmptyLinesBytesMax = 64;
// What stands in a request besides target, names and values.
constexpr std::size_t kHeadOverheadBytesMax = 4 * kKiB;
// Frames of a chunked body: at worst each byte of it is a chunk of its own.
constexpr std::size_t kChunkOverheadFactor = 8;

HttpMethod method_of(std::uint8_t method) {
  switch (method) {
    case HTTP_GET:
      return HttpMethod::get;
    case HTTP_HEAD:
      return HttpMethod::head;
    case HTTP_OPTIONS:
      return HttpMethod::options;
    case HTTP_POST:
      return HttpMethod::post;
    case HTTP_PUT:
      return HttpMethod::put;
    case HTTP_DELETE:
      return HttpMethod::del;
    default:
      return HttpMethod::other;
  }
}

bool valid_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool valid_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~:[]%!$&'()*+;=").find(c) != std::string_view::npos;
  });
}

// "http://host/path" → "/path": what a request to a proxy looks like, which a server must take too (RFC 9112 §3.2.2).
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_without_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos || target[path] == '?' ? "/" : target.substr(path);
  }
  return target;
}

// Looks for header lines that go on in the next line (RFC 9112 §5.2), which llhttp takes: a line of the head that
// begins with a blank.
class HeadLines {
 public:
  bool fold_in(std::string_view text) {
    while (!ended_ && !text.empty()) {
      if (at_start_ && (text.front() == ' ' || text.front() == '\t')) return true;
      ended_ = at_start_ && (text.front() == '\r' || text.front() == '\n');
      const std::size_t end = text.find('\n');
      at_start_ = end != std::string_view::npos;
      text.remove_prefix(at_start_ ? end + 1 : text.size());
    }
    return false;
  }

 private:
  bool at_start_ = true;
  bool ended_ = false;  // the empty line was there
};

}  // namespace

struct HttpParser::State {
  explicit State(const HttpLimits& http_limits);

  int refuse(int status, std::string detail) {
    if (!refusal) refusal = HttpRefusal{status, std::move(detail)};
    return HPE_USER;
  }
  int on_target(std::string_view part);
  int on_name(std::string_view part);
  int on_value(std::string_view part);
  int on_value_end();
  int on_headers_end();
  int on_body(ByteView part);
  std::size_t bytes_max() const;

  const HttpLimits& limits;
  llhttp_t parser{};
  HttpRequest request;
  std::string target;
  HttpField field;
  HeadLines lines;
  std::size_t header_bytes = 0;
  std::size_t read_bytes = 0;
  bool headers_done = false;
  bool complete = false;
  std::optional<HttpRefusal> refusal;
};

namespace {

template <typename State>
State& state_of(llhttp_t* parser) {
  return *static_cast<State*>(parser->data);
}

template <typename State>
llhttp_settings_t make_settings() {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_url = [](llhttp_t* p, const char* at, std::size_t n) { return state_of<State>(p).on_target({at, n}); };
  settings.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) {
    return state_of<State>(p).on_name({at, n});
  };
  settings.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) {
    return state_of<State>(p).on_value({at, n});
  };
  settings.on_header_value_complete = [](llhttp_t* p) { return state_of<State>(p).on_value_end(); };
  settings.on_headers_complete = [](llhttp_t* p) { return state_of<State>(p).on_headers_end(); };
  settings.on_body = [](llhttp_t* p, const char* at, std::size_t n) {
    return state_of<State>(p).on_body(as_bytes(std::string_view(at, n)));
  };
  settings.on_message_complete = [](llhttp_t* p) {
    state_of<State>(p).complete = true;
    return static_cast<int>(HPE_PAUSED);
  };
  return settings;
}

int status_of(llhttp_errno error) {
  switch (error) {
    case HPE_INVALID_VERSION:
      return 505;
    case HPE_INVALID_METHOD:
      return 501;
    default:
      return 400;
  }
}

}  // namespace

HttpParser::State::State(const HttpLimits& http_limits) : limits(http_limits) {
  static const llhttp_settings_t settings = make_settings<State>();
  llhttp_init(&parser, HTTP_REQUEST, &settings);
  parser.data = this;
}

int HttpParser::State::on_target(std::string_view part) {
  target += part;
  return target.size() <= limits.target_bytes_max ? 0 : refuse(414, "target is longer than its limit");
}

int HttpParser::State::on_name(std::string_view part) {
  if (headers_done) return refuse(400, "trailers are not taken");
  for (const char c : part) field.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  header_bytes += part.size();
  return header_bytes <= limits.header_bytes_max ? 0 : refuse(431, "headers are larger than their limit");
}

int HttpParser::State::on_value(std::string_view part) {
  field.value += part;
  header_bytes += part.size();
  if (!valid_value(part)) return refuse(400, "control character in a header");
  return header_bytes <= limits.header_bytes_max ? 0 : refuse(431, "headers are larger than their limit");
}

int HttpParser::State::on_value_end() {
  if (field.name.empty()) return refuse(400, "a header without a name");
  if (request.headers.size() == limits.headers_max) return refuse(431, "more headers than are taken");
  const std::size_t end = field.value.find_last_not_of(" \t");
  field.value.resize(end == std::string::npos ? 0 : end + 1);
  request.headers.push_back(std::move(field));
  field = {};
  return 0;
}

int HttpParser::State::on_headers_end() {
  headers_done = true;
  parser.upgrade = 0;  // nothing to upgrade to here: the request is answered as it is (RFC 9110 §7.8)
  request.method = method_of(parser.method);
  request.http_1_0 = parser.http_minor == 0;
  request.keep_alive = llhttp_should_keep_alive(&parser) != 0;
  if (parser.http_major != 1 || parser.http_minor > 1) return refuse(505, "HTTP/1.1 is spoken here");

  const auto hosts = std::ranges::count(request.headers, "host", &HttpField::name);
  const std::string* host = request.header("host");
  if (hosts > 1 || (host == nullptr && !request.http_1_0)) return refuse(400, "exactly one Host is needed");
  if (host != nullptr && !valid_host(*host)) return refuse(400, "Host is malformed");

  const auto codings = std::ranges::count(request.headers, "transfer-encoding", &HttpField::name);
  if (codings > 0 && request.http_1_0) return refuse(400, "transfer coding in HTTP/1.0");
  if (codings > 1 || (codings == 1 && !equal_without_case(*request.header("transfer-encoding"), "chunked"))) {
    return refuse(501, "the only transfer coding is chunked");
  }
  const std::string* expect = request.header("expect");
  if (expect != nullptr && !equal_without_case(*expect, "100-continue")) return refuse(417, "unknown expectation");

  std::optional<HttpTarget> parsed = parse_target(origin_form(target));
  if (!parsed && !(request.method == HttpMethod::options && target == "*")) return refuse(400, "target is malformed");
  if (parsed) request.target = std::move(*parsed);

  const bool chunked = (parser.flags & F_CHUNKED) != 0;
  if (!chunked && parser.content_length == 0) return 0;
  if (limits.body_bytes_max == 0) {
    request.body_refused = true;
    request.keep_alive = false;
    complete = true;
    return HPE_PAUSED;
  }
  if (parser.content_length > limits.body_bytes_max) return refuse(413, "body is larger than its limit");
  return 0;
}

int HttpParser::State::on_body(ByteView part) {
  if (request.body.size() + part.size() > limits.body_bytes_max) return refuse(413, "body is larger than its limit");
  request.body.insert(request.body.end(), part.begin(), part.end());
  return 0;
}

// Of all that may be read for one request, blanks and frames of chunks included.
std::size_t HttpParser::State::bytes_max() const {
  const std::size_t head = limits.target_bytes_max + limits.header_bytes_max + kHeadOverheadBytesMax;
  return headers_done ? head + kChunkOverheadFactor * limits.body_bytes_max : head;
}

HttpParser::HttpParser(const HttpLimits& limits) : limits_(limits) {}
HttpParser::~HttpParser() = default;

bool HttpParser::complete() const { return state_ != nullptr && state_->complete; }
bool HttpParser::reads_body() const { return state_ != nullptr && state_->headers_done && !state_->complete; }

bool HttpParser::expects_continue() const {
  return reads_body() && !state_->request.http_1_0 && state_->request.body.empty() &&
         state_->request.header("expect") != nullptr;
}

tl::expected<std::size_t, HttpRefusal> HttpParser::feed(ByteView bytes) {
  std::size_t skipped = 0;
  if (state_ == nullptr) {
    while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    empty_lines_bytes_ += skipped;
    if (empty_lines_bytes_ > kEmptyLinesBytesMax)
      return tl::unexpected(HttpRefusal{400, "empty lines instead of a request"});
    bytes = bytes.subspan(skipped);
    if (bytes.empty()) return skipped;
    empty_lines_bytes_ = 0;
    state_ = std::make_unique<State>(limits_);
  }
  State& state = *state_;
  const std::string_view text = as_text(bytes);
  if (state.lines.fold_in(text)) return tl::unexpected(HttpRefusal{400, "folded header line"});
  const llhttp_errno error = llhttp_execute(&state.parser, text.data(), text.size());
  if (state.refusal) return tl::unexpected(*state.refusal);
  if (state.complete) {
    return skipped + static_cast<std::size_t>(llhttp_get_error_pos(&state.parser) - text.data());
  }
  if (error != HPE_OK) {
    const char* reason = llhttp_get_error_reason(&state.parser);
    return tl::unexpected(HttpRefusal{status_of(error), reason == nullptr ? "" : reason});
  }
  state.read_bytes += bytes.size();
  if (state.read_bytes > state.bytes_max()) {
    return tl::unexpected(HttpRefusal{state.headers_done ? 413 : 431, "request is larger than its limit"});
  }
  return skipped + bytes.size();
}

HttpRequest HttpParser::take() {
  const std::unique_ptr<State> state = std::move(state_);
  return std::move(state->request);
}

}  // namespace xylem
