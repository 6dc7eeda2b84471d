// Everything one serving loop does for those below it: sniffing, native sessions, fan-out, catching up. A core: bytes,
// records and time go in; bytes leave by ServeLink.
//
//   open ── first bytes: native | HTTP | PROXY | else closed ──> session … ── on_closed, or link.close()/abort()
//
// Every record is walked over once per loop and bucket (on_wake) and handed to the sessions attached to its feed. Who
// is behind is not attached but a position, and catches up from the log until it has reached what the loop has walked.
// Replay and live come from one log by position, so there is no seam between them and no queue per reader.
//
// A link is forgotten after link.close() or abort(), and after on_closed(); ids that are not known (any more) are
// ignored. After each call deadline() may have changed; a deadline that is not after `now` means: work is left, call
// on_deadline in the next turn.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "proto/mono_time.h"
#include "relay/serve/serve_facts.h"
#include "relay/serve/serve_limits.h"
#include "relay/serve/serve_shell.h"

namespace xylem {

class ServeConnection;
class ServeSession;

// Makes the session of a connection that begins like HTTP (relay/edge/http_session.h has one).
using HttpSessionMaker = std::function<std::unique_ptr<ServeSession>(ServeConnection&)>;

// Counts since the start, and what is there now.
struct ServeStats {
  std::size_t connections = 0, readers = 0, relays = 0;  // now; readers: native and HTTP
  std::size_t feed_subscriptions = 0, bucket_subscriptions = 0;
  std::size_t cold_reads = 0, cold_reads_waiting = 0;
  std::uint64_t connections_total = 0, refused_total = 0;
  std::uint64_t records_walked = 0;     // over all buckets, once each
  std::uint64_t records_delivered = 0;  // live, to feed subscriptions
  std::uint64_t sent_bytes = 0;
  std::uint64_t fell_behind_total = 0;  // live subscriptions that became positions
  std::uint64_t too_slow_total = 0;     // connections closed because they took nothing
  std::uint64_t breaches_total = 0;     // connections closed because of what they sent

  ServeStats& operator+=(const ServeStats& other);
};

class ServeCore {
 public:
  // One log for each bucket of this node, ascending. Everything given must outlive the core; it is made and used on the
  // loop's thread. Without `http`, connections that begin like HTTP are closed.
  ServeCore(ServeShell& shell, ServeNode& node, std::span<BucketLog* const> logs,
            std::shared_ptr<const ServeFacts> facts, MonoTime now, const ServeLimits& limits = {},
            HttpSessionMaker http = {});
  ~ServeCore();
  ServeCore(const ServeCore&) = delete;
  ServeCore& operator=(const ServeCore&) = delete;

  // A new connection. The link may be closed inside the call already (no room).
  ConnectionId open(ServeLink& link, const SocketAddress& peer, MonoTime now);
  void on_bytes(ConnectionId id, ByteView bytes, MonoTime now);
  void on_end(ConnectionId id, MonoTime now);  // the peer sends no more, but may still read
  void on_drained(ConnectionId id, MonoTime now);
  void on_closed(ConnectionId id, MonoTime now);

  void on_read(ReadId id, Result<Bytes> bytes, MonoTime now);
  void on_wake(MonoTime now);  // records were published, or a log was cut or cleared
  void set_facts(std::shared_ptr<const ServeFacts> facts, MonoTime now);

  MonoTime deadline() const;
  void on_deadline(MonoTime now);

  ServeStats stats() const;

 private:
  class Impl;
  template <typename Action>
  void call(MonoTime now, Action action);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
