#include "origin/node/keygen.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "origin/manifest/manifest_source.h"
#include "proto/node_name.h"
#include "relay/keys/key_file.h"

namespace xylem {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> io_error(const std::string& path) {
  return fail(ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno)));
}

Result<void> check_plan(ZonePlan& plan) {
  auto zone = normalize_dns_name(plan.zone);
  if (!zone) return fail(ErrorCode::kUsage, "--zone: " + zone.error().message());
  plan.zone = *zone;
  if (plan.origins.empty()) plan.origins.push_back({{Bucket(1), Bucket(plan.buckets)}, "", 0});
  std::vector<BucketRange> ranges;
  for (const auto& origin : plan.origins) ranges.push_back(origin.range);
  std::sort(ranges.begin(), ranges.end());
  std::uint32_t next = 1;
  for (const BucketRange range : ranges) {
    if (range.first.value != next) break;
    next = range.last.value + 1U;
  }
  if (next == plan.buckets + 1U) return {};
  return fail(ErrorCode::kUsage,
              fmt::format("the ranges of --origin must be together 1-{} without overlap; bucket {} is the first "
                          "that does not fit",
                          plan.buckets, next));
}

Result<void> write_token(const std::string& path) {
  std::array<std::uint8_t, 24> random{};
  fill_random(random);
  if (auto written = write_public_file(path, as_bytes(to_hex(random) + "\n")); !written) return written;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  return {};
}

}  // namespace

Result<ZonePlan::Origin> parse_origin_place(std::string_view text) {
  const std::size_t equals = text.find('=');
  auto range = parse_bucket_range(text.substr(0, equals));
  if (!range) return fail(ErrorCode::kUsage, fmt::format("--origin: '{}' is not RANGE or RANGE=HOST:PORT", text));
  ZonePlan::Origin origin{*range, "", 0};
  if (equals == std::string_view::npos) return origin;
  auto host = parse_host_port(text.substr(equals + 1));
  if (!host || host->port == 0)
    return fail(ErrorCode::kUsage, fmt::format("--origin: '{}' is not HOST:PORT", text.substr(equals + 1)));
  origin.host = host->host;
  origin.port = host->port;
  return origin;
}

Result<void> write_public_file(const std::string& path, ByteView bytes) {
  const std::string part = path + ".part";
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.flush();
    if (!file) return io_error(part);
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) return io_error(path);
  return {};
}

Result<Bytes> read_public_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                fmt::format("{}: {}", path, std::strerror(errno)));
  Bytes bytes(bytes_max + 1);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > bytes_max)
    return fail(ErrorCode::kTooLarge, fmt::format("{}: larger than {} bytes", path, bytes_max));
  return bytes;
}

Result<NewZone> make_zone(ZonePlan plan, Timestamp now) {
  if (auto valid = check_plan(plan); !valid) return fail(valid.error());
  std::error_code problem;
  fs::create_directories(plan.folder, problem);
  if (problem) return fail(ErrorCode::kIo, fmt::format("{}: {}", plan.folder, problem.message()));
  const auto path = [&](const std::string& name) { return (fs::path(plan.folder) / name).string(); };
  NewZone made;
  made.root_key_file = path("root.key");
  made.manifest_file = path("manifest.xylem");
  made.token_file = path("ingest.token");

  const SigningKey root = SigningKey::generate();
  if (auto written = write_key_file(made.root_key_file, KeyUse::root, root); !written) return fail(written.error());
  Manifest& manifest = made.manifest;
  manifest.root_key = root.public_key();
  manifest.names = {plan.zone};
  manifest.serial = 1;
  manifest.buckets = plan.buckets;
  manifest.issued = now;
  manifest.relays = plan.relays;
  const Epoch epoch(to_ms(now));
  for (const ZonePlan::Origin& origin : plan.origins) {
    const SigningKey key = SigningKey::generate();
    made.origin_key_files.push_back(path(fmt::format("origin-{}.key", to_string(origin.range))));
    if (auto written = write_key_file(made.origin_key_files.back(), KeyUse::origin, key); !written)
      return fail(written.error());
    manifest.grants.push_back({key.public_key(), origin.range, epoch, Seq(1), std::nullopt});
    manifest.epochs.push_back({origin.range, epoch});
    if (!origin.host.empty()) manifest.origins.push_back({origin.range, origin.host, origin.port});
  }
  const std::string source = write_manifest_source(manifest);
  if (auto written = write_public_file(path("manifest.toml"), as_bytes(source)); !written) return fail(written.error());
  const Bytes signed_manifest = sign_manifest(manifest, root);
  if (auto opened = open_manifest(signed_manifest, manifest.zone_id()); !opened) return fail(opened.error());
  if (auto written = write_public_file(made.manifest_file, signed_manifest); !written) return fail(written.error());
  if (auto written = write_token(made.token_file); !written) return fail(written.error());
  return made;
}

}  // namespace xylem
