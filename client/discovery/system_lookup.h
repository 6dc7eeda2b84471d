// A host's addresses as any program of this machine would find them (getaddrinfo: hosts file, search domains, DNS), on
// libuv's pool. Only for a host the user named; what a zone names is asked in DNS itself, with its TTL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/uv/loop.h"
#include "client/uv/socket_address.h"

namespace xylem {

class SystemLookup {
 public:
  using OnAddresses = std::function<void(Result<std::vector<SocketAddress>> addresses)>;

  // Called once, later: addresses with port 0 (at least one), or kDns. Not called when the SystemLookup is gone by
  // then.
  SystemLookup(Loop& loop, const std::string& host, OnAddresses on_addresses);
  ~SystemLookup();
  SystemLookup(const SystemLookup&) = delete;
  SystemLookup& operator=(const SystemLookup&) = delete;

 private:
  struct Request;
  std::shared_ptr<OnAddresses> on_addresses_;  // the request holds it weakly
};

}  // namespace xylem
