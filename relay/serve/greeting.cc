#include "relay/serve/greeting.h"

#include <algorithm>

#include "relay/serve/connection.h"

namespace xylem {

Welcome make_welcome(const ServeFacts& facts, const Hello& hello, const Nonce& nonce) {
  Welcome welcome;
  welcome.key = facts.key->public_key();
  welcome.nonce = nonce;
  const HostPort dialled{hello.host, hello.port};
  if (std::ranges::find(facts.hosts, dialled) != facts.hosts.end()) {
    welcome.signature = sign_welcome(*facts.key, facts.zone, hello.nonce, nonce, hello.host, hello.port);
  }
  welcome.manifest_hash = facts.manifest_hash;
  welcome.manifest_serial = facts.manifest->serial;
  welcome.node_name = facts.node_name;
  welcome.agent = facts.agent;
  return welcome;
}

bool Greeting::step(ServeConnection& connection) {
  const auto& fanouts = connection.context().fanouts;
  if (told_ < fanouts.size()) {
    send_buckets(connection);
  } else if (!told_path_) {
    connection.send(encode(Path{connection.context().facts->path}));
    told_path_ = true;
  } else if (with_beacons_ && beacons_ < fanouts.size()) {
    connection.send(fanouts[beacons_++]->beacon());
  } else {
    return false;
  }
  return true;
}

void Greeting::send_buckets(ServeConnection& connection) {
  const auto& fanouts = connection.context().fanouts;
  Buckets frame;
  for (; told_ < fanouts.size() && frame.buckets.size() < kBucketsPerFrameMax; ++told_) {
    const LogWindow window = fanouts[told_]->window();
    frame.buckets.push_back({fanouts[told_]->bucket(), window.epoch, window.floor, window.head, window.link});
  }
  frame.last = told_ == fanouts.size();
  connection.send(encode(frame));
}

}  // namespace xylem
