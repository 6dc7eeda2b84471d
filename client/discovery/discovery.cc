#include "client/discovery/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>

#include "client/discovery/cache_file.h"
#include "client/discovery/dns_cache.h"
#include "client/discovery/finder.h"
#include "client/discovery/resolver.h"
#include "client/discovery/system_lookup.h"
#include "client/uv/file_worker.h"
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
constexpr milliseconds kSaveAfter = 1s;  // several answers, one write

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

// One find or watch. Belongs to its Lookup; everyone else holds it weakly.
struct Discovery::Search {
  Search(Loop& loop, FindRequest what, OnFound callback, bool again)
      : request(std::move(what)), on_found(std::move(callback)), watching(again), timer(loop, [this] { begin(); }) {}

  void begin() {
    if (const std::shared_ptr<Impl> owner = impl.lock()) start(*owner);
  }
  void start(Impl& owner);

  const FindRequest request;
  OnFound on_found;
  const bool watching;
  std::weak_ptr<Impl> impl;
  std::weak_ptr<Search> self;
  std::optional<Finder> finder;
  std::optional<SystemLookup> system;
  std::optional<Error> refused;       // told instead of searching
  std::optional<Result<Found>> told;  // watching: what the callback knows
  bool dns_is_silent = false;         // a question went unanswered: last known answers do for the others
  milliseconds retry = kRetryMin;
  Timer timer;
};

class Discovery::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, DiscoveryOptions options);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::shared_ptr<Search> add(FindRequest request, OnFound on_found, bool watching);
  void close();
  void run(const std::shared_ptr<Search>& search);
  void conclude(const std::shared_ptr<Search>& search, const Result<Found>& result);
  void find_by_system(const std::shared_ptr<Search>& search, const HostPort& server);

  Loop& loop_;
  const DiscoveryOptions options_;
  std::vector<DnsStep> last_steps_;
  std::optional<Error> cache_problem_;

 private:
  void ask(const std::shared_ptr<Search>& search, const DnsQuestion& question);
  void on_answer(const DnsQuestion& question, Result<Bytes> message);
  DnsStep step_of(const DnsQuestion& question, Result<Bytes> message);
  milliseconds ask_again_after(Search& search, const Result<Found>& result) const;
  void load();
  void save();

  DnsCache cache_;
  Resolver resolver_;
  RandomBits random_ = system_random();
  std::list<std::weak_ptr<Search>> searches_;
  std::map<DnsQuestion, std::vector<std::weak_ptr<Search>>> waiting_;  // one question on the way for all who wait
  std::optional<FileWorker> writer_;
  std::optional<Timer> save_timer_;
  bool unsaved_ = false;
  bool closed_ = false;
};

void Discovery::Search::start(Impl& owner) {
  const std::shared_ptr<Search> alive = self.lock();
  if (refused) return owner.conclude(alive, fail(*refused));
  if (const auto* host = std::get_if<FindHost>(&request.what)) {
    if (const std::optional<Found> found = found_at_once(host->server)) return owner.conclude(alive, *found);
    if (!owner.options_.dns) return owner.find_by_system(alive, host->server);
  }
  dns_is_silent = false;
  finder.emplace(request, FinderOptions{owner.options_.allow_private});
  owner.run(alive);
}

Discovery::Impl::Impl(Loop& loop, DiscoveryOptions options)
    : loop_(loop), options_(std::move(options)), resolver_(loop, {.server = options_.dns}) {
  writer_.emplace(loop, 1);
  save_timer_.emplace(loop, [this] { save(); });
  save_timer_->keep_loop_alive(false);
  if (!options_.cache_file.empty()) load();
}

Discovery::Impl::~Impl() {
  if (!unsaved_) return;
  // The last moment to do it, and the program is ending: blocking is all right here.
  static_cast<void>(write_cache_file(options_.cache_file, cache_.encode()));
}

void Discovery::Impl::close() {
  closed_ = true;
  for (const std::weak_ptr<Search>& weak : searches_) {
    if (const std::shared_ptr<Search> search = weak.lock()) {
      search->timer.stop();
      search->system.reset();
    }
  }
  waiting_.clear();
}

std::shared_ptr<Discovery::Search> Discovery::Impl::add(FindRequest request, OnFound on_found, bool watching) {
  std::erase_if(searches_, [](const std::weak_ptr<Search>& search) { return search.expired(); });
  auto search = std::make_shared<Search>(loop_, std::move(request), std::move(on_found), watching);
  search->impl = weak_from_this();
  search->self = search;
  if (searches_.size() >= options_.searches_max) {
    search->refused = Error{ErrorCode::kOverloaded, "too many searches in DNS at one time"};
  }
  searches_.push_back(search);
  search->timer.start(0ms);
  return search;
}

// Goes on until the search needs an answer from the network, or is done.
void Discovery::Impl::run(const std::shared_ptr<Search>& search) {
  for (auto questions = search->finder->take_questions(); !questions.empty();
       questions = search->finder->take_questions()) {
    for (const DnsQuestion& question : questions) ask(search, question);
  }
  if (search->finder->done()) conclude(search, search->finder->result());
}

void Discovery::Impl::ask(const std::shared_ptr<Search>& search, const DnsQuestion& question) {
  const std::optional<DnsCache::Hit> hit = cache_.find(question, Loop::now_utc());
  if (hit && hit->fresh()) {
    return search->finder->take_answer({question, hit->answer, true, hit->ttl_left, std::nullopt});
  }
  if (hit && search->dns_is_silent) {
    return search->finder->take_answer({question, hit->answer, true, 0s, hit->age});
  }
  auto& waiting = waiting_[question];
  waiting.push_back(search);
  if (waiting.size() > 1) return;
  resolver_.ask(question, [this, question](Result<Bytes> message) { on_answer(question, std::move(message)); });
}

DnsStep Discovery::Impl::step_of(const DnsQuestion& question, Result<Bytes> message) {
  Result<DnsAnswer> answer = message ? parse_dns_answer(*message, question) : fail(message.error());
  if (answer) {
    cache_.store(question, std::move(*message), Loop::now_utc());
    unsaved_ = !options_.cache_file.empty();
    if (unsaved_ && !save_timer_->running()) save_timer_->start(kSaveAfter);
    const seconds ttl = std::min<seconds>(answer->ttl, DnsCache::kTtlMax);
    return {question, std::move(answer), false, ttl, std::nullopt};
  }
  const std::optional<DnsCache::Hit> hit = cache_.find(question, Loop::now_utc());
  if (!hit) return {question, std::move(answer), false, 0s, std::nullopt};
  return {question, hit->answer, true, 0s, hit->age};
}

void Discovery::Impl::on_answer(const DnsQuestion& question, Result<Bytes> message) {
  const std::shared_ptr<Impl> alive = shared_from_this();
  const bool silent = !message;
  const DnsStep step = step_of(question, std::move(message));
  const auto waiting = waiting_.extract(question);
  if (waiting.empty()) return;
  for (const std::weak_ptr<Search>& weak : waiting.mapped()) {
    const std::shared_ptr<Search> search = weak.lock();
    if (closed_) return;
    if (search == nullptr) continue;
    search->dns_is_silent = search->dns_is_silent || silent;
    search->finder->take_answer(step);
    run(search);
  }
}

milliseconds Discovery::Impl::ask_again_after(Search& search, const Result<Found>& result) const {
  if (result && !result->stale_age) {
    search.retry = kRetryMin;
    return std::clamp(result->ttl, kAskAgainMin, kAskAgainMax);
  }
  const milliseconds wait = search.retry;
  search.retry = std::min(search.retry * 2, kRetryMax);
  const auto jitter = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(wait.count() / 2 + 1));
  return wait - milliseconds(jitter);
}

// The callback comes last: it may drop its search, start others or destroy the Discovery.
void Discovery::Impl::conclude(const std::shared_ptr<Search>& search, const Result<Found>& result) {
  if (search->finder) last_steps_ = search->finder->steps();
  if (search->watching) {
    search->timer.start(ask_again_after(*search, result));
    if (search->told && same_result(*search->told, result)) return;
    search->told = result;
  }
  const Result<Found> copy = result;  // the callback may start the search anew
  const std::shared_ptr<Search> alive = search;
  alive->on_found(copy);
}

void Discovery::Impl::find_by_system(const std::shared_ptr<Search>& search, const HostPort& server) {
  const Result<std::string> host = normalize_host(server.host);
  if (!host) return conclude(search, fail(host.error()));
  search->system.emplace(loop_, *host, [this, server, search = search->self](auto addresses) {
    const std::shared_ptr<Search> alive = search.lock();
    if (alive == nullptr) return;
    if (!addresses) return conclude(alive, fail(addresses.error()));
    conclude(alive, found_by_server(server, std::move(*addresses)));
  });
}

void Discovery::Impl::load() {
  const Result<Bytes> file = read_cache_file(options_.cache_file);
  const Result<void> read = file ? cache_.decode(*file, Loop::now_utc()) : fail(file.error());
  if (!read && read.error().code != ErrorCode::kNotFound) cache_problem_ = read.error();
}

void Discovery::Impl::save() {
  if (!unsaved_) return;
  const Result<void> started = writer_->run_for<Result<void>>(
      [path = options_.cache_file, bytes = cache_.encode()] { return write_cache_file(path, bytes); },
      [this](Result<void> written) {
        if (!written) cache_problem_ = written.error();
      });
  if (started) {
    unsaved_ = false;
  } else {
    save_timer_->start(kSaveAfter);  // the last write is still on its way
  }
}

Discovery::Discovery(Loop& loop, DiscoveryOptions options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

Discovery::~Discovery() { impl_->close(); }

Lookup Discovery::find(FindRequest request, OnFound on_found) {
  return Lookup(impl_->add(std::move(request), std::move(on_found), false));
}

Watch Discovery::watch(FindRequest request, OnFound on_change) {
  return Lookup(impl_->add(std::move(request), std::move(on_change), true));
}

Lookup Discovery::find_server(const HostPort& server, OnFound on_found) {
  return Lookup(impl_->add(FindRequest::host(server), std::move(on_found), false));
}

const std::vector<DnsStep>& Discovery::last_steps() const { return impl_->last_steps_; }

const std::optional<Error>& Discovery::cache_problem() const { return impl_->cache_problem_; }

Result<SocketAddress> parse_dns_option(std::string_view text) {
  const Result<HostPort> server = parse_host_port(text, kDnsPort);
  if (server && server->host == "localhost") return SocketAddress::v4({127, 0, 0, 1}, server->port);
  if (server) {
    if (Result<SocketAddress> address = SocketAddress::parse_ip(server->host, server->port)) return address;
  }
  return fail(ErrorCode::kUsage, fmt::format("\"{}\": a DNS server is an address, such as 127.0.0.1:5353", text));
}

}  // namespace xylem
