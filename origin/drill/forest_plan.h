// Who is in a forest: its zone with keys and manifest, nodes with names and addresses, feeds and readers, and what DNS
// says of all of it. Made from a seed; nothing runs here.
#pragma once

#include <string>
#include <vector>

#include "client/uv/host_port.h"
#include "origin/drill/name_service.h"
#include "proto/manifest.h"
#include "proto/node_name.h"

namespace xylem {

struct PlannedNode {
  enum class Kind { origin, relay };

  Kind kind{};
  NodeName place;  // "5.4-6.1-6.distributed.example"
  HostPort host;
  SocketAddress address;
  KeySeed identity{};
  KeySeed origin_key{};          // of an origin
  std::uint64_t disk_bytes = 0;  // of a relay: the most it keeps; 0 = everything

  std::string label() const;  // "5.4-6.1-6"
};

struct PlannedReader {
  std::string label;  // "reader 7"
  FeedId feed;
};

struct ForestPlan {
  std::string zone;
  KeySeed root_key{};
  Manifest manifest;
  Bytes manifest_bytes;
  std::vector<PlannedNode> nodes;  // origins first, then level by level
  std::vector<FeedId> feeds;
  std::vector<PlannedReader> readers;
  NameService names;

  ZoneId zone_id() const { return manifest.zone_id(); }
  Bucket bucket_of(FeedId feed) const { return xylem::bucket_of(feed, manifest.buckets); }
};

struct FoundingForestOptions {
  std::size_t readers = 32;
  std::size_t feeds_per_bucket = 2;
  // What the relays of single buckets keep at most. 0 = everything.
  std::uint64_t leaf_disk_bytes = 0;
};

// 12 buckets, two origins (1-6 and 7-12), four relays of three buckets each below them, and one relay for each bucket.
ForestPlan founding_forest(std::uint64_t seed, const FoundingForestOptions& options = {});

}  // namespace xylem
