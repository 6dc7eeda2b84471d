// Which server to dial next, and when. RFC 2782 order by priority and weight among those that may be tried; a server
// that failed waits longer each time (exponential, full jitter), one that lied much longer; and between any two
// attempts there is a wait that grows with the failures in a row, so that a crowd does not fall upon the next server at
// once.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "client/discovery/found.h"
#include "client/session/upstream_listener.h"
#include "client/uv/host_port.h"
#include "proto/mono_time.h"

namespace xylem {

struct ServerChoiceOptions {
  std::chrono::milliseconds retry_min = 500ms;  // doubled with each failure, a random part of it is waited
  std::chrono::milliseconds retry_max = 60s;
  std::chrono::milliseconds quarantine_min = 60s;  // doubled with each lie, at least half of it is waited
  std::chrono::milliseconds quarantine_max = 1h;
};

HostPort address_of(const FoundServer& server);

class ServerChoice {
 public:
  explicit ServerChoice(RandomBits random, ServerChoiceOptions options = {});

  // Replaces the list; servers without an address are left out. What is known about a server is kept.
  void set_servers(std::span<const FoundServer> servers);
  const std::vector<FoundServer>& servers() const { return servers_; }

  struct Next {
    FoundServer server;
    MonoTime at;  // not before
  };
  // Nothing when there is no server, save those in `except`. The one that failed last is taken only where no other may
  // be tried now.
  std::optional<Next> next(MonoTime now, std::span<const HostPort> except = {});

  void worked(const HostPort& server);
  void failed(const HostPort& server, FailureCause cause, MonoTime now);
  // The same without a wait for the others: of a server that was asked beside the one in use.
  void avoid(const HostPort& server, FailureCause cause, MonoTime now);

 private:
  struct Record {
    unsigned failures = 0;  // in a row
    unsigned lies = 0;      // ever
    MonoTime not_before{};
  };

  RandomBits random_;
  ServerChoiceOptions options_;
  std::vector<FoundServer> servers_;
  std::map<HostPort, Record> records_;
  std::optional<HostPort> failed_last_;
  unsigned failures_ = 0;  // in a row, of all
  MonoTime not_before_{};
};

}  // namespace xylem
