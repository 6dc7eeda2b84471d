#include "client/discovery/finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/discovery/dns_name.h"

namespace xylem {
namespace {

constexpr std::string_view kServicePrefix = "_xylem._tcp.";

std::string_view without_service_prefix(std::string_view name) {
  if (name.starts_with(kServicePrefix)) name.remove_prefix(kServicePrefix.size());
  return name;
}

std::string_view outcome_text(DnsOutcome outcome) {
  switch (outcome) {
    case DnsOutcome::data:
      return "has records";
    case DnsOutcome::no_data:
      return "has no such records";
    case DnsOutcome::no_such_name:
      return "does not exist";
  }
  return "";
}

// "4-6.1-6", whether the zone, or what the zone is a CNAME for, stands behind it or not.
std::string_view ranges_of(std::string_view name, const Found& found) {
  for (const std::string& zone : {found.base, found.zone}) {
    if (name.size() > zone.size() && is_at_or_below(name, zone)) return name.substr(0, name.size() - zone.size() - 1);
  }
  return name;
}

}  // namespace

Finder::Finder(FindRequest request, FinderOptions options) : request_(std::move(request)), options_(options) {
  start();
}

void Finder::start() {
  if (const auto* host = std::get_if<FindHost>(&request_.what)) return resolve_host(host->server);
  const Result<std::string> zone = normalize_dns_name(request_.zone);
  if (!zone) return give_up(zone.error().code, "zone " + zone.error().detail);
  found_.zone = *zone;
  ask(*zone, DnsType::txt);
}

std::vector<DnsQuestion> Finder::take_questions() { return std::exchange(to_ask_, {}); }

void Finder::ask(std::string name, DnsType type) {
  DnsQuestion question{std::move(name), type};
  if (awaited_.insert(question).second) to_ask_.push_back(std::move(question));
}

void Finder::take_answer(DnsStep step) {
  if (done() || awaited_.erase(step.question) == 0) return;
  found_.steps.push_back(std::move(step));
  const DnsStep& last = found_.steps.back();
  switch (stage_) {
    case Stage::zone:
      return on_zone(last);
    case Stage::place:
    case Stage::upstream:
      return on_servers(last);
    case Stage::addresses:
      return on_address(last);
  }
}

void Finder::on_zone(const DnsStep& step) {
  if (!step.answer) return give_up(ErrorCode::kDns, step.answer.error().detail);
  if (step.answer->outcome != DnsOutcome::data) {
    return give_up(ErrorCode::kDns,
                   fmt::format("{}: {}", step.question.to_string(), outcome_text(step.answer->outcome)));
  }
  const Result<ZoneRecord> record = parse_zone_record(step.answer->texts);
  if (!record) return give_up(ErrorCode::kDns, fmt::format("{}: {}", step.question.name, record.error().detail));
  found_.record = *record;
  found_.base = step.answer->owner();
  // A base that is no plain name (a CNAME to \032…) can have no names below it that anyone may ask for.
  if (!normalize_dns_name(found_.base)) return give_up(ErrorCode::kDns, "the zone's CNAME leads to an unusable name");
  resolve_what();
}

void Finder::resolve_what() {
  if (const auto* feed = std::get_if<FindFeed>(&request_.what)) {
    return resolve_bucket(bucket_of(feed->feed, found_.record->bucket_count));
  }
  if (const auto* bucket = std::get_if<FindBucket>(&request_.what)) return resolve_bucket(bucket->bucket);
  return resolve_node(std::get<FindNode>(request_.what).name);
}

void Finder::resolve_bucket(Bucket bucket) {
  if (bucket.value == 0 || bucket.value > found_.record->bucket_count) {
    return give_up(ErrorCode::kWrongBucket, fmt::format("there is no bucket {}: {} has buckets 1 to {}", bucket.value,
                                                        found_.zone, found_.record->bucket_count));
  }
  found_.bucket = bucket;
  stage_ = Stage::place;
  ask_servers_of(fmt::format("b{}.{}", bucket.value, found_.base));
}

void Finder::resolve_node(const std::string& name) {
  const Result<std::string> normal = normalize_dns_name(name);
  if (!normal) return give_up(ErrorCode::kBadName, normal.error().detail);
  Result<NodeName> node = parse_node_name(fmt::format("{}.{}", ranges_of(*normal, found_), found_.base), found_.base);
  if (!node) return give_up(ErrorCode::kBadName, node.error().detail);
  if (node->ranges.back().last.value > found_.record->bucket_count) {
    return give_up(ErrorCode::kWrongBucket, fmt::format("{} is outside the zone: it has buckets 1 to {}",
                                                        node->to_string(), found_.record->bucket_count));
  }
  found_.node = std::move(*node);
  if (request_.upstream) return go_up();
  stage_ = Stage::place;
  ask_servers_of(found_.node->to_string());
}

// The user named this server, no zone did: its addresses may be private.
void Finder::resolve_host(const HostPort& server) {
  options_.allow_private = true;
  servers_of_ = server.host;
  ask_addresses({{0, 0, server.port, server.host}});
}

void Finder::ask_servers_of(std::string name) {
  servers_of_ = name;
  fallback_asked_ = false;
  found_.owner_chain.clear();
  ask(std::move(name), DnsType::srv);
}

void Finder::on_servers(const DnsStep& step) {
  if (!step.answer) return give_up(ErrorCode::kDns, step.answer.error().detail);
  for (const std::string& owner : step.answer->chain) {
    const std::string_view bare = without_service_prefix(owner);
    if (found_.owner_chain.empty() || found_.owner_chain.back() != bare) found_.owner_chain.emplace_back(bare);
  }
  if (step.answer->outcome == DnsOutcome::data) {
    return stage_ == Stage::place ? on_place(step.answer->servers) : ask_addresses(step.answer->servers);
  }
  // Some hosters accept SRV records only below a service name (RFC 2782), so that name is asked, too.
  const std::string fallback = std::string(kServicePrefix) + step.answer->owner();
  if (fallback_asked_ || !normalize_dns_name(fallback)) {
    return give_up(ErrorCode::kDns, fmt::format("SRV {}: {}", servers_of_, outcome_text(step.answer->outcome)));
  }
  fallback_asked_ = true;
  ask(fallback, DnsType::srv);
}

void Finder::on_place(const std::vector<SrvRecord>& servers) {
  const std::string& owner = found_.owner_chain.back();
  if (found_.bucket && owner != servers_of_) {
    if (Result<NodeName> node = parse_node_name(owner, found_.base)) found_.node = std::move(*node);
  }
  if (found_.bucket && found_.node && !found_.node->own().contains(*found_.bucket)) {
    return give_up(ErrorCode::kDns, fmt::format("{} leads to {}, which does not hold bucket {}", servers_of_, owner,
                                                found_.bucket->value));
  }
  if (request_.upstream) return go_up();
  ask_addresses(servers);
}

void Finder::go_up() {
  if (!found_.node) {
    found_.upstream = Upstream::by_manifest;
    return finish();
  }
  found_.upstream_node = found_.node->parent();
  if (!found_.upstream_node) {
    found_.upstream = Upstream::is_origin;
    return finish();
  }
  found_.upstream = Upstream::servers;
  stage_ = Stage::upstream;
  ask_servers_of(found_.upstream_node->to_string());
}

void Finder::ask_addresses(const std::vector<SrvRecord>& servers) {
  if (servers.size() == 1 && servers.front().target.empty()) {
    return give_up(ErrorCode::kNoServers, fmt::format("{} says that it has no servers", servers_of_));
  }
  stage_ = Stage::addresses;
  for (const SrvRecord& srv : servers) {
    FoundServer server{srv.target, srv.port, srv.priority, srv.weight, {}, {}};
    if (!normalize_dns_name(srv.target) || srv.port == 0) {
      server.problem = "no host name or no port";
    } else {
      ask(srv.target, DnsType::a);
      ask(srv.target, DnsType::aaaa);
    }
    found_.servers.push_back(std::move(server));
  }
  if (awaited_.empty()) finish_servers();
}

void Finder::on_address(const DnsStep& step) {
  for (FoundServer& server : found_.servers) {
    if (server.host != step.question.name || server.port == 0) continue;
    if (!step.answer) {
      server.problem = step.answer.error().detail;
    } else if (step.answer->outcome != DnsOutcome::data) {
      if (server.problem.empty()) server.problem = fmt::format("{} has no address", server.host);
    } else if (step.answer->chain.size() > 1) {
      server.problem = fmt::format("{} is a CNAME", server.host);  // RFC 2782: a target must not be an alias
    } else {
      add_addresses(server, *step.answer);
    }
  }
  if (awaited_.empty()) finish_servers();
}

void Finder::add_addresses(FoundServer& server, const DnsAnswer& answer) {
  for (const SocketAddress& address : answer.addresses) {
    if (address.is_private() && !options_.allow_private) {
      private_refused_ = true;
      server.problem = fmt::format("{} is a private address", address.ip());
    } else {
      server.addresses.push_back(address.with_port(server.port));
    }
  }
}

void Finder::finish_servers() {
  bool any_address = false;
  std::string problem;
  for (FoundServer& server : found_.servers) {
    if (server.addresses.empty()) {
      problem = server.problem;
      continue;
    }
    any_address = true;
    server.problem.clear();
    std::ranges::sort(server.addresses, {},
                      [](const SocketAddress& address) { return std::pair(!address.is_v4(), address); });
  }
  if (!any_address) {
    const ErrorCode code = private_refused_ ? ErrorCode::kPrivateAddress : ErrorCode::kNoServers;
    return give_up(code, fmt::format("no server of {} has a usable address: {}", servers_of_, problem));
  }
  std::ranges::sort(found_.servers, {},
                    [](const FoundServer& server) { return std::tuple(server.priority, server.host, server.port); });
  finish();
}

void Finder::finish() {
  std::optional<std::chrono::seconds> ttl;
  for (const DnsStep& step : found_.steps) {
    if (!step.answer) continue;
    if (step.stale_age) found_.stale_age = std::max(found_.stale_age.value_or(*step.stale_age), *step.stale_age);
    // What does not exist and names no time (RFC 2308 §5) says nothing about how long the rest holds.
    if (step.answer->outcome != DnsOutcome::data && step.answer->ttl.count() == 0) continue;
    ttl = std::min(ttl.value_or(step.ttl_left), step.ttl_left);
  }
  found_.ttl = ttl.value_or(std::chrono::seconds(0));
  result_ = found_;
}

void Finder::give_up(ErrorCode code, std::string detail) { result_ = fail(code, std::move(detail)); }

}  // namespace xylem
