#include "relay/serve/first_bytes.h"

#include <algorithm>

#include "proto/frames.h"
#include "relay/serve/proxy_header.h"

namespace xylem {

namespace {

constexpr std::size_t kDecidingBytes = 8;
constexpr std::string_view kHttp2Preface = "PRI * H";

bool is_upper(std::uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }

}  // namespace

Speaks FirstBytes::feed(ByteView bytes) {
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (held_.empty()) return Speaks::unclear;
  if (proxy_ && looks_like_proxy_header(held_)) {
    const Result<std::optional<ProxyHeader>> header = parse_proxy_header(held_);
    if (!header) return Speaks::nothing;
    if (!*header) return Speaks::unclear;
    proxy_ = false;  // one header a connection
    spoken_for_ = (*header)->source;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>((*header)->bytes));
    if (held_.empty()) return Speaks::unclear;
  }
  const Speaks speaks = look();
  if (speaks == Speaks::native) held_.erase(held_.begin(), held_.begin() + kNativeMagic.size());
  return speaks;
}

// A byte that none of them begins with decides at once; 0x16 (TLS, not offered) is one.
Speaks FirstBytes::look() const {
  const std::uint8_t first = held_.front();
  if (first != kNativeMagic[0] && !is_upper(first)) return Speaks::nothing;
  if (held_.size() < kDecidingBytes) return Speaks::unclear;
  if (is_upper(first)) return as_text(held_).starts_with(kHttp2Preface) ? Speaks::http2 : Speaks::http;
  const bool magic = std::ranges::equal(kNativeMagic, std::span(held_).first(kNativeMagic.size()));
  return magic ? Speaks::native : Speaks::nothing;
}

}  // namespace xylem
