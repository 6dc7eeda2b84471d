// What discovery finds: which node holds a bucket, its servers with addresses, and each DNS step that led there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/discovery/dns_message.h"
#include "client/discovery/server_order.h"
#include "client/discovery/zone_record.h"
#include "client/uv/host_port.h"
#include "proto/ids.h"
#include "proto/node_name.h"

namespace xylem {

// Whom to look for in a zone.
struct FindFeed {
  FeedId feed;
};
struct FindBucket {
  Bucket bucket;
};
struct FindNode {
  std::string name;  // "4-6.1-6", or with the zone behind it
};
struct FindHost {  // --server HOST:PORT: no zone, only addresses
  HostPort server;
};
using FindWhat = std::variant<FindFeed, FindBucket, FindNode, FindHost>;

struct FindRequest {
  std::string zone;  // as typed; any case
  FindWhat what;
  // The servers one label up instead: where a relay in this place gets its data.
  bool upstream = false;

  static FindRequest feed(std::string zone, FeedId id) { return {std::move(zone), FindFeed{id}}; }
  static FindRequest bucket(std::string zone, Bucket b) { return {std::move(zone), FindBucket{b}}; }
  static FindRequest node(std::string zone, std::string name) { return {std::move(zone), FindNode{std::move(name)}}; }
  static FindRequest host(HostPort server) { return {{}, FindHost{std::move(server)}}; }
  static FindRequest upstream_of_bucket(std::string zone, Bucket b) { return {std::move(zone), FindBucket{b}, true}; }
  static FindRequest upstream_of_node(std::string zone, std::string name) {
    return {std::move(zone), FindNode{std::move(name)}, true};
  }
};

struct FoundServer {
  std::string host;  // an SRV target, or what --server named
  std::uint16_t port = 0;
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::vector<SocketAddress> addresses;  // with the port; v4 first. Never private ones, unless they are allowed
  std::string problem;                   // why there is no address; empty otherwise

  friend bool operator==(const FoundServer&, const FoundServer&) = default;
};

// One question and what came of it, for `xylem where` and logs.
struct DnsStep {
  DnsQuestion question;
  Result<DnsAnswer> answer;
  bool from_cache = false;
  std::chrono::seconds ttl_left{0};               // 0 for an error and a stale answer
  std::optional<std::chrono::seconds> stale_age;  // DNS did not answer: this is the last known answer, so old

  // "SRV b5.distributed.example -> CNAME 5.4-6.1-6.distributed.example 0 10 7720 l2.example. (ttl 60)"
  std::string to_string() const;
};

// How a relay gets its data in the place that was looked for.
enum class Upstream {
  not_asked,    // the servers are those of the node itself
  servers,      // the servers are those of the node one label up
  is_origin,    // stripping leads to the zone: whoever stands here is an origin. No servers
  by_manifest,  // a one-tier zone has no node names: the origin that the manifest names. No servers
};

struct Found {
  std::string zone;                  // as asked for, lower case; empty with --server
  std::string base;                  // the zone after CNAMEs: names hang below it
  std::optional<ZoneRecord> record;  // nothing with --server: the zone is learnt from the server, or pinned
  std::optional<Bucket> bucket;      // when a feed or a bucket was asked for and DNS was
  std::optional<NodeName> node;  // the place looked for; nothing in a wildcard zone, or when the owner is no node name
  std::optional<NodeName> upstream_node;  // upstream == servers: whose servers these are
  Upstream upstream = Upstream::not_asked;
  std::vector<std::string> owner_chain;           // of the SRV set that counted, `_xylem._tcp.` stripped
  std::vector<FoundServer> servers;               // sorted by priority, then host and port
  std::vector<DnsStep> steps;                     // in the order they were asked
  std::chrono::seconds ttl{0};                    // ask again after this: the smallest of all steps
  std::optional<std::chrono::seconds> stale_age;  // the oldest of all stale steps

  // Same zone, node and servers: nothing changed for whoever is connected. Times do not count.
  bool same_place(const Found& other) const;
  // Every address of every server in the order to try them (RFC 2782), with the host it belongs to: HELLO names the
  // host as dialled.
  struct Dial {
    std::string host;
    SocketAddress address;
  };
  std::vector<Dial> dials(const RandomBits& random) const;
};

// --server HOST:PORT as a Found, once its addresses are known.
Found found_by_server(const HostPort& server, std::vector<SocketAddress> addresses);

}  // namespace xylem
