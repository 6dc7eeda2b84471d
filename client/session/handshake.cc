#include "client/session/handshake.h"

namespace xylem {

Hello make_hello(const UpstreamOptions& options, const ZoneId& zone, const Nonce& nonce) {
  Hello hello;
  hello.zone = zone;
  hello.role = options.role;
  hello.nonce = nonce;
  hello.host = options.host;
  hello.port = options.port;
  hello.agent = options.agent;
  if (options.key != nullptr) hello.relay = relay_id_of(options.key->public_key());
  return hello;
}

std::optional<RelayId> relay_id_of_host(std::string_view host) {
  const auto dot = host.find('.');
  if (dot == std::string_view::npos || !host.substr(dot).starts_with(".node.")) return std::nullopt;
  auto id = parse_relay_id(host.substr(0, dot));
  return id ? std::optional(*id) : std::nullopt;
}

Result<UpstreamPeer> check_welcome(const UpstreamOptions& options, const ZoneId& zone, const Nonce& nonce,
                                   const Welcome& welcome) {
  if (welcome.version != kProtocolVersion) {
    return fail(ErrorCode::kUnsupportedVersion, "the server speaks version " + std::to_string(welcome.version));
  }
  if (auto sound = check_public_key(welcome.key); !sound) return fail(sound.error());

  UpstreamPeer peer;
  peer.id = relay_id_of(welcome.key);
  peer.manifest_serial = welcome.manifest_serial;
  peer.node_name = welcome.node_name;
  peer.agent = welcome.agent;
  if (options.key != nullptr && options.key->public_key() == welcome.key) {
    return fail(ErrorCode::kLoop, options.host + " is this node itself");
  }

  if (welcome.signature) {
    peer.identified =
        verify_welcome(welcome.key, *welcome.signature, zone, nonce, welcome.nonce, options.host, options.port);
    if (!peer.identified) return fail(ErrorCode::kBadIdentity, options.host + " signed its welcome wrongly");
  }
  if (options.role == Role::relay && !peer.identified) {
    return fail(ErrorCode::kNotMe, options.host + " does not answer to that name");
  }
  if (const auto meant = relay_id_of_host(options.host); meant && (!peer.identified || *meant != peer.id)) {
    return fail(ErrorCode::kBadIdentity, "at " + options.host + " answers " + peer.id.to_string());
  }
  return peer;
}

Bytes make_prove(const UpstreamOptions& options, const ZoneId& zone, const Welcome& welcome) {
  const RelayId parent = relay_id_of(welcome.key);
  return encode(Prove{options.key->public_key(), sign_prove(*options.key, zone, welcome.nonce, parent)});
}

Bytes make_have(const std::vector<HaveBucket>& have) {
  Bytes out;
  for (const Bytes& frame : encode_have(have)) out.insert(out.end(), frame.begin(), frame.end());
  return out;
}

}  // namespace xylem
