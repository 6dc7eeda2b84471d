// xylem-origin keygen, manifest sign, manifest show: all work on an offline machine.
#include <fmt/core.h>

#include <filesystem>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "client/uv/loop.h"
#include "origin/manifest/manifest_source.h"
#include "origin/node/commands.h"
#include "origin/node/keygen.h"
#include "relay/keys/key_file.h"
#include "relay/node/zone_pin.h"

namespace xylem {
namespace {

int failed(std::string_view command, const Error& error) {
  print_error(command, error);
  return error.code == ErrorCode::kUsage ? kExitUsage : kExitFailed;
}

Result<ZonePlan> plan_of(std::string folder, std::string zone, std::uint64_t buckets,
                         const std::vector<std::string>& origins, const std::vector<std::string>& relays) {
  ZonePlan plan;
  plan.folder = std::move(folder);
  plan.zone = std::move(zone);
  plan.buckets = static_cast<std::uint16_t>(buckets);
  for (const std::string& text : origins) {
    auto origin = parse_origin_place(text);
    if (!origin) return fail(origin.error());
    plan.origins.push_back(*origin);
  }
  for (const std::string& text : relays) {
    auto relay = parse_relay_id(text);
    if (!relay)
      return fail(ErrorCode::kUsage,
                  fmt::format("--relay: '{}' is not a relay id (xylem-relay id --data FOLDER prints it)", text));
    plan.relays.push_back(*relay);
  }
  return plan;
}

void tell_new_zone(const ZonePlan& plan, const NewZone& zone) {
  fmt::print("zone id   {}\n\n", to_hex(zone.manifest.zone_id()));
  fmt::print("{}   keep it offline: it alone can say who signs for this zone\n", zone.root_key_file);
  for (const std::string& file : zone.origin_key_files) fmt::print("{}   for the origin of that range\n", file);
  fmt::print("{}   for everyone; its source is manifest.toml beside it\n", zone.manifest_file);
  fmt::print("{}   what writers show to the origin\n\n", zone.token_file);
  fmt::print("DNS:      {}. TXT \"v=xylem1 n={} id={}\"\n", plan.zone, plan.buckets, to_hex(zone.manifest.zone_id()));
  fmt::print("next:     xylem-origin serve --data DATA --key {} --manifest {} --token-file {}\n",
             zone.origin_key_files.front(), zone.manifest_file, zone.token_file);
}

Result<void> sign(const std::string& root_file, const std::string& in, const std::string& out) {
  auto root = read_key_file(root_file, KeyUse::root);
  if (!root) return fail(root.error());
  auto source = read_public_file(in, kManifestBytesMax);
  if (!source) return fail(source.error());
  auto manifest = read_manifest_source(as_text(*source), in);
  if (!manifest) return fail(manifest.error());
  manifest->root_key = root->public_key();
  manifest->issued = Loop::now_utc();
  if (auto old = read_public_file(out, kManifestBytesMax)) {
    auto before = open_manifest(*old, manifest->zone_id());
    if (before && before->serial >= manifest->serial) {
      return fail(ErrorCode::kStaleDocument, fmt::format("{} has serial {}; set serial in {} to {} or more", out,
                                                         before->serial, in, before->serial + 1));
    }
  }
  const Bytes bytes = sign_manifest(*manifest, *root);
  if (auto valid = open_manifest(bytes, manifest->zone_id()); !valid) return fail(valid.error());
  return write_public_file(out, bytes);
}

}  // namespace

int run_keygen_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin keygen";
  std::string folder;
  std::string zone;
  std::uint64_t buckets = kRecommendedBuckets;
  std::vector<std::string> origins;
  std::vector<std::string> relays;
  OptionTable table(kCommand,
                    "Makes a new zone: root key, an origin key for each range, and the first manifest, signed.");
  table.text("dir", &folder, "FOLDER", "where the files go; nothing is overwritten").required();
  table.text("zone", &zone, "ZONE", "the zone's DNS name").required();
  table.number("buckets", &buckets, "N", "number of buckets; fixed for the life of the zone", 1, 65'535);
  table.texts("origin", &origins, "RANGE[=HOST:PORT]",
              "an origin and the buckets it signs for; without any, one for all");
  table.texts("relay", &relays, "ID", "a relay that may stand below an origin");
  table.epilogue(
      "Example: xylem-origin keygen --dir keys --zone distributed.example --buckets 12 --origin 1-6 --origin 7-12");
  auto outcome = table.parse(argc, argv);
  if (!outcome) return failed(kCommand, outcome.error()), kExitUsage;
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  auto plan = plan_of(folder, zone, buckets, origins, relays);
  if (!plan) return failed(kCommand, plan.error());
  auto made = make_zone(*plan, Loop::now_utc());
  if (!made) return failed(kCommand, made.error());
  tell_new_zone(*plan, *made);
  return kExitOk;
}

int run_manifest_sign_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin manifest sign";
  std::string root = "root.key";
  std::string in = "manifest.toml";
  std::string out = "manifest.xylem";
  OptionTable table(kCommand, "Signs a manifest's source with the root key. Needs no network.");
  table.text("root", &root, "FILE", "the root key");
  table.text("in", &in, "FILE", "the source, TOML; its serial must have grown");
  table.text("out", &out, "FILE", "the signed manifest");
  auto outcome = table.parse(argc, argv);
  if (!outcome) return failed(kCommand, outcome.error()), kExitUsage;
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  if (auto done = sign(root, in, out); !done) return failed(kCommand, done.error());
  fmt::print("signed: {}\n", out);
  return kExitOk;
}

int run_manifest_show_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin manifest show";
  std::string file;
  std::string zone_id;
  bool json = false;
  OptionTable table(kCommand, "Checks a signed manifest and shows what it says.");
  table.argument("FILE", &file, "the signed manifest");
  table.text("zone-id", &zone_id, "HEX", "the zone it must be of; else whatever root key signed it");
  table.toggle("json", &json, "print JSON");
  auto outcome = table.parse(argc, argv);
  if (!outcome) return failed(kCommand, outcome.error()), kExitUsage;
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  auto bytes = read_public_file(file, kManifestBytesMax);
  if (!bytes) return failed(kCommand, bytes.error());
  Result<Manifest> manifest = fail(ErrorCode::kUsage);
  if (zone_id.empty()) {
    manifest = open_manifest_unpinned(*bytes);
  } else {
    auto zone = parse_zone_id(zone_id);
    manifest = zone ? open_manifest(*bytes, *zone) : fail(zone.error());
  }
  if (!manifest) return failed(kCommand, manifest.error());
  fmt::print("{}", json ? manifest_json(*manifest) : describe_manifest(*manifest));
  return kExitOk;
}

}  // namespace xylem
