// Asks one server whether it is there and what it holds of a bucket: the handshake of the native protocol, nothing
// more.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "client/discovery/found.h"
#include "client/session/upstream_session.h"
#include "client/uv/tcp_stream.h"
#include "client/uv/timer.h"

namespace xylem {

struct ProbeResult {
  std::optional<Error> error;
  std::chrono::milliseconds took{0};
  std::string node_name;
  std::optional<BucketState> bucket;  // its own word; nothing when it has not the bucket
};

class ServerProbe final : private UpstreamListener, private StreamEvents {
 public:
  using OnDone = std::function<void(const ProbeResult&)>;
  // `on_done` is called once, never from inside the constructor.
  ServerProbe(Loop& loop, Trust& trust, RedactionBook& redactions, FoundServer server, Bucket bucket, OnDone on_done);

 private:
  void on_connected() override;
  void on_bytes(ByteView bytes) override;
  void on_end() override;
  void on_error(const Error& error) override;
  void on_ready(const UpstreamPeer& peer) override;
  void on_buckets(std::span<const BucketState> buckets) override;
  void on_failed(const SessionFailure& failure) override;
  void flush();
  void finish();

  Loop& loop_;
  Trust& trust_;
  RedactionBook& redactions_;
  const FoundServer server_;
  const Bucket bucket_;
  OnDone on_done_;
  TcpStream stream_;
  std::unique_ptr<UpstreamSession> session_;
  Timer timer_;
  std::chrono::microseconds started_;
  ProbeResult result_;
  bool done_ = false;
};

}  // namespace xylem
