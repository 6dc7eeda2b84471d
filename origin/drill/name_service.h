// A zone's DNS records and what a name server says of them: CNAME chains followed, NXDOMAIN, NODATA. NameLookup runs
// the production Finder against it in virtual time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "client/discovery/finder.h"
#include "origin/drill/event_queue.h"
#include "origin/drill/random_stream.h"

namespace xylem {

// A node that found nothing asks again after it.
inline constexpr std::chrono::seconds kFindAgain{1};

class NameService {
 public:
  static constexpr std::chrono::seconds kTtl{60};

  void add_text(const std::string& name, std::string text) { names_[name].texts.push_back(std::move(text)); }
  void add_alias(const std::string& name, std::string target) { names_[name].alias = std::move(target); }
  void add_server(const std::string& name, SrvRecord server) { names_[name].servers.push_back(std::move(server)); }
  void add_address(const std::string& name, const SocketAddress& address) {
    names_[name].addresses.push_back(address.with_port(0));
  }

  DnsAnswer answer(const DnsQuestion& question) const;

 private:
  struct Records {
    std::optional<std::string> alias;
    std::vector<std::string> texts;
    std::vector<SrvRecord> servers;
    std::vector<SocketAddress> addresses;  // v4
  };
  std::map<std::string, Records> names_;
};

// One search. Dropped, it falls silent.
class NameLookup {
 public:
  using OnFound = std::function<void(const Result<Found>&)>;
  NameLookup(EventQueue& queue, const NameService& service, RandomStream& random, FindRequest request,
             OnFound on_found);

 private:
  struct Search;
  static void ask(const std::shared_ptr<Search>& search);

  std::shared_ptr<Search> search_;
};

}  // namespace xylem
