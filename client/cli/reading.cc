#include "client/cli/reading.h"

#include <fmt/core.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "client/options/command_set.h"
#include "client/uv/wake.h"
#include "client/view/json_text.h"

namespace xylem {
namespace {

std::string default_cache() {
  if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder != nullptr && *folder != '\0') {
    return (std::filesystem::path(folder) / "xylem").string();
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return (std::filesystem::path(home) / ".cache" / "xylem").string();
  }
  return "";
}

}  // namespace

void add_reading_options(OptionTable& table, ReadingSettings& settings) {
  if (settings.cache.empty()) settings.cache = default_cache();
  table.arguments(
      "ZONE FEED", &settings.words,
      "the zone's DNS name, and the feed: a number, a name, or name:31337 for a name of digits; with --server "
      "the zone may be left out");
  table.group("Finding servers");
  table.text("server", &settings.server, "HOST:PORT", "ask this server, and no DNS");
  table.text("dns", &settings.dns, "HOST:PORT", "ask this DNS server").environment("XYLEM_DNS");
  table.toggle("allow-private", &settings.allow_private, "also dial private and loopback addresses that DNS names");
  table.group("Trust");
  table.text("zone-id", &settings.zone_id, "HEX", "the zone's id, from a source you trust; else the first use pins it");
  table.text("cache", &settings.cache, "FOLDER", "where pins, manifests and DNS answers are kept");
  table.group("Behaviour");
  table.duration("timeout", &settings.timeout, "give up after so long without progress, when the command has an end");
  table.toggle("json", &settings.json, "print JSON");
}

Result<void> settle_words(ReadingSettings& settings) {
  const std::size_t expected = settings.server.empty() ? 2 : 1;
  if (settings.words.size() == 2) {
    settings.zone = settings.words[0];
    settings.feed = settings.words[1];
    return {};
  }
  if (settings.words.size() == 1 && expected == 1) {
    settings.feed = settings.words[0];
    return {};
  }
  return fail(ErrorCode::kUsage, settings.server.empty()
                                     ? "ZONE and FEED are needed, for example: distributed.example 31337"
                                     : "FEED is needed, for example: --server HOST:PORT 31337");
}

ReaderOptions reader_options(const ReadingSettings& settings) {
  ReaderOptions options;
  options.zone = settings.zone;
  options.server = settings.server;
  options.dns = settings.dns;
  options.zone_id = settings.zone_id;
  options.folder = settings.cache;
  options.allow_private = settings.allow_private;
  options.agent = fmt::format("xylem/{}", kVersionText);
  return options;
}

Reading::Reading(const ReadingSettings& settings) : settings_(settings) {}

int Reading::run(const FollowOptions& options, Reader::Callbacks callbacks) {
  Reader reader(loop_, reader_options(settings_));
  reader.on_belief([this](const ZoneBelief& belief) { on_belief(belief); });
  SignalWatcher interrupt(loop_, SIGINT, [this] { stop(kExitInterrupted); });
  SignalWatcher terminate(loop_, SIGTERM, [this] { stop(kExitInterrupted); });
  callbacks.status = [this, told = std::move(callbacks.status)](const FeedStatus& status) {
    on_status(status);
    if (told) told(status);
  };
  reader.follow(settings_.feed, options, std::move(callbacks));
  if (!exit_code_) loop_.run();
  clear_passing();
  return exit_code_.value_or(kExitOk);
}

void Reading::stop(int exit_code) {
  if (!exit_code_) exit_code_ = exit_code;
  loop_.stop();
}

void Reading::on_belief(const ZoneBelief& belief) {
  switch (belief.reason) {
    case ZoneBelief::Reason::given:
    case ZoneBelief::Reason::pinned:
      return;
    case ZoneBelief::Reason::first_use:
      return print_note(fmt::format("xylem: first use of {}: its zone id {} is pinned from now on{}", belief.zone,
                                    to_hex(belief.id),
                                    settings_.cache.empty() ? "" : fmt::format(" (in {})", settings_.cache)));
    case ZoneBelief::Reason::server:
      return print_note(
          fmt::format("xylem: the zone id {} is this server's word; --zone-id pins the right one", to_hex(belief.id)));
  }
}

void Reading::on_status(const FeedStatus& status) {
  status_ = status;
  if (status.news != FeedNews::none) {
    print_note(fmt::format("xylem: {}{}", to_string(status.news), status.error ? ": " + status.error->message() : ""));
  }
  switch (status.state) {
    case FeedState::searching:
      return print_passing("finding servers …");
    case FeedState::connecting:
      return print_passing(status.server ? fmt::format("connecting to {} …", status.server->to_string())
                                         : "no server answers, trying again …");
    case FeedState::catching_up:
    case FeedState::live:
      return;
    case FeedState::finished:
      return stop(kExitOk);
    case FeedState::failed:
      print_error("xylem", status.error.value_or(Error{ErrorCode::kNoServers, {}}));
      return stop(kExitFailed);
  }
}

std::string Reading::freshness() const {
  const Freshness& fresh = status_.fresh;
  std::string text;
  if (fresh.as_of) {
    const auto age = std::max(std::chrono::milliseconds(0), std::chrono::milliseconds(Loop::now_utc() - *fresh.as_of));
    text = fmt::format("as of {} UTC", to_rfc3339(*fresh.as_of).substr(0, 19));
    text += fresh.origin_silent
                ? fmt::format(" · the origin is silent for {}: this is what was last signed", short_age(age))
                : fmt::format(", {} ago", short_age(age));
  } else {
    text = "of unknown age: nothing signed was heard yet";
  }
  if (status_.server) {
    text += fmt::format(" · verified, from {}", status_.server->to_string());
    if (!status_.node_name.empty()) text += fmt::format(" ({})", status_.node_name);
  }
  return text;
}

std::string Reading::freshness_json() const {
  const Freshness& fresh = status_.fresh;
  return fmt::format(R"({{"as_of":{},"origin_silent":{},"server":{},"node":{},"newest_version":{}}})",
                     fresh.as_of ? json_quoted(to_rfc3339(*fresh.as_of)) : "null", fresh.origin_silent,
                     status_.server ? json_quoted(status_.server->to_string()) : "null",
                     status_.node_name.empty() ? "null" : json_quoted(status_.node_name), fresh.newest.value);
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

std::string short_age(std::chrono::milliseconds age) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7200) return fmt::format("{} min", s / 60);
  if (s < 172'800) return fmt::format("{} h", s / 3600);
  return fmt::format("{} d", s / 86'400);
}

}  // namespace xylem
