// What a node knows beside its logs and every serving loop needs. An immutable snapshot: whoever changes something
// makes a new one, and it replaces the old as a whole (ServeCore::set_facts). Large parts are shared, so a copy is
// cheap.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/uv/host_port.h"
#include "client/uv/socket_address.h"
#include "proto/beacon.h"
#include "proto/manifest.h"

namespace xylem {

struct ServeFacts {
  // The zone. All must be there before a node serves.
  ZoneId zone{};
  std::shared_ptr<const Manifest> manifest;
  std::shared_ptr<const Bytes> manifest_bytes;
  Hash256 manifest_hash{};

  // This node.
  std::shared_ptr<const SigningKey> key;
  std::vector<HostPort> hosts;  // as advertised, in the form of normalize_host: WELCOME signs no other
  std::string node_name;        // empty without one
  std::string agent;            // "xylem/0.1.0"
  std::vector<RelayId> path;    // what PATH carries: this node first, its origin last

  // Newest beacon of each bucket, encoded. A relay link is sent each one once; readers in silence.
  std::map<Bucket, std::shared_ptr<const Bytes>> beacons;

  // What is not served here, and to whom nothing is.
  std::set<FeedId> denied;     // records go to children in the form `withheld`; readers are told so
  std::string abuse_contact;   // stands in the answer for a denied feed
  bool accept_readers = true;  // origins refuse readers unless told otherwise
  bool accept_any_relay = false;
  std::set<RelayId> relays;         // who may be a relay below this node (manifest, directory, configuration)
  std::set<SocketAddress> proxies;  // port 0: whose PROXY header is believed

  bool draining = false;
  std::vector<RelayId> elsewhere;  // whom GOAWAY names

  std::uint16_t buckets() const { return manifest->buckets; }
  RelayId relay() const { return relay_id_of(key->public_key()); }
};

}  // namespace xylem
