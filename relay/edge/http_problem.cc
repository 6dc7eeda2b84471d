#include "relay/edge/http_problem.h"

#include <algorithm>

#include "relay/edge/json_string.h"

namespace xylem {

namespace {

constexpr std::string_view kRetryAfterSeconds = "1";

// "E_TOO_OLD" → "urn:xylem:too-old"
std::string type_of(std::string_view name) {
  std::string type = "urn:xylem:";
  for (const char c : name.substr(2)) {
    type += c == '_' ? '-' : static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.empty() ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

HttpAnswer make_problem(int status, std::string json) {
  HttpAnswer answer;
  answer.status = status;
  answer.with("Content-Type", "application/problem+json").with("Cache-Control", "no-store");
  json += ",\"status\":" + std::to_string(status) + "}\n";
  answer.body = SharedBytes::copy_of(json);
  return answer;
}

}  // namespace

HttpAnswer problem(const Error& error, std::span<const ProblemMember> members) {
  const ErrorInfo& info = error_info(error.code);
  std::string json;
  append_member(json, "type", type_of(info.name));
  append_member(json, "title", info.text);
  if (!error.detail.empty()) append_member(json, "detail", error.detail);
  append_member(json, "error", info.name);
  for (const ProblemMember& member : members) append_member(json, member.name, member.text);
  json += ",\"number\":" + std::to_string(info.number);
  HttpAnswer answer = make_problem(info.http_status, std::move(json));
  if (info.retryable) answer.with("Retry-After", std::string(kRetryAfterSeconds));
  return answer;
}

HttpAnswer problem(int status, const std::string& detail) {
  std::string json;
  append_member(json, "type", "about:blank");
  append_member(json, "title", reason_phrase(status));
  if (!detail.empty()) append_member(json, "detail", detail);
  return make_problem(status, std::move(json));
}

}  // namespace xylem
