// xylem where: how a feed is found: its bucket, each DNS step, the servers, and which of them answer.
#include <fmt/core.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "client/cli/commands.h"
#include "client/cli/reading.h"
#include "client/cli/server_probe.h"
#include "client/discovery/discovery.h"
#include "client/options/command_set.h"
#include "client/uv/wake.h"

namespace xylem {
namespace {

std::string holding_text(const ProbeResult& result) {
  if (!result.bucket) return "but does not have the bucket";
  const BucketState& held = *result.bucket;
  if (held.head < held.floor) return "holds no record yet";
  return fmt::format("holds records {} to {}", held.floor.value, held.head.value);
}

class WhereCommand {
 public:
  WhereCommand(const ReadingSettings& settings, FeedRef feed)
      : settings_(settings), feed_(std::move(feed)), terminal_(look_at_stdout()) {}

  int run() {
    DiscoveryOptions options;
    if (!settings_.dns.empty()) {
      auto dns = parse_dns_option(settings_.dns);
      if (!dns) return failed(dns.error(), kExitUsage);
      options.dns = *dns;
    }
    options.allow_private = settings_.allow_private;
    if (!settings_.cache.empty()) options.cache_file = std::filesystem::path(settings_.cache) / "dns-cache";
    discovery_ = std::make_unique<Discovery>(loop_, options);
    SignalWatcher interrupt(loop_, SIGINT, [this] { stop(kExitInterrupted); });
    lookup_ = discovery_->find(FindRequest::feed(settings_.zone, feed_.id),
                               [this](const Result<Found>& found) { on_found(found); });
    loop_.run();
    probes_.clear();
    lookup_.cancel();
    discovery_.reset();
    return exit_code_;
  }

 private:
  int failed(const Error& error, int code) {
    print_error("xylem where", error);
    exit_code_ = code;
    return code;
  }
  void stop(int code) {
    exit_code_ = code;
    loop_.stop();
  }

  void on_found(const Result<Found>& found) {
    if (!found) {
      if (!settings_.json) show_steps(discovery_->last_steps());
      failed(found.error(), kExitFailed);
      loop_.stop();
      return;
    }
    found_ = *found;
    results_.resize(found_.servers.size());
    left_ = found_.servers.size();
    trust_ = std::make_unique<Trust>(found_.record->id);
    for (std::size_t i = 0; i < found_.servers.size(); ++i) {
      probes_.push_back(std::make_unique<ServerProbe>(loop_, *trust_, redactions_, found_.servers[i], *found_.bucket,
                                                      [this, i](const ProbeResult& result) {
                                                        results_[i] = result;
                                                        if (--left_ == 0) finish();
                                                      }));
    }
    if (left_ == 0) finish();
  }

  void finish() {
    bool answered = false;
    for (const ProbeResult& result : results_) answered = answered || !result.error;
    const bool printed = print_out(settings_.json ? json() : text());
    stop(answered || !printed ? kExitOk : kExitFailed);
  }

  void show_steps(const std::vector<DnsStep>& steps) {
    for (const DnsStep& step : steps) (void)print_out("  " + step.to_string() + "\n");
  }

  std::string paint(const char* code, std::string_view text) const {
    return terminal_.colour ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }

  std::string text() const {
    std::string out = fmt::format("feed    {}{}\nbucket  {} of {}\n", to_string(feed_.id),
                                  feed_.name.empty() ? "" : " (" + feed_.name + ")", found_.bucket->value,
                                  found_.record->bucket_count);
    out += fmt::format("node    {}\n", found_.node ? found_.node->to_string() : "any server of the zone");
    out += fmt::format("zone id {}\n\nDNS\n", to_hex(found_.record->id));
    for (const DnsStep& step : found_.steps) out += fmt::format("  {}\n", step.to_string());
    if (found_.stale_age) out += "  DNS did not answer: these are the last known answers\n";
    out += "\nservers\n";
    for (std::size_t i = 0; i < found_.servers.size(); ++i) {
      const FoundServer& server = found_.servers[i];
      const ProbeResult& result = results_[i];
      out += fmt::format("  {} {}:{}  priority {} weight {}  ", result.error ? paint("31", "✗") : paint("32", "✓"),
                         server.host, server.port, server.priority, server.weight);
      if (result.error) {
        out += paint("31", result.error->message());
      } else {
        out += fmt::format("answers in {} ms, {}", result.took.count(), holding_text(result));
      }
      out += '\n';
    }
    return out;
  }

  std::string json() const {
    using nlohmann::json;
    json out{{"feed", to_string(feed_.id)},
             {"bucket", found_.bucket->value},
             {"buckets", found_.record->bucket_count},
             {"zone_id", to_hex(found_.record->id)},
             {"stale", found_.stale_age.has_value()}};
    out["node"] = found_.node ? json(found_.node->to_string()) : json(nullptr);
    out["steps"] = json::array();
    for (const DnsStep& step : found_.steps) {
      out["steps"].push_back({{"question", step.question.to_string()},
                              {"text", step.to_string()},
                              {"ttl", step.ttl_left.count()},
                              {"cached", step.from_cache}});
    }
    out["servers"] = json::array();
    for (std::size_t i = 0; i < found_.servers.size(); ++i) {
      const FoundServer& server = found_.servers[i];
      const ProbeResult& result = results_[i];
      json entry{{"host", server.host},
                 {"port", server.port},
                 {"priority", server.priority},
                 {"weight", server.weight},
                 {"answers", !result.error}};
      if (result.error) entry["error"] = result.error->message();
      if (result.bucket) entry["floor"] = result.bucket->floor.value, entry["head"] = result.bucket->head.value;
      out["servers"].push_back(std::move(entry));
    }
    return out.dump(2) + "\n";
  }

  const ReadingSettings& settings_;
  const FeedRef feed_;
  const Terminal terminal_;
  Loop loop_;
  std::unique_ptr<Discovery> discovery_;
  Lookup lookup_;
  Found found_;
  std::unique_ptr<Trust> trust_;
  RedactionBook redactions_;
  std::vector<std::unique_ptr<ServerProbe>> probes_;
  std::vector<ProbeResult> results_;
  std::size_t left_ = 0;
  int exit_code_ = kExitOk;
};

}  // namespace

int run_where_command(int argc, const char* const* argv) {
  ReadingSettings settings;
  OptionTable table(
      "xylem where",
      "Tells which servers hold a feed: its bucket, each DNS step with its TTL, and which servers answer.");
  add_reading_options(table, settings);
  table.epilogue("Example: xylem where distributed.example 31337");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid && !settings.server.empty())
    valid = fail(ErrorCode::kUsage, "where asks DNS; --server names the answer already");
  if (valid) valid = settle_words(settings);
  Result<FeedRef> feed = valid ? parse_feed(settings.feed) : fail(valid.error());
  if (!feed) {
    print_error("xylem where", feed.error());
    return kExitUsage;
  }
  return WhereCommand(settings, *feed).run();
}

}  // namespace xylem
