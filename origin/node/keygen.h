// A new zone's keys and first manifest, in one step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/uv/host_port.h"
#include "proto/limits.h"
#include "proto/manifest.h"

namespace xylem {

struct ZonePlan {
  std::string folder;  // made when missing; nothing in it is overwritten
  std::string zone;    // DNS name
  std::uint16_t buckets = kRecommendedBuckets;
  struct Origin {
    BucketRange range;
    std::string host;  // may be empty
    std::uint16_t port = 0;
  };
  std::vector<Origin> origins;  // together 1…buckets; empty: one for all
  std::vector<RelayId> relays;
};

struct NewZone {
  Manifest manifest;
  std::string root_key_file;
  std::vector<std::string> origin_key_files;  // in the order of the plan's origins
  std::string manifest_file;
  std::string token_file;
};

// Writes root.key, origin-RANGE.key …, manifest.toml, manifest.xylem and ingest.token. kUsage, kIo.
Result<NewZone> make_zone(ZonePlan plan, Timestamp now);

// "1-6=feed-a.example.net:7411" or "1-6". kUsage.
Result<ZonePlan::Origin> parse_origin_place(std::string_view text);

// Text files of the manifest kind: whole, by rename, readable by all.
Result<void> write_public_file(const std::string& path, ByteView bytes);
Result<Bytes> read_public_file(const std::string& path, std::size_t bytes_max);

}  // namespace xylem
