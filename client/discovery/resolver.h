// DNS questions over the network: c-ares on a Loop. Gives the answer's bytes, as they came. EDNS with 1 232 bytes, TCP
// when an answer was truncated, several attempts with growing time-outs. Never blocks the loop; answers never come from
// inside ask().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "client/discovery/dns_message.h"
#include "client/uv/loop.h"

namespace xylem {

struct ResolverOptions {
  std::optional<SocketAddress> server{};           // --dns; otherwise the system's servers (/etc/resolv.conf)
  std::chrono::milliseconds attempt_timeout{800};  // doubled with each attempt
  int attempts = 3;
  std::size_t questions_in_flight_max = 64;  // further ones wait their turn
  std::size_t questions_max = 4096;          // in flight and waiting; beyond it kOverloaded
};

class Resolver {
 public:
  Resolver(Loop& loop, const ResolverOptions& options);
  // Questions under way are not answered any more. May be destroyed inside an answer.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // The bytes of an answer, negative ones too; parse_dns_answer reads them. kDns: no server gave one (time-out,
  // refused); kOverloaded.
  using OnAnswer = std::function<void(Result<Bytes> message)>;
  void ask(const DnsQuestion& question, OnAnswer on_answer);
  std::size_t questions_under_way() const;

 private:
  class Channel;
  std::shared_ptr<Channel> channel_;
};

}  // namespace xylem
