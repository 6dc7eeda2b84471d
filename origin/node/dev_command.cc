// xylem-origin dev: an origin and two relays, one below the other, in one process and a temporary folder; no DNS, no
// configuration. The first thing a developer runs.
#include <fmt/core.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "client/options/command_set.h"
#include "client/uv/wake.h"
#include "origin/node/commands.h"
#include "origin/node/dev_feeder.h"
#include "origin/node/keygen.h"
#include "origin/node/origin_node.h"
#include "relay/node/relay_node.h"

namespace xylem {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFeed = "31337";
constexpr std::uint16_t kBuckets = 12;
constexpr std::uint64_t kEventsPerSecond = 100;

// Removed at the end, with everything in it.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& given) : kept_(!given.empty()), path_(given) {
    if (kept_) return;
    std::string name = (fs::temp_directory_path() / "xylem-dev-XXXXXX").string();
    path_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!kept_ && !path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  const bool kept_;
  std::string path_;
};

class DevForest {
 public:
  DevForest(Loop& loop, std::string folder, std::uint16_t port)
      : loop_(loop), folder_(std::move(folder)), port_(port), look_(loop, [this] { look_for_relays(); }) {}

  Result<void> start() {
    ZonePlan plan;
    plan.folder = folder_ + "/keys";
    plan.zone = "dev.example";
    plan.buckets = kBuckets;
    auto zone = make_zone(std::move(plan), Loop::now_utc());
    if (!zone) return fail(zone.error());
    zone_ = std::move(*zone);
    origin_settings_.serving = serving_at("origin", port_);
    origin_settings_.key = zone_.origin_key_files.front();
    origin_settings_.manifest = zone_.manifest_file;
    origin_settings_.token_file = zone_.token_file;
    origin_settings_.ingest = address(ingest_port());
    origin_settings_.accept_readers = true;
    auto origin = OriginNode::open(loop_, origin_settings_);
    if (!origin) return fail(origin.error());
    origin_ = std::move(*origin);
    for (std::uint16_t level = 1; level <= 2; ++level) {
      RelaySettings& settings = relay_settings_[level - 1U];
      settings.serving = serving_at(fmt::format("relay{}", level), static_cast<std::uint16_t>(port_ + level));
      settings.zone = "dev.example";
      settings.bucket = fmt::format("1-{}", kBuckets);
      settings.upstream = {address(static_cast<std::uint16_t>(port_ + level - 1))};
      settings.zone_id = to_hex(zone_.manifest.zone_id());
      settings.allow_private = true;
      auto relay = RelayNode::open(loop_, settings);
      if (!relay) return fail(relay.error());
      relays_.push_back(std::move(*relay));
    }
    look_.start_every(std::chrono::milliseconds(10));
    return {};
  }

  void end() {
    feeder_.reset();
    origin_->drain([this] { loop_.stop(); });
  }

  std::optional<Error> failure() const {
    if (origin_->failure()) return origin_->failure();
    for (const auto& relay : relays_) {
      if (relay->failure()) return relay->failure();
    }
    return std::nullopt;
  }

 private:
  static std::string address(std::uint16_t port) { return fmt::format("127.0.0.1:{}", port); }
  std::uint16_t ingest_port() const { return static_cast<std::uint16_t>(port_ + 1000); }

  ServingSettings serving_at(const std::string& name, std::uint16_t port) const {
    ServingSettings settings;
    settings.data = folder_ + "/" + name;
    settings.listen = address(port);
    settings.advertise = {address(port)};
    settings.threads = 1;
    settings.relays = {"any"};
    return settings;
  }

  void look_for_relays() {
    for (const auto& relay : relays_) {
      if (!relay->serving()) return;
    }
    look_.stop();
    tell();
    PostTarget target;
    target.url = fmt::format("http://{}/v1/stream/{}", address(ingest_port()), kFeed);
    auto token = read_public_file(zone_.token_file, 4096);
    target.token = token ? std::string(as_text(*token)) : "";
    while (!target.token.empty() && target.token.back() <= ' ') target.token.pop_back();
    target.view = "comments";
    target.producer = "dev";
    feeder_ = std::make_unique<DevFeeder>(std::move(target), kEventsPerSecond);
  }

  void tell() const {
    const std::string leaf = address(static_cast<std::uint16_t>(port_ + 2));
    fmt::print(
        "\nA generated thread flows into feed {0}: origin {1} → relay {2} → relay {3}. Files: {4}\n\n"
        "Read it, every byte verified:\n"
        "  xylem thread --server {3} {0}\n"
        "  xylem thread --server {3} {0} --follow\n"
        "  xylem tail --server {3} {0} --json --until-live\n"
        "  curl 'http://{3}/v1/stream/{0}?limit=3'\n"
        "  curl 'http://{3}/v1/status'\n\n"
        "Write:\n"
        "  curl -H \"Authorization: Bearer $(cat {5})\" -H 'Content-Type: application/x-ndjson' \\\n"
        "    --data-binary "
        "'{{\"event_kind\":\"add_comment\",\"comment_id\":\"mine\",\"user_id\":\"me\",\"message\":\"hello\"}}' \\\n"
        "    http://{6}/v1/stream/my-feed\n"
        "  xylem thread --server {3} my-feed\n\n"
        "Ctrl-C ends everything{7}.\n",
        kFeed, address(port_), address(static_cast<std::uint16_t>(port_ + 1)), leaf, folder_, zone_.token_file,
        address(ingest_port()), folder_.find("xylem-dev-") == std::string::npos ? "" : " and removes the files");
    std::fflush(stdout);
  }

  Loop& loop_;
  const std::string folder_;
  const std::uint16_t port_;
  NewZone zone_;
  OriginSettings origin_settings_;
  std::array<RelaySettings, 2> relay_settings_;
  std::unique_ptr<OriginNode> origin_;
  std::vector<std::unique_ptr<RelayNode>> relays_;
  std::unique_ptr<DevFeeder> feeder_;
  Timer look_;
};

}  // namespace

int run_dev_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin dev";
  std::string given_folder;
  std::uint64_t port = 7411;
  std::string level = "warning";
  OptionTable table(
      kCommand, "An origin and two relays in one process, without DNS and configuration, fed with a generated thread.");
  table.text("dir", &given_folder, "FOLDER",
             "keep everything here; else in a temporary folder that is removed at the end");
  table.number("port", &port, "PORT", "origin; the relays take the next two, writers this + 1000", 1024, 64'000);
  table.choice("log-level", &level, {"debug", "info", "warning", "error"}, "least level that is logged");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  if (!outcome) {
    print_error(kCommand, outcome.error());
    return kExitUsage;
  }
  ServingSettings log_settings;
  log_settings.log_level = level;
  (void)apply_log_settings(log_settings);
  const TemporaryFolder folder(given_folder);
  Loop loop;
  DevForest forest(loop, folder.path(), static_cast<std::uint16_t>(port));
  if (auto started = forest.start(); !started) {
    print_error(kCommand, started.error());
    return kExitFailed;
  }
  SignalWatcher interrupt(loop, SIGINT, [&] { forest.end(); });
  SignalWatcher terminate(loop, SIGTERM, [&] { forest.end(); });
  loop.run();
  if (const auto failure = forest.failure()) {
    print_error(kCommand, *failure);
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace xylem
