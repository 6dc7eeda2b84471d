#include "relay/edge/event_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "proto/text.h"
#include "relay/edge/json_string.h"

namespace xylem {

namespace {

// JSON as posted, on one line: between its tokens a line end may stand, inside of them it cannot.
void append_on_one_line(std::string& out, std::string_view json) {
  const std::size_t begin = out.size();
  out += json;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

// RFC 4648 §4.
void append_base64(std::string& out, ByteView bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
}

}  // namespace

EventText::EventText(EventForm form, FeedId feed, FeedEpoch epoch)
    : form_(form), line_start_(fmt::format(R"({{"feed":"{}","epoch":{},"version":)", feed.value, epoch.value)) {}

void EventText::append(std::string& out, const RecordHeader& header, Version version, const BatchItem& item) {
  switch (form_) {
    case EventForm::json_array:
      if (!first_) out += ',';
      first_ = false;
      out += item ? as_text(item->details) : "null";
      return;
    case EventForm::raw:
      if (item) out += as_text(item->details);
      return;
    case EventForm::json_lines:
    case EventForm::json_lines_of_other:
      append_line(out, header, version, item);
      return;
  }
}

void EventText::append_line(std::string& out, const RecordHeader& header, Version version,
                            const BatchItem& item) const {
  out += line_start_;
  out += fmt::format(R"({},"time":)", version.value);
  append_json_string(out, item ? to_rfc3339(item->time) : to_rfc3339(header.origin_time));
  out += R"(,"origin_time":)";
  append_json_string(out, to_rfc3339(header.origin_time));
  if (!item) {
    out += ",\"kind\":null,\"details\":null}\n";
    return;
  }
  out += R"(,"kind":)";
  append_json_string(out, item->kind);
  const std::string_view details = as_text(item->details);
  if (form_ == EventForm::json_lines) {
    out += R"(,"details":)";
    append_on_one_line(out, details);
  } else if (valid_utf8(details)) {
    out += R"(,"details":)";
    append_json_string(out, details);
  } else {
    out += R"(,"details_base64":")";
    append_base64(out, item->details);
    out += '"';
  }
  out += "}\n";
}

}  // namespace xylem
