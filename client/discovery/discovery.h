// Names to servers for programs: Finder, DnsCache and Resolver put together on a Loop.
//
//   Discovery discovery(loop, {.dns = …, .cache_file = …});
//   Lookup lookup = discovery.find(FindRequest::feed("distributed.example", FeedId(31337)), [](const Result<Found>&
//   found) { … }); Watch watch = discovery.watch(FindRequest::upstream_of_bucket(zone, Bucket(5)), [](const
//   Result<Found>& found) { … });
//
// Callbacks never come from inside a call. Dropping a Lookup or Watch cancels it, also inside its own callback; both
// may outlive the Discovery, and are then never called.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "client/discovery/found.h"
#include "client/uv/host_port.h"
#include "client/uv/loop.h"

namespace xylem {

struct DiscoveryOptions {
  std::optional<SocketAddress> dns{};  // --dns or XYLEM_DNS (parse_dns_option); otherwise the system's servers
  std::filesystem::path cache_file{};  // last known answers; empty = in memory only
  bool allow_private = false;          // --allow-private
  std::size_t searches_max = 1024;     // lookups and watches at work at one time; beyond it kOverloaded
};

// "127.0.0.1:5353", "[::1]:53", "9.9.9.9", "localhost:5353"; kUsage otherwise. Port 53 where none is given.
Result<SocketAddress> parse_dns_option(std::string_view text);

// A search that can be dropped.
class Lookup {
 public:
  Lookup() = default;
  void cancel() { search_.reset(); }
  bool active() const { return search_ != nullptr; }

 private:
  friend class Discovery;
  explicit Lookup(std::shared_ptr<void> search) : search_(std::move(search)) {}
  std::shared_ptr<void> search_;
};
using Watch = Lookup;

class Discovery {
 public:
  // Reads the cache file; a damaged one is used as far as it is whole.
  Discovery(Loop& loop, DiscoveryOptions options);
  // Writes the cache file if it has changed.
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  using OnFound = std::function<void(const Result<Found>&)>;

  // Called once. A failed search still tells its steps: see last_steps.
  [[nodiscard]] Lookup find(FindRequest request, OnFound on_found);
  // Called with the first result, then each time it becomes another: other servers, another node, an error, no error
  // any more. Asks again at the TTL (1 s … 1 h), after errors with backoff and jitter (1 s … 60 s).
  [[nodiscard]] Watch watch(FindRequest request, OnFound on_change);
  // --server HOST:PORT, called once. A name is asked at `dns` where that is given, otherwise as any program of this
  // machine would (hosts file, search domains). Addresses may be private: the user named the server, no zone did.
  [[nodiscard]] Lookup find_server(const HostPort& server, OnFound on_found);

  // The steps of the search that ended last, for diagnosis of one that failed.
  const std::vector<DnsStep>& last_steps() const;
  // Why the cache file could not be read or written, for a log; discovery works without it.
  const std::optional<Error>& cache_problem() const;

 private:
  struct Impl;
  class Search;
  Lookup add(FindRequest request, OnFound on_found, bool watching);

  std::shared_ptr<Impl> impl_;
};

}  // namespace xylem
