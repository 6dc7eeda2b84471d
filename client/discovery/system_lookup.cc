#include "client/discovery/system_lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/discovery/dns_message.h"

namespace xylem {

// Lives until libuv has answered, also past its owner.
struct SystemLookup::Request {
  uv_getaddrinfo_t uv{};
  std::string host;
  std::weak_ptr<OnAddresses> on_addresses;

  static void on_done(uv_getaddrinfo_t* uv, int status, addrinfo* list);
};

void SystemLookup::Request::on_done(uv_getaddrinfo_t* uv, int status, addrinfo* list) {
  const std::unique_ptr<Request> request(static_cast<Request*>(uv->data));
  const std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)> owned(list, &uv_freeaddrinfo);
  const std::shared_ptr<OnAddresses> on_addresses = request->on_addresses.lock();
  if (on_addresses == nullptr) return;
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = list; info != nullptr && addresses.size() < kDnsAddressesMax; info = info->ai_next) {
    const SocketAddress address = SocketAddress::from(*info->ai_addr);
    if (std::ranges::count(addresses, address) == 0) addresses.push_back(address);
  }
  if (status != 0 || addresses.empty()) {
    const char* why = status != 0 ? uv_strerror(status) : "no address";
    return (*on_addresses)(fail(ErrorCode::kDns, fmt::format("{}: {}", request->host, why)));
  }
  (*on_addresses)(std::move(addresses));
}

SystemLookup::SystemLookup(Loop& loop, const std::string& host, OnAddresses on_addresses)
    : on_addresses_(std::make_shared<OnAddresses>(std::move(on_addresses))) {
  auto request = std::make_unique<Request>();
  request->host = host;
  request->on_addresses = on_addresses_;
  request->uv.data = request.get();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const int status = uv_getaddrinfo(loop.raw(), &request->uv, &Request::on_done, host.c_str(), nullptr, &hints);
  // It fails at once only for lack of memory or a name longer than any name: HostPort holds none.
  XYLEM_ASSERT(status == 0);
  static_cast<void>(request.release());
}

SystemLookup::~SystemLookup() = default;

}  // namespace xylem
