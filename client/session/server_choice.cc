#include "client/session/server_choice.h"

#include <algorithm>

#include "client/session/random_values.h"

namespace xylem {
namespace {

// Beyond this, servers that are listed no more are forgotten.
constexpr std::size_t kServersRememberedMax = 256;

std::chrono::milliseconds doubled(std::chrono::milliseconds base, unsigned times, std::chrono::milliseconds most) {
  for (unsigned i = 1; i < times && base < most; ++i) base *= 2;
  return std::min(base, most);
}

}  // namespace

HostPort address_of(const FoundServer& server) { return {server.host, server.port}; }

ServerChoice::ServerChoice(RandomBits random, ServerChoiceOptions options)
    : random_(std::move(random)), options_(options) {}

void ServerChoice::set_servers(std::span<const FoundServer> servers) {
  servers_.clear();
  std::ranges::copy_if(servers, std::back_inserter(servers_),
                       [](const FoundServer& s) { return !s.addresses.empty(); });
  if (records_.size() <= kServersRememberedMax) return;
  std::erase_if(records_, [this](const auto& entry) {
    return std::ranges::none_of(servers_, [&](const FoundServer& s) { return address_of(s) == entry.first; });
  });
}

std::optional<ServerChoice::Next> ServerChoice::next(MonoTime now, std::span<const HostPort> except) {
  const MonoTime soonest = std::max(now, not_before_);
  std::vector<const FoundServer*> candidates;
  std::vector<Preference> preferences;
  for (const FoundServer& server : servers_) {
    if (std::ranges::find(except, address_of(server)) != except.end()) continue;
    candidates.push_back(&server);
    preferences.push_back({server.priority, server.weight});
  }

  const FoundServer* best = nullptr;
  MonoTime best_at = kNever;
  for (const std::size_t index : server_order(preferences, random_)) {
    const FoundServer& server = *candidates[index];
    const MonoTime at = std::max(soonest, records_[address_of(server)].not_before);
    const bool failed_last = failed_last_ == address_of(server);
    const bool better = at < best_at || (at == best_at && best != nullptr && failed_last_ == address_of(*best));
    if (better && !(failed_last && at == best_at)) {
      best = &server;
      best_at = at;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(Next{*best, best_at});
}

void ServerChoice::worked(const HostPort& server) {
  records_[server].failures = 0;
  failures_ = 0;
  not_before_ = {};
}

void ServerChoice::failed(const HostPort& server, FailureCause cause, MonoTime now) {
  avoid(server, cause, now);
  failed_last_ = server;
  ++failures_;
  not_before_ = now + draw_between(random_, 0ms, doubled(options_.retry_min, failures_, options_.retry_max));
}

void ServerChoice::avoid(const HostPort& server, FailureCause cause, MonoTime now) {
  Record& record = records_[server];
  std::chrono::milliseconds wait{};
  if (cause == FailureCause::dishonest) {
    const auto longest = doubled(options_.quarantine_min, ++record.lies, options_.quarantine_max);
    wait = draw_between(random_, longest / 2, longest);
  } else {
    wait = draw_between(random_, 0ms, doubled(options_.retry_min, ++record.failures, options_.retry_max));
  }
  record.not_before = std::max(record.not_before, now + wait);
}

}  // namespace xylem
