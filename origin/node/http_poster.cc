#include "origin/node/http_poster.h"

#include <curl/curl.h>
#include <fmt/core.h>

namespace xylem {
namespace {

constexpr std::size_t kReplyBytesMax = 64 * 1024;

std::size_t take_reply(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > kReplyBytesMax) return 0;
  body.append(data, size * count);
  return size * count;
}

}  // namespace

struct HttpPoster::Handle {
  CURL* curl = curl_easy_init();
  ~Handle() { curl_easy_cleanup(curl); }
};

HttpPoster::HttpPoster(const PostTarget& target) : target_(target), handle_(std::make_unique<Handle>()) {}

HttpPoster::~HttpPoster() = default;

Result<PostReply> HttpPoster::post(std::string_view body, std::uint64_t seq) {
  CURL* curl = handle_->curl;
  curl_slist* headers = nullptr;
  const auto add = [&](const std::string& line) { headers = curl_slist_append(headers, line.c_str()); };
  add("Authorization: Bearer " + target_.token);
  add("Content-Type: " + target_.content_type);
  add("Expect:");
  if (!target_.view.empty()) add("Xylem-View: " + target_.view);
  add("Producer-Id: " + target_.producer);
  add(fmt::format("Producer-Epoch: {}", target_.producer_epoch));
  add(fmt::format("Producer-Seq: {}", seq));
  PostReply reply;
  char error[CURL_ERROR_SIZE] = {};
  curl_easy_setopt(curl, CURLOPT_URL, target_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_reply);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  if (code != CURLE_OK)
    return fail(ErrorCode::kIo, fmt::format("{}: {}", target_.url, *error != '\0' ? error : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

std::string url_piece(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~' || c == ':';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace xylem
