// First use of a server whose zone nobody named: gets the manifest from it, over a connection of its own, and tries
// again until it has one.
#pragma once

#include <functional>
#include <optional>

#include "client/discovery/found.h"
#include "client/reader/tcp_line.h"
#include "client/session/manifest_probe.h"
#include "client/uv/linger.h"

namespace xylem {

class ManifestDoor final : private TcpLineEvents {
 public:
  // A manifest that is signed by the root key it names, or why there is none yet (then it tries again).
  using OnAnswer = std::function<void(const Result<Bytes>& manifest)>;

  ManifestDoor(Loop& loop, LingerList& linger, RandomBits random, std::string agent, OnAnswer on_answer);

  void ask(const FoundServer& server);
  void stop();

 private:
  void dial();
  void after_call();
  void on_timer();
  void close_line();
  void on_open() override;
  void on_bytes(ByteView bytes) override;
  void on_closed(const Error& error) override;

  Loop& loop_;
  LingerList& linger_;
  RandomBits random_;
  std::string agent_;
  OnAnswer on_answer_;
  FoundServer server_;
  unsigned failures_ = 0;
  std::optional<TcpLine> line_;
  std::optional<ManifestProbe> probe_;
  Timer timer_;  // the probe's deadline, or the next attempt
};

}  // namespace xylem
