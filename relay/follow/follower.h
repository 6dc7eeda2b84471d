// How a relay gets its data: it keeps a session to one server of the node above, subscribed to its buckets from where
// their logs end, and appends what the session has verified. A core: the shell dials, carries bytes and tells the time.
//
//   waiting ── dial ──> dialling ── on_connected ──> connected ── records … ──> (failed: waiting, another server)
//
// It appends and publishes to the logs; the shell is told (published) to wake the serving loops. While nothing above
// can be reached it does nothing but try: the logs go on being served.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/session/server_choice.h"
#include "client/session/upstream_session.h"
#include "relay/log/log_set.h"

namespace xylem {

// A beacon tells of records that the server in use does not send: it is left when none came for this long.
inline constexpr auto kPromisedRecordsTimeout = 5s;

// What the shell does for it. None of these may call back into the follower.
class FollowShell {
 public:
  // Begin to connect; on_connected or on_closed follows. At most one connection at a time.
  virtual void dial(const FoundServer& server) = 0;
  virtual void send(Bytes bytes) = 0;
  virtual void hang_up() = 0;  // after what was sent; no on_closed follows
  virtual Nonce nonce() = 0;

  // For the serving loops.
  virtual void published() = 0;                                     // once per turn in which records were published
  virtual void manifest_changed() = 0;                              // Trust has a newer one: keep it, serve it
  virtual void path_changed(const std::vector<RelayId>& path) = 0;  // of the upstream, nearest first
  // Of what is held: a beacon of more is told when that has come, so that nobody below takes us for fresher than we
  // are.
  virtual void beacon_arrived(const Beacon& beacon, ByteView frame) = 0;

  // For the log; what a person should know.
  virtual void connected(const FoundServer& server, const UpstreamPeer& peer) = 0;
  virtual void disconnected(const FoundServer& server, const SessionFailure& failure) = 0;
  // Appending failed (disk); the session is dropped and tried again: what is held goes on being served.
  virtual void append_failed(Bucket bucket, const Error& error) = 0;

 protected:
  ~FollowShell() = default;
};

struct FollowerOptions {
  std::string agent;
  ServerChoiceOptions choice;
};

struct FollowerStatus {
  std::string upstream;  // "host:port (relay id)"; empty while not connected
  std::uint64_t records = 0;
  std::uint64_t withheld = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t refused_peers = 0;  // whose bytes did not verify
  Timestamp newest;                 // newest signed time, of a record or beacon
};

class Follower final : private UpstreamListener {
 public:
  // All must outlive it. `key` is this relay's identity.
  Follower(FollowShell& shell, LogSet& logs, Trust& trust, RedactionBook& redactions, const SigningKey& key,
           RandomBits random, FollowerOptions options);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // From discovery or configuration, whenever it changes. A connection to a server that is no longer named is kept
  // until another stands ready to be dialled.
  void set_servers(std::span<const FoundServer> servers, MonoTime now);

  void on_connected(MonoTime now);
  void on_bytes(ByteView bytes, MonoTime now);
  void on_closed(const Error& error, MonoTime now);
  MonoTime deadline() const;
  void on_deadline(MonoTime now);

  FollowerStatus status() const;
  // Drops the session now, e.g. because the node's own place has changed.
  void restart(MonoTime now);

 private:
  enum class State { waiting, dialling, connected };

  void on_ready(const UpstreamPeer& peer) override;
  void on_manifest(const Trust& trust) override;
  void on_bucket_records(Bucket bucket, std::span<const RecordView> records) override;
  void on_status(const Status& status) override;
  void on_beacon(const Beacon& beacon, ByteView frame) override;
  void on_path(std::span<const RelayId> relays) override;
  void on_goaway(const GoAway& goaway) override;
  void on_failed(const SessionFailure& failure) override;

  std::vector<HaveBucket> have() const;
  Result<void> append(Bucket bucket, std::span<const RecordView> records);
  void keep_promise(Bucket bucket);
  void judge_promises(MonoTime now);
  void begin_again(const Status& status, Bucket bucket);
  void settle(MonoTime now);
  void try_next(MonoTime now);
  void drop(const SessionFailure& failure, MonoTime now);

  FollowShell& shell_;
  LogSet& logs_;
  Trust& trust_;
  RedactionBook& redactions_;
  const SigningKey& key_;
  const FollowerOptions options_;
  ServerChoice choice_;

  State state_ = State::waiting;
  FoundServer server_;  // being dialled or connected
  std::unique_ptr<UpstreamSession> session_;
  std::optional<SessionFailure> ended_;  // said by the session inside a call; settled after it
  MonoTime dial_at_ = kNever;
  bool records_published_ = false;
  // Servers that no longer had what comes next, since something last came of the bucket.
  std::map<Bucket, std::set<HostPort>> too_old_by_;
  // Begin again at this server's floor, with the first records that verify.
  std::map<Bucket, Seq> beginning_again_;
  // The newest beacon that speaks of records which did not come yet.
  struct Promise {
    Beacon beacon;
    Bytes frame;
    MonoTime since;  // nothing of the bucket came
  };
  std::map<Bucket, Promise> promised_;
  MonoTime now_{};  // of the call
  FollowerStatus status_;
};

}  // namespace xylem
