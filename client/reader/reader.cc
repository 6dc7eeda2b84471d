#include "client/reader/reader.h"

#include <fmt/format.h>

#include "client/discovery/discovery.h"
#include "client/reader/following.h"
#include "client/reader/manifest_door.h"
#include "client/reader/zone_store.h"

namespace xylem {
namespace {

constexpr std::chrono::seconds kLinger{1};
constexpr std::chrono::seconds kPatienceWithEnd{30};
constexpr std::chrono::seconds kServerLookupRetry{5};

// The options as values; the first that is wrong is told to every reading.
struct CheckedOptions {
  std::string zone;
  std::optional<HostPort> server;
  std::optional<SocketAddress> dns;
  std::optional<ZoneId> zone_id;
};

Result<CheckedOptions> check(const ReaderOptions& options) {
  CheckedOptions checked;
  if (!options.zone.empty()) {
    auto zone = normalize_dns_name(options.zone);
    if (!zone) return fail(zone.error());
    checked.zone = std::move(*zone);
  }
  if (!options.server.empty()) {
    auto server = parse_host_port(options.server);
    if (!server) return fail(server.error());
    checked.server = std::move(*server);
  }
  if (!options.dns.empty()) {
    auto dns = parse_dns_option(options.dns);
    if (!dns) return fail(dns.error());
    checked.dns = *dns;
  }
  if (!options.zone_id.empty()) {
    auto id = parse_zone_id(options.zone_id);
    if (!id) return fail(id.error());
    checked.zone_id = *id;
  }
  if (checked.zone.empty() && !checked.server) return fail(ErrorCode::kUsage, "neither a zone nor a server is named");
  return checked;
}

Result<FeedReaderOptions> check(std::string_view feed, const FollowOptions& options, const std::string& agent) {
  const auto ref = parse_feed(feed);
  if (!ref) return fail(ref.error());
  FeedReaderOptions checked;
  checked.feed = ref->id;
  checked.until_live = options.until_live;
  checked.skip_lost = options.skip_lost;
  checked.agent = agent;
  if (!options.from.empty()) {
    const auto cursor = parse_feed_cursor(options.from);
    if (!cursor) return fail(cursor.error());
    checked.from = *cursor;
  }
  if (options.until_version > 0) checked.until_version = Version(options.until_version);
  const bool has_end = options.until_live || options.until_version > 0;
  if (has_end) checked.patience = kPatienceWithEnd;
  if (options.patience.count() > 0) checked.patience = options.patience;
  return checked;
}

std::filesystem::path dns_file(const std::filesystem::path& folder) {
  return folder.empty() ? folder : folder / "dns-cache";
}

}  // namespace

class Reader::Impl final : private FollowingOwner {
 public:
  Impl(Loop& loop, ReaderOptions options);

  Id follow(std::string_view feed, const FollowOptions& options, Callbacks callbacks);
  void stop(Id id);
  std::function<void(const ZoneBelief&)> on_belief;

 private:
  struct Reading {
    std::unique_ptr<Following> following;
    Lookup servers;
    Lookup servers_above;
    std::unique_ptr<Timer> retry;  // of a lookup that failed (--server)
    std::optional<Error> refused;  // wrong options: told in the next turn
  };

  // Servers, and with them perhaps the zone's id.
  void find_servers(Reading& reading);
  void on_found(Reading& reading, const Result<Found>& found);
  void find_servers_above(Id id) override;
  // Who the zone is.
  Result<void> begin_belief();
  Result<void> believe(const ZoneId& id, ZoneBelief::Reason reason, std::string_view source);
  Error mismatch(const std::string& found) const;
  void on_manifest(const Result<Bytes>& manifest);
  void on_progress() override;
  // What may not happen inside a call happens in the next turn.
  void on_over() override { soon_.start(std::chrono::milliseconds(0)); }
  void on_next_turn();

  Loop& loop_;
  const ReaderOptions options_;
  const Result<CheckedOptions> checked_;
  RandomBits random_ = system_random();
  LingerList linger_;
  std::optional<Discovery> discovery_;
  ZoneStore store_;

  std::optional<ZoneBelief> belief_;
  bool belief_untold_ = false;
  std::unique_ptr<Trust> trust_;
  std::uint64_t kept_serial_ = 0;
  RedactionBook redactions_;
  ManifestDoor door_;

  Id last_id_ = 0;
  std::map<Id, Reading> readings_;
  Timer soon_;
};

Reader::Impl::Impl(Loop& loop, ReaderOptions options)
    : loop_(loop),
      options_(std::move(options)),
      checked_(check(options_)),
      linger_(loop, kLinger),
      store_(options_.folder),
      door_(loop, linger_, random_, options_.agent, [this](const Result<Bytes>& bytes) { on_manifest(bytes); }),
      soon_(loop, [this] { on_next_turn(); }) {
  if (!checked_) return;
  discovery_.emplace(loop, DiscoveryOptions{.dns = checked_->dns,
                                            .cache_file = dns_file(options_.folder),
                                            .allow_private = options_.allow_private});
}

Reader::Id Reader::Impl::follow(std::string_view feed, const FollowOptions& options, Callbacks callbacks) {
  const Id id = ++last_id_;
  auto wanted = check(feed, options, options_.agent);
  callbacks.status = [this, told = std::move(callbacks.status)](FeedStatus status) {
    // A server knows only that we speak of another zone; here it is known why.
    const bool other_zone = status.error && status.error->code == ErrorCode::kWrongZone && belief_;
    if (other_zone) status.error = mismatch(fmt::format("{} serves another", status.server->to_string()));
    if (told) told(status);
  };
  Reading& reading = readings_[id];
  reading.following = std::make_unique<Following>(loop_, linger_, static_cast<FollowingOwner&>(*this), id,
                                                  wanted.value_or(FeedReaderOptions{}), std::move(callbacks));
  if (!wanted) reading.refused = wanted.error();
  if (!checked_) reading.refused = checked_.error();
  if (auto begun = begin_belief(); !reading.refused && !begun) reading.refused = begun.error();
  if (reading.refused) {
    soon_.start(std::chrono::milliseconds(0));
  } else {
    find_servers(reading);
  }
  return id;
}

void Reader::Impl::stop(Id id) {
  const auto found = readings_.find(id);
  if (found != readings_.end()) found->second.following->stop();
}

// --- Servers ---

void Reader::Impl::find_servers(Reading& reading) {
  const auto on_result = [this, &reading](const Result<Found>& found) { on_found(reading, found); };
  reading.servers = checked_->server
                        ? discovery_->find_server(*checked_->server, on_result)
                        : discovery_->watch(FindRequest::feed(checked_->zone, reading.following->feed()), on_result);
}

void Reader::Impl::on_found(Reading& reading, const Result<Found>& found) {
  Following& following = *reading.following;
  if (!found) {
    if (following.has_end() && !trust_) return following.fail(found.error());
    following.report(found.error());
    following.on_servers(fail(found.error()));
    if (!checked_->server || following.over()) return;
    reading.retry = std::make_unique<Timer>(loop_, [this, &reading] { find_servers(reading); });
    reading.retry->start(kServerLookupRetry);
    return;
  }
  following.on_servers(found->servers);
  if (found->record) {
    auto believed = believe(found->record->id, ZoneBelief::Reason::first_use, "DNS");
    if (!believed) return following.fail(believed.error());
  }
  if (trust_) {
    following.begin(*trust_, redactions_, random_);
  } else if (!found->servers.empty()) {
    door_.ask(found->servers.front());
  }
}

void Reader::Impl::find_servers_above(Id id) {
  Reading& reading = readings_.at(id);
  if (checked_->server) return;
  FindRequest request = FindRequest::feed(checked_->zone, reading.following->feed());
  request.upstream = true;
  reading.servers_above = discovery_->find(request, [&reading](const Result<Found>& found) {
    if (found) reading.following->on_servers_above(found->servers);
  });
}

// --- Who the zone is ---

// What is known before anybody is asked.
Result<void> Reader::Impl::begin_belief() {
  if (belief_ || !checked_) return {};
  if (checked_->zone_id) return believe(*checked_->zone_id, ZoneBelief::Reason::given, "the options");
  if (checked_->zone.empty()) return {};
  const auto pinned = store_.pinned(checked_->zone);
  if (pinned) return believe(*pinned, ZoneBelief::Reason::pinned, store_.pins_file().string());
  return pinned.error().code == ErrorCode::kNotFound ? Result<void>{} : fail(pinned.error());
}

Error Reader::Impl::mismatch(const std::string& found) const {
  std::string why;
  switch (belief_->reason) {
    case ZoneBelief::Reason::given:
      why = "the options say";
      break;
    case ZoneBelief::Reason::pinned:
      why = fmt::format("{} says (remove its line if the zone was really replaced)", store_.pins_file().string());
      break;
    case ZoneBelief::Reason::first_use:
    case ZoneBelief::Reason::server:
      why = "it was first found to be";
      break;
  }
  return {ErrorCode::kPinMismatch, fmt::format("{}: {}, {} {}", checked_->zone.empty() ? "the zone" : checked_->zone,
                                               found, why, to_hex(belief_->id))};
}

Result<void> Reader::Impl::believe(const ZoneId& id, ZoneBelief::Reason reason, std::string_view source) {
  if (belief_ && belief_->id == id) return {};
  if (belief_) return fail(mismatch(fmt::format("{} says it is {}", source, to_hex(id))));
  if (reason == ZoneBelief::Reason::first_use) {
    if (auto kept = store_.pin(checked_->zone, id); !kept) return kept;
  }
  belief_ = ZoneBelief{checked_->zone, id, reason};
  trust_ = std::make_unique<Trust>(id);
  if (const auto manifest = store_.manifest(id)) {
    // One that cannot be used any more is fetched anew.
    if (trust_->admit(*manifest)) kept_serial_ = trust_->manifest()->serial;
  }
  belief_untold_ = true;
  soon_.start(std::chrono::milliseconds(0));
  return {};
}

void Reader::Impl::on_manifest(const Result<Bytes>& bytes) {
  if (!bytes) {
    for (auto& [id, reading] : readings_) {
      Following& following = *reading.following;
      following.has_end() ? following.fail(bytes.error()) : following.report(bytes.error());
    }
    return;
  }
  const ZoneId id = open_manifest_unpinned(*bytes)->zone_id();
  const auto reason = checked_->zone.empty() ? ZoneBelief::Reason::server : ZoneBelief::Reason::first_use;
  const auto believed = believe(id, reason, checked_->server->to_string());
  if (believed) static_cast<void>(trust_->admit(*bytes));  // the first, or one that is held already
  for (auto& [number, reading] : readings_) {
    believed ? reading.following->begin(*trust_, redactions_, random_) : reading.following->fail(believed.error());
  }
}

void Reader::Impl::on_progress() {
  const Manifest* manifest = trust_->manifest();
  if (manifest == nullptr || manifest->serial <= kept_serial_) return;
  kept_serial_ = manifest->serial;
  // What cannot be kept is only fetched once more next time.
  static_cast<void>(store_.keep_manifest(trust_->zone(), trust_->manifest_bytes()));
}

// --- The next turn ---

void Reader::Impl::on_next_turn() {
  if (std::exchange(belief_untold_, false) && on_belief) on_belief(*belief_);
  for (auto& [id, reading] : readings_) {
    if (reading.refused) reading.following->fail(*std::exchange(reading.refused, std::nullopt));
  }
  std::erase_if(readings_, [](const auto& entry) { return entry.second.following->over(); });
  if (readings_.empty()) door_.stop();
}

// --- The door ---

Reader::Reader(Loop& loop, ReaderOptions options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Reader::~Reader() = default;

Reader::Id Reader::follow(std::string_view feed, const FollowOptions& options,
                          std::function<void(const FeedEvent&)> on_event,
                          std::function<void(const FeedStatus&)> on_status) {
  return follow(feed, options, Callbacks{std::move(on_event), std::move(on_status), {}, {}});
}

Reader::Id Reader::follow(std::string_view feed, const FollowOptions& options, Callbacks callbacks) {
  return impl_->follow(feed, options, std::move(callbacks));
}

void Reader::stop(Id id) { impl_->stop(id); }

void Reader::on_belief(std::function<void(const ZoneBelief&)> callback) { impl_->on_belief = std::move(callback); }

}  // namespace xylem
