#include "client/discovery/discovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/discovery/cached_resolver.h"
#include "client/discovery/finder.h"
#include "client/discovery/system_lookup.h"
#include "client/uv/timer.h"
#include "proto/host.h"

namespace xylem {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kDnsPort = 53;
constexpr seconds kAskAgainMin = 1s;
constexpr seconds kAskAgainMax = 1h;
constexpr milliseconds kRetryMin = 1s;
constexpr milliseconds kRetryMax = 60s;

bool same_result(const Result<Found>& a, const Result<Found>& b) {
  if (a && b) return a->same_place(*b);
  return !a && !b && a.error().code == b.error().code;
}

// An address, or this machine itself (RFC 6761 §6.3), needs nobody to be asked.
std::optional<Found> found_at_once(const HostPort& server) {
  if (server.host == "localhost") {
    return found_by_server(server, {*SocketAddress::parse_ip("127.0.0.1", 0), *SocketAddress::parse_ip("::1", 0)});
  }
  const Result<SocketAddress> ip = SocketAddress::parse_ip(server.host, 0);
  if (!ip) return std::nullopt;
  return found_by_server(server, {*ip});
}

}  // namespace

// What all searches share.
struct Discovery::Impl {
  Impl(Loop& the_loop, DiscoveryOptions the_options)
      : loop(the_loop),
        options(std::move(the_options)),
        resolver(loop, {.server = options.dns}, options.cache_file),
        random(system_random()) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Loop& loop;
  const DiscoveryOptions options;
  CachedResolver resolver;
  const RandomBits random;
  std::vector<std::weak_ptr<Search>> searches;
  std::vector<DnsStep> last_steps;
};

// One find or watch. Belongs to its Lookup; everyone else holds it weakly. `owner` is gone when the Discovery is.
class Discovery::Search : public std::enable_shared_from_this<Search> {
 public:
  Search(const std::shared_ptr<Impl>& owner, FindRequest request, OnFound on_found, bool watching)
      : owner_(owner),
        request_(std::move(request)),
        on_found_(std::move(on_found)),
        watching_(watching),
        timer_(owner->loop, [this] { begin(); }) {
    timer_.start(0ms);
  }

  void refuse(Error error) { refused_ = std::move(error); }
  void stop();

 private:
  void begin();
  void run(Impl& owner);
  void on_step(const DnsStep& step);
  void ask_system(Impl& owner, const HostPort& server);
  void on_addresses(const HostPort& server, Result<std::vector<SocketAddress>> addresses);
  void conclude(Impl& owner, const Result<Found>& result);
  milliseconds ask_again_after(Impl& owner, const Result<Found>& result);

  const std::weak_ptr<Impl> owner_;
  const FindRequest request_;
  const OnFound on_found_;
  const bool watching_;
  std::optional<Finder> finder_;
  std::optional<SystemLookup> system_;
  std::optional<Error> refused_;       // told instead of searching
  std::optional<Result<Found>> told_;  // watching: what the callback knows
  milliseconds retry_ = kRetryMin;
  Timer timer_;
};

Discovery::Impl::~Impl() {
  for (const std::weak_ptr<Search>& weak : searches) {
    if (const std::shared_ptr<Search> search = weak.lock()) search->stop();
  }
}

void Discovery::Search::stop() {
  timer_.stop();
  system_.reset();
}

// Whatever is done here may end in the callback, which may drop this search.
void Discovery::Search::begin() {
  const std::shared_ptr<Search> alive = shared_from_this();
  const std::shared_ptr<Impl> owner = owner_.lock();
  if (owner == nullptr) return;
  if (refused_) return conclude(*owner, fail(*refused_));
  if (const auto* host = std::get_if<FindHost>(&request_.what)) {
    if (const std::optional<Found> found = found_at_once(host->server)) return conclude(*owner, *found);
    if (!owner->options.dns) return ask_system(*owner, host->server);
  }
  finder_.emplace(request_, FinderOptions{owner->options.allow_private});
  run(*owner);
}

// Goes on until the search needs an answer from the network, or is done.
void Discovery::Search::run(Impl& owner) {
  for (auto questions = finder_->take_questions(); !questions.empty(); questions = finder_->take_questions()) {
    for (const DnsQuestion& question : questions) {
      if (std::optional<DnsStep> step = owner.resolver.known(question)) {
        finder_->take_answer(std::move(*step));
        continue;
      }
      owner.resolver.ask(question, [weak = weak_from_this()](const DnsStep& step) {
        if (const std::shared_ptr<Search> search = weak.lock()) search->on_step(step);
      });
    }
  }
  if (!finder_->done()) return;
  owner.last_steps = finder_->steps();
  conclude(owner, finder_->result());
}

void Discovery::Search::on_step(const DnsStep& step) {
  const std::shared_ptr<Impl> owner = owner_.lock();
  if (owner == nullptr) return;
  finder_->take_answer(step);
  run(*owner);
}

void Discovery::Search::ask_system(Impl& owner, const HostPort& server) {
  const Result<std::string> host = normalize_host(server.host);
  if (!host) return conclude(owner, fail(host.error()));
  system_.emplace(owner.loop, *host, [weak = weak_from_this(), server](auto addresses) {
    if (const std::shared_ptr<Search> search = weak.lock()) search->on_addresses(server, std::move(addresses));
  });
}

void Discovery::Search::on_addresses(const HostPort& server, Result<std::vector<SocketAddress>> addresses) {
  const std::shared_ptr<Impl> owner = owner_.lock();
  if (owner == nullptr) return;
  if (!addresses) return conclude(*owner, fail(addresses.error()));
  conclude(*owner, found_by_server(server, std::move(*addresses)));
}

milliseconds Discovery::Search::ask_again_after(Impl& owner, const Result<Found>& result) {
  if (result && !result->stale_age) {
    retry_ = kRetryMin;
    return std::clamp(result->ttl, kAskAgainMin, kAskAgainMax);
  }
  const milliseconds wait = retry_;
  retry_ = std::min(retry_ * 2, kRetryMax);
  const auto jitter = static_cast<std::int64_t>(owner.random() % static_cast<std::uint64_t>(wait.count() / 2 + 1));
  return wait - milliseconds(jitter);
}

void Discovery::Search::conclude(Impl& owner, const Result<Found>& result) {
  if (watching_) {
    timer_.start(ask_again_after(owner, result));
    if (told_ && same_result(*told_, result)) return;
    told_ = result;
  }
  on_found_(result);
}

Discovery::Discovery(Loop& loop, DiscoveryOptions options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Discovery::~Discovery() = default;

Lookup Discovery::add(FindRequest request, OnFound on_found, bool watching) {
  auto& searches = impl_->searches;
  std::erase_if(searches, [](const std::weak_ptr<Search>& search) { return search.expired(); });
  const auto search = std::make_shared<Search>(impl_, std::move(request), std::move(on_found), watching);
  if (searches.size() >= impl_->options.searches_max) {
    search->refuse({ErrorCode::kOverloaded, "too many searches in DNS at one time"});
  }
  searches.push_back(search);
  return Lookup(search);
}

Lookup Discovery::find(FindRequest request, OnFound on_found) {
  return add(std::move(request), std::move(on_found), false);
}

Watch Discovery::watch(FindRequest request, OnFound on_change) {
  return add(std::move(request), std::move(on_change), true);
}

Lookup Discovery::find_server(const HostPort& server, OnFound on_found) {
  return add(FindRequest::host(server), std::move(on_found), false);
}

const std::vector<DnsStep>& Discovery::last_steps() const { return impl_->last_steps; }

const std::optional<Error>& Discovery::cache_problem() const { return impl_->resolver.file_problem(); }

Result<SocketAddress> parse_dns_option(std::string_view text) {
  const Result<HostPort> server = parse_host_port(text, kDnsPort);
  if (server && server->host == "localhost") return SocketAddress::v4({127, 0, 0, 1}, server->port);
  if (server) {
    if (Result<SocketAddress> address = SocketAddress::parse_ip(server->host, server->port)) return address;
  }
  return fail(ErrorCode::kUsage, fmt::format("\"{}\": a DNS server is an address, such as 127.0.0.1:5353", text));
}

}  // namespace xylem
