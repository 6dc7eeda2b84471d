// Writes DNS messages for tests: correct ones, and by raw bytes also wrong ones.
#pragma once

#include <string>
#include <string_view>

#include "client/discovery/dns_message.h"

namespace xylem {

class DnsWriter {
 public:
  static constexpr std::uint16_t kAnswer = 0x8400;  // QR, AA

  explicit DnsWriter(const DnsQuestion& question, std::uint16_t flags = kAnswer, std::uint16_t id = 0) {
    ByteWriter header(bytes_);
    header.u16(id);
    header.u16(flags);
    header.u16(1);
    header.zeros(6);
    append(name(question.name));
    ByteWriter rest(bytes_);
    rest.u16(static_cast<std::uint16_t>(question.type));
    rest.u16(1);
  }

  // Labels without compression; "" is the root.
  static Bytes name(std::string_view text) {
    Bytes out;
    while (!text.empty()) {
      const std::size_t dot = std::min(text.find('.'), text.size());
      out.push_back(static_cast<std::uint8_t>(dot));
      for (const char c : text.substr(0, dot)) out.push_back(static_cast<std::uint8_t>(c));
      text.remove_prefix(std::min(dot + 1, text.size()));
    }
    out.push_back(0);
    return out;
  }
  static Bytes pointer(std::uint16_t to) {
    return {static_cast<std::uint8_t>(0xC0 | to >> 8), static_cast<std::uint8_t>(to & 0xFF)};
  }

  // `owner` and `data` as they stand in the message.
  DnsWriter& record(const Bytes& owner, std::uint16_t type, std::uint32_t ttl, const Bytes& data,
                    std::uint16_t record_class = 1) {
    append(owner);
    ByteWriter writer(bytes_);
    writer.u16(type);
    writer.u16(record_class);
    writer.u32(ttl);
    writer.u16(static_cast<std::uint16_t>(data.size()));
    append(data);
    ++(in_authority_ ? authorities_ : answers_);
    return *this;
  }
  DnsWriter& record(std::string_view owner, DnsType type, std::uint32_t ttl, const Bytes& data) {
    return record(name(owner), static_cast<std::uint16_t>(type), ttl, data);
  }

  DnsWriter& cname(std::string_view owner, std::uint32_t ttl, std::string_view target) {
    return record(owner, DnsType::cname, ttl, name(target));
  }
  DnsWriter& srv(std::string_view owner, std::uint32_t ttl, const SrvRecord& srv) {
    Bytes data;
    ByteWriter writer(data);
    writer.u16(srv.priority);
    writer.u16(srv.weight);
    writer.u16(srv.port);
    writer.bytes(name(srv.target));
    return record(owner, DnsType::srv, ttl, data);
  }
  DnsWriter& txt(std::string_view owner, std::uint32_t ttl, const std::vector<std::string>& strings) {
    Bytes data;
    for (const std::string& text : strings) {
      data.push_back(static_cast<std::uint8_t>(text.size()));
      data.insert(data.end(), text.begin(), text.end());
    }
    return record(owner, DnsType::txt, ttl, data);
  }
  DnsWriter& address(std::string_view owner, std::uint32_t ttl, const SocketAddress& address) {
    const ByteView ip = address.ip_bytes();
    return record(owner, address.is_v4() ? DnsType::a : DnsType::aaaa, ttl, Bytes(ip.begin(), ip.end()));
  }
  // From here on records go to the authority section.
  DnsWriter& soa(std::string_view owner, std::uint32_t ttl, std::uint32_t minimum) {
    in_authority_ = true;
    Bytes data = name("ns.invalid");
    const Bytes mail = name("hostmaster.invalid");
    data.insert(data.end(), mail.begin(), mail.end());
    ByteWriter writer(data);
    for (const std::uint32_t field : {1U, 2U, 3U, 4U, minimum}) writer.u32(field);
    return record(owner, DnsType::soa, ttl, data);
  }

  std::uint16_t size() const { return static_cast<std::uint16_t>(bytes_.size()); }
  Bytes bytes() const {
    Bytes out = bytes_;
    out[7] = static_cast<std::uint8_t>(answers_);
    out[6] = static_cast<std::uint8_t>(answers_ >> 8);
    out[9] = static_cast<std::uint8_t>(authorities_);
    return out;
  }

 private:
  void append(const Bytes& more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }

  Bytes bytes_;
  bool in_authority_ = false;
  unsigned answers_ = 0;
  unsigned authorities_ = 0;
};

}  // namespace xylem
