// The protocol half of a connection: native (native_session.h) or HTTP (relay/edge). It is told what arrives and
// answers through its ServeConnection, which owns it.
#pragma once

#include <vector>

#include "proto/bytes.h"
#include "relay/serve/serve_facts.h"

namespace xylem {

// What is new in the facts that the context holds now.
struct FactsChange {
  const ServeFacts& before;
  const ServeFacts& now;
  std::vector<FeedId> newly_denied;
};

class ServeSession {
 public:
  virtual ~ServeSession() = default;

  virtual void on_bytes(ByteView bytes) = 0;
  virtual void on_end() = 0;  // nothing more will arrive
  // Asked for by ServeConnection::want_work(), when everything sent before has left: sends about one unit
  // (ServeConnection::unit_bytes). True: there is more.
  virtual bool work() = 0;
  virtual void on_timer() = 0;
  virtual void on_facts(const FactsChange& change) = 0;
};

}  // namespace xylem
