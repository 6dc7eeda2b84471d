#include "origin/drill/forest_plan.h"

#include <fmt/format.h>

#include "origin/drill/random_stream.h"
#include "proto/verify.h"

namespace xylem {
namespace {

constexpr std::uint16_t kBuckets = 12;
constexpr std::uint16_t kOriginBuckets = 6;
constexpr std::uint16_t kFirstLevelBuckets = 3;
constexpr std::uint16_t kPort = 7720;
constexpr Epoch kEpoch{1'700'000'000'000};

BucketRange range_around(std::uint16_t bucket, std::uint16_t size) {
  const auto first = static_cast<std::uint16_t>((bucket - 1) / size * size + 1);
  return {Bucket(first), Bucket(static_cast<std::uint16_t>(first + size - 1))};
}

class Planner {
 public:
  Planner(std::uint64_t seed, const FoundingForestOptions& options) : options_(options), random_(seed, "forest") {
    plan_.zone = "distributed.example";
    plan_.root_key = random_.bytes<32>();
  }

  ForestPlan make() {
    for (std::uint16_t b = 1; b <= kBuckets; b += kOriginBuckets) add_origin(range_around(b, kOriginBuckets));
    for (std::uint16_t b = 1; b <= kBuckets; b += kFirstLevelBuckets) {
      add_relay({range_around(b, kFirstLevelBuckets), range_around(b, kOriginBuckets)});
    }
    for (std::uint16_t b = 1; b <= kBuckets; ++b) {
      add_relay({{Bucket(b), Bucket(b)}, range_around(b, kFirstLevelBuckets), range_around(b, kOriginBuckets)});
      plan_.nodes.back().disk_bytes = options_.leaf_disk_bytes;
      plan_.names.add_alias(fmt::format("b{}.{}", b, plan_.zone), plan_.nodes.back().place.to_string());
    }
    add_feeds();
    sign();
    return std::move(plan_);
  }

 private:
  PlannedNode& add_node(PlannedNode::Kind kind, std::vector<BucketRange> ranges) {
    PlannedNode node;
    node.kind = kind;
    node.place = {std::move(ranges), plan_.zone};
    const auto number = static_cast<std::uint8_t>(plan_.nodes.size() + 1);
    node.host = {fmt::format("host{}.example.net", number), kPort};
    node.address = SocketAddress::v4({20, 0, 0, number}, kPort);
    node.identity = random_.bytes<32>();
    plan_.names.add_server(node.place.to_string(), {0, 10, kPort, node.host.host});
    plan_.names.add_address(node.host.host, node.address);
    plan_.nodes.push_back(std::move(node));
    return plan_.nodes.back();
  }

  void add_origin(BucketRange range) {
    PlannedNode& node = add_node(PlannedNode::Kind::origin, {range});
    node.origin_key = random_.bytes<32>();
    Manifest& manifest = plan_.manifest;
    manifest.grants.push_back(
        {SigningKey::from_seed(node.origin_key).public_key(), range, kEpoch, Seq(1), std::nullopt});
    manifest.epochs.push_back({range, kEpoch});
    manifest.origins.push_back({range, node.host.host, kPort});
  }

  void add_relay(std::vector<BucketRange> ranges) {
    const PlannedNode& node = add_node(PlannedNode::Kind::relay, std::move(ranges));
    plan_.manifest.relays.push_back(relay_id_of(SigningKey::from_seed(node.identity).public_key()));
  }

  // Each bucket has its feeds, each feed about as many readers; the first feed of bucket 5 is the founding design's.
  void add_feeds() {
    for (std::size_t i = 0; i < options_.feeds_per_bucket; ++i) {
      for (std::uint64_t b = 1; b <= kBuckets; ++b) {
        const std::uint64_t high = b == 5 && i == 0 ? 2611 : random_.between(1, 1'000'000);
        plan_.feeds.push_back(FeedId(high * kBuckets + b));
      }
    }
    for (std::size_t i = 0; i < options_.readers; ++i) {
      plan_.readers.push_back({fmt::format("reader {}", i + 1), plan_.feeds[i % plan_.feeds.size()]});
    }
  }

  void sign() {
    Manifest& manifest = plan_.manifest;
    const SigningKey root = SigningKey::from_seed(plan_.root_key);
    manifest.root_key = root.public_key();
    manifest.names = {plan_.zone};
    manifest.serial = 1;
    manifest.buckets = kBuckets;
    manifest.issued = from_ms(kEpoch.value);
    plan_.manifest_bytes = sign_manifest(manifest, root);
    plan_.names.add_text(plan_.zone, ZoneRecord{kBuckets, manifest.zone_id()}.to_string());
  }

  const FoundingForestOptions options_;
  RandomStream random_;
  ForestPlan plan_;
};

}  // namespace

std::string PlannedNode::label() const {
  std::string label;
  for (const BucketRange range : place.ranges) label += (label.empty() ? "" : ".") + to_string(range);
  return label;
}

ForestPlan founding_forest(std::uint64_t seed, const FoundingForestOptions& options) {
  return Planner(seed, options).make();
}

}  // namespace xylem
