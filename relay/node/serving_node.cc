#include "relay/node/serving_node.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/logging/log.h"
#include "relay/keys/key_file.h"
#include "relay/log/log_folder.h"

namespace xylem {
namespace {

std::vector<BucketLog*> all_logs(LogSet& logs) {
  std::vector<BucketLog*> all;
  for (std::uint32_t b = logs.range().first.value; b <= logs.range().last.value; ++b) {
    all.push_back(&logs.of(Bucket(static_cast<std::uint16_t>(b))));
  }
  return all;
}

// By rename, so that whoever waits for it never reads half of it.
Result<void> write_ready_file(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::ofstream(part, std::ios::binary) << text;
  if (std::rename(part.c_str(), path.c_str()) == 0) return {};
  return fail(ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno)));
}

void tell_recovery(const std::map<Bucket, RecoveryReport>& reports) {
  std::uint64_t records = 0;
  for (const auto& [bucket, report] : reports) {
    records += report.records;
    if (report.first_damage.empty()) continue;
    log_warning("log repaired", {{"bucket", bucket.value},
                                 {"damage", report.first_damage},
                                 {"cut_bytes", report.cut_bytes},
                                 {"dropped_segments", report.dropped_segments}});
  }
  log_info("logs opened", {{"buckets", reports.size()}, {"records", records}});
}

}  // namespace

ServingNode::ServingNode(Loop& loop, Options options)
    : loop_(loop), options_(std::move(options)), facts_timer_(loop, [this] { send_facts(); }) {}

ServingNode::~ServingNode() = default;

Result<std::unique_ptr<ServingNode>> ServingNode::open(Loop& loop, Options options) {
  std::unique_ptr<ServingNode> node(new ServingNode(loop, std::move(options)));
  if (auto opened = node->open_folder(); !opened) return fail(opened.error());
  if (auto read = node->read_settings(); !read) return fail(read.error());
  return node;
}

Result<void> ServingNode::open_folder() {
  const std::string& folder = options_.settings.data;
  auto storage = PosixStorage::open(folder, PosixStorage::Access::write);
  if (!storage) return fail(storage.error());
  storage_ = std::move(*storage);
  auto identity = read_or_make_key((std::filesystem::path(folder) / kIdentityFile).string(), KeyUse::relay);
  if (!identity) return fail(identity.error());
  identity_ = std::make_shared<const SigningKey>(std::move(*identity));
  LogSetOptions log_options;
  log_options.disk_bytes_max = options_.disk_bytes;
  log_options.hot_bytes_max = options_.settings.memory_bytes;
  log_options.log.keep_everything = options_.keep_everything;
  std::map<Bucket, RecoveryReport> reports;
  auto logs = LogSet::open(*storage_, options_.range, log_options, &reports);
  if (!logs) return fail(logs.error());
  logs_ = std::move(*logs);
  tell_recovery(reports);
  return {};
}

Result<void> ServingNode::read_settings() {
  const ServingSettings& settings = options_.settings;
  auto listen = SocketAddress::parse(settings.listen);
  if (!listen) return fail(ErrorCode::kConfig, fmt::format("listen: {}", listen.error().detail));
  listen_ = {*listen};
  for (const std::string& text : settings.advertise) {
    auto host = parse_host_port(text);
    if (!host) return fail(ErrorCode::kConfig, fmt::format("advertise: {}", host.error().detail));
    facts_.hosts.push_back(*host);
  }
  for (const std::string& text : settings.deny) {
    auto feed = parse_feed(text);
    if (!feed) return fail(ErrorCode::kConfig, fmt::format("deny: '{}': {}", text, feed.error().detail));
    facts_.denied.insert(feed->id);
  }
  for (const std::string& text : settings.relays) {
    if (text == "any") {
      facts_.accept_any_relay = true;
      continue;
    }
    auto relay = parse_relay_id(text);
    if (!relay) return fail(ErrorCode::kConfig, fmt::format("relay: '{}' is neither a relay id nor any", text));
    facts_.relays.insert(*relay);
  }
  facts_.key = identity_;
  facts_.abuse_contact = settings.abuse_contact;
  facts_.accept_readers = options_.accept_readers;
  facts_.node_name = options_.node_name;
  facts_.agent = fmt::format("xylem/{}", kVersionText);
  facts_.path = {id()};
  return {};
}

Result<void> ServingNode::start(const Trust& trust) {
  XYLEM_ASSERT(trust.manifest() != nullptr && !pool_);
  set_manifest(trust);
  ServingPoolOptions options;
  options.threads =
      options_.settings.threads != 0 ? options_.settings.threads : std::max(1U, std::thread::hardware_concurrency());
  options.addresses = listen_;
  auto pool = ServingPool::start(*this, all_logs(*logs_), std::make_shared<const ServeFacts>(facts_), options);
  if (!pool) return fail(pool.error());
  pool_ = std::move(*pool);
  return {};
}

void ServingNode::published() {
  if (pool_) pool_->wake();
  logs_->collect();
}

void ServingNode::set_manifest(const Trust& trust) {
  facts_.zone = trust.zone();
  facts_.manifest = std::make_shared<const Manifest>(*trust.manifest());
  facts_.manifest_bytes = std::make_shared<const Bytes>(trust.manifest_bytes());
  facts_.manifest_hash = trust.manifest_hash();
  facts_.relays.insert(trust.manifest()->relays.begin(), trust.manifest()->relays.end());
  facts_changed();
}

void ServingNode::set_path(const std::vector<RelayId>& above) {
  facts_.path = {id()};
  facts_.path.insert(facts_.path.end(), above.begin(), above.end());
  facts_changed();
}

void ServingNode::set_beacon(Bucket bucket, Bytes frame_body) {
  facts_.beacons[bucket] = std::make_shared<const Bytes>(std::move(frame_body));
  facts_changed();
}

void ServingNode::set_node_name(std::string name) {
  facts_.node_name = std::move(name);
  facts_changed();
}

void ServingNode::facts_changed() {
  if (pool_ && !facts_timer_.running()) facts_timer_.start(std::chrono::milliseconds(0));
}

void ServingNode::send_facts() { pool_->set_facts(std::make_shared<const ServeFacts>(facts_)); }

Result<Bytes> ServingNode::saved_manifest() const { return read_file(*storage_, kManifestName, kManifestBytesMax); }

Result<void> ServingNode::save_manifest(const Bytes& bytes) { return replace_file(*storage_, kManifestName, bytes); }

Result<void> ServingNode::announce(std::string_view program, const std::map<std::string, std::string>& more) {
  const std::string listen = addresses().front().to_string();
  const std::string place = facts_.node_name.empty() ? "buckets " + to_string(options_.range) : facts_.node_name;
  fmt::print("{} ready: {} ({}) at {}\n", program, place, id().to_string(), listen);
  std::fflush(stdout);
  if (options_.settings.ready_file.empty()) return {};
  nlohmann::json ready{
      {"pid", ::getpid()}, {"listen", listen}, {"relay_id", id().to_string()}, {"node_name", facts_.node_name}};
  for (const auto& [name, value] : more) ready[name] = value;
  return write_ready_file(options_.settings.ready_file, ready.dump() + "\n");
}

}  // namespace xylem
