#include "client/discovery/found.h"

#include <fmt/format.h>

#include <iterator>

#include "proto/text.h"

namespace xylem {
namespace {

constexpr std::size_t kShownTextBytesMax = 200;

std::string records_text(const DnsAnswer& answer) {
  std::string out;
  const auto add = [&](std::string_view text) {
    if (!out.empty()) out += ", ";
    out += text;
  };
  for (const std::string& text : answer.texts) add('"' + clean_text(text, kShownTextBytesMax) + '"');
  for (const SrvRecord& srv : answer.servers) {
    add(fmt::format("{} {} {} {}.", srv.priority, srv.weight, srv.port, srv.target));
  }
  for (const SocketAddress& address : answer.addresses) add(address.ip());
  return out;
}

std::string answer_text(const DnsAnswer& answer) {
  std::string out;
  for (std::size_t i = 1; i < answer.chain.size(); ++i) out += fmt::format("CNAME {} ", answer.chain[i]);
  switch (answer.outcome) {
    case DnsOutcome::data:
      return out + records_text(answer);
    case DnsOutcome::no_data:
      return out + "no such records";
    case DnsOutcome::no_such_name:
      return out + "no such name";
  }
  return out;
}

}  // namespace

std::string DnsStep::to_string() const {
  if (!answer) return fmt::format("{} -> {}", question.to_string(), answer.error().message());
  std::string out = fmt::format("{} -> {}", question.to_string(), answer_text(*answer));
  if (stale_age) return out + fmt::format(" (DNS does not answer; last known answer, {} s old)", stale_age->count());
  return out + fmt::format(" (ttl {}{})", ttl_left.count(), from_cache ? ", cached" : "");
}

bool Found::same_place(const Found& other) const {
  return zone == other.zone && base == other.base && record == other.record && bucket == other.bucket &&
         node == other.node && upstream_node == other.upstream_node && upstream == other.upstream &&
         servers == other.servers;
}

std::vector<Found::Dial> Found::dials(const RandomBits& random) const {
  std::vector<Preference> preferences;
  for (const FoundServer& server : servers) preferences.push_back({server.priority, server.weight});
  std::vector<Dial> out;
  for (const std::size_t i : server_order(preferences, random)) {
    for (const SocketAddress& address : servers[i].addresses) out.push_back({servers[i].host, address});
  }
  return out;
}

Found found_by_server(const HostPort& server, std::vector<SocketAddress> addresses) {
  Found found;
  for (SocketAddress& address : addresses) address = address.with_port(server.port);
  found.servers.push_back({server.host, server.port, 0, 0, std::move(addresses), {}});
  return found;
}

}  // namespace xylem
