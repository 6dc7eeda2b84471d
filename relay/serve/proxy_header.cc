#include "relay/serve/proxy_header.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "client/uv/host_port.h"

namespace xylem {

namespace {

constexpr std::string_view kV1Start = "PROXY ";
constexpr std::array<std::uint8_t, 12> kV2Start = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                   0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t kV2HeadBytes = 16;

// As much of `start` as is there.
bool begins_with(ByteView bytes, ByteView start) {
  const std::size_t count = std::min(bytes.size(), start.size());
  return std::ranges::equal(bytes.first(count), start.first(count));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t blank = line.find(' ');
    words.push_back(line.substr(0, blank));
    if (blank == std::string_view::npos) return words;
    line.remove_prefix(blank + 1);
  }
}

// "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443"
Result<std::optional<ProxyHeader>> parse_v1(ByteView bytes) {
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kProxyV1BytesMax)));
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) {
    if (text.size() == kProxyV1BytesMax) return fail(ErrorCode::kTooLarge, "PROXY header");
    return std::nullopt;
  }
  ProxyHeader header{end + 2, std::nullopt};
  const std::vector<std::string_view> words = words_of(text.substr(0, end));
  if (words.size() >= 2 && words[1] == "UNKNOWN") return header;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6"))
    return fail(ErrorCode::kBadFrame, "PROXY header");
  const std::optional<std::uint16_t> port = parse_port(words[4]);
  const Result<SocketAddress> source = SocketAddress::parse_ip(words[2], port.value_or(0));
  const Result<SocketAddress> target = SocketAddress::parse_ip(words[3], 0);
  if (!port || !source || !target || !parse_port(words[5])) return fail(ErrorCode::kBadFrame, "PROXY header");
  header.source = *source;
  return header;
}

Result<std::optional<ProxyHeader>> parse_v2(ByteView bytes) {
  if (bytes.size() < kV2HeadBytes) return std::nullopt;
  ByteReader in(bytes.subspan(kV2Start.size()));
  const std::uint8_t version_and_command = in.u8();
  const std::uint8_t family = in.u8();
  const std::size_t rest_bytes = in.u16();
  if (version_and_command >> 4 != 2 || (version_and_command & 0xF) > 1) {
    return fail(ErrorCode::kBadFrame, "PROXY header");
  }
  ProxyHeader header{kV2HeadBytes + rest_bytes, std::nullopt};
  if (header.bytes > kProxyV2BytesMax) return fail(ErrorCode::kTooLarge, "PROXY header");
  if (bytes.size() < header.bytes) return std::nullopt;

  ByteReader addresses(in.bytes(rest_bytes));
  const bool local = (version_and_command & 0xF) == 0;
  if (!local && family == 0x11) {
    const auto ip = addresses.array<4>();
    addresses.bytes(4);
    header.source = SocketAddress::v4(ip, addresses.u16());
  } else if (!local && family == 0x21) {
    const auto ip = addresses.array<16>();
    addresses.bytes(16);
    header.source = SocketAddress::v6(ip, addresses.u16());
  }
  if (addresses.bad()) return fail(ErrorCode::kBadFrame, "PROXY header");
  return header;
}

}  // namespace

bool looks_like_proxy_header(ByteView bytes) {
  return !bytes.empty() && (begins_with(bytes, as_bytes(kV1Start)) || begins_with(bytes, kV2Start));
}

Result<std::optional<ProxyHeader>> parse_proxy_header(ByteView bytes) {
  return bytes.front() == kV2Start.front() ? parse_v2(bytes) : parse_v1(bytes);
}

}  // namespace xylem
