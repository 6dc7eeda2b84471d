// What the serving core needs from around it, in three roles:
//
//   ServeLink   one connection, as the core sees it (a socket, or the simulator's)
//   ServeShell  the loop: reads of files, random bytes, the calendar
//   ServeNode   the node behind the loop: what children say that concerns the whole node, and blobs it can offer
//
// Nothing here calls back into the core from inside a call: what follows comes later, by the functions of ServeCore.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "client/uv/shared_bytes.h"
#include "proto/frames.h"
#include "relay/log/bucket_log.h"

namespace xylem {

// A connection of one ServeCore; never used twice.
struct ConnectionId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0: none
  friend bool operator==(ConnectionId, ConnectionId) = default;
};

// A read that is under way; never used twice.
enum class ReadId : std::uint64_t {};

class ServeLink {
 public:
  // Takes all of it, in order. A link that cannot go on says so later by ServeCore::on_closed.
  virtual void send(std::span<const SharedBytes> pieces) = 0;
  // Whether send_file works: bytes may leave a file for the socket directly.
  virtual bool takes_files() const = 0;
  // Only while queued_bytes() is 0; counts as queued until it has left. What is sent meanwhile follows it.
  virtual void send_file(const ColdRun& run) = 0;
  // What was sent and has not left yet. When it falls to 0 after it was not, ServeCore::on_drained follows.
  virtual std::size_t queued_bytes() const = 0;
  // While off, no on_bytes comes.
  virtual void set_reading(bool on) = 0;
  // The last call of the core to this link: close once everything queued has left, or at once.
  virtual void close() = 0;
  virtual void abort() = 0;

 protected:
  ~ServeLink() = default;
};

class ServeShell {
 public:
  // The bytes of all runs, one after another, by ServeCore::on_read. At most ServeLimits::cold_reads_max at a time.
  virtual void read(ReadId id, std::vector<ColdRun> runs) = 0;
  virtual Nonce nonce() = 0;
  virtual Timestamp wall_time() const = 0;

 protected:
  ~ServeShell() = default;
};

// Called on the loop's thread; a node with several loops makes it safe for all of them.
class ServeNode {
 public:
  // A proven relay's newest headers; the last part says so. Signatures are not checked yet.
  virtual void on_have(ConnectionId from, const RelayId& relay, const Have& have) = 0;
  // From anyone. Signatures are not checked yet.
  virtual void on_evidence(ConnectionId from, const Evidence& evidence) = 0;
  // Bytes with this SHA-256 (directory, part of a snapshot), or nothing. The manifest is not asked for here.
  virtual std::shared_ptr<const Bytes> blob(const Hash256& hash) = 0;
  // Readers of all loops, for /v1/status.
  virtual std::uint64_t readers() const = 0;

 protected:
  ~ServeNode() = default;
};

}  // namespace xylem
