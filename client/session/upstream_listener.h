// What a child hears of its upstream. Everything that names a record, a beacon or a manifest was verified before.
// Views live for the call. A listener may call the session from any of these; it must not destroy it there.
#pragma once

#include <span>

#include "proto/frames.h"
#include "proto/record.h"
#include "proto/verify.h"

namespace xylem {

// Who answered our dialling.
struct UpstreamPeer {
  RelayId id;
  bool identified = false;  // its key signed our nonce; a reader may go on without
  std::string node_name;    // its own word; empty when it has none
  std::string agent;
  std::uint64_t manifest_serial = 0;
};

// Why a session ended; decides how soon the same server is tried again.
enum class FailureCause : std::uint8_t {
  closed,     // the connection went away
  timeout,    // nothing arrived in time
  refused,    // the peer said no (ERROR), or is not whom we meant to reach
  dishonest,  // it sent what is malformed or does not prove itself
};

struct SessionFailure {
  FailureCause cause = FailureCause::closed;
  Error error;
};

class UpstreamListener {
 public:
  // The handshake is over, a manifest is held, the parent has told all its buckets.
  virtual void on_ready(const UpstreamPeer&) {}
  // Its word about its buckets, as it arrives and unsigned: where to begin, not what to believe.
  virtual void on_buckets(std::span<const BucketState>) {}
  // The shared Trust has a newer manifest since now: keep its bytes.
  virtual void on_manifest(const Trust&) {}

  // In seq order without a gap; all of them are of this bucket, or of this feed. Withheld records pass too (form says
  // so).
  virtual void on_bucket_records(Bucket, std::span<const RecordView>) {}
  virtual void on_feed_records(FeedId, std::span<const RecordView>) {}
  // In order with the records of its subscription.
  virtual void on_status(const Status&) {}
  // Versions of a feed were passed over; its subscription has ended. Subscribe again to have them.
  virtual void on_skipped(const Skipped&) {}

  // `frame` is what a relay passes on.
  virtual void on_beacon(const Beacon&, ByteView /*frame*/) {}
  virtual void on_path(std::span<const RelayId>) {}
  // The answer to fetch(). By hash: the bytes have it. Records: as sent, unverified (see accept_fetched).
  virtual void on_fetched(std::uint32_t /*request*/, Result<Bytes>) {}
  // Headers as sent: Trust::check_signature tells what they are worth.
  virtual void on_evidence(const Evidence&) {}
  // The parent goes away or wants to be rid of us; it will close.
  virtual void on_goaway(const GoAway&) {}
  // The end, once: send what take_output() still has, then close the connection.
  virtual void on_failed(const SessionFailure&) {}

 protected:
  ~UpstreamListener() = default;
};

}  // namespace xylem
