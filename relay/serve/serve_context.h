// What all connections of one serving loop share. ServeCore makes it and drives it; sessions use it through their
// connection.
#pragma once

#include <memory>
#include <vector>

#include "relay/serve/cold_reads.h"
#include "relay/serve/fanout.h"
#include "relay/serve/serve_core.h"
#include "relay/serve/timer_wheel.h"

namespace xylem {

struct DirtyTag;
struct ReadyTag;
struct StuckTag;
struct EndedTag;
struct BeaconLinkTag;
class NativeSession;

struct ServeContext {
  ServeContext(ServeShell& serve_shell, ServeNode& serve_node, const ServeLimits& serve_limits, MonoTime time)
      : shell(serve_shell),
        node(serve_node),
        limits(serve_limits),
        now(time),
        timers(time),
        cold(serve_shell, serve_limits.cold_reads_max) {}

  ServeShell& shell;
  ServeNode& node;
  const ServeLimits limits;
  std::shared_ptr<const ServeFacts> facts;
  MonoTime now;  // of the call that is being served

  TimerWheel timers;
  ColdReads cold;
  std::vector<std::unique_ptr<BucketFanout>> fanouts;  // ascending
  std::vector<BucketFanout*> in_use;                   // whose logs were looked into during this call
  std::vector<std::string> owned;                      // this node's buckets, for whom asks for another: `4-6`
  ServeStats stats;

  // Connections: with output to be sent at the end of this call; with work to do; whose socket takes nothing, longest
  // first; to be buried at the end of this call.
  IntrusiveList<ServeConnection, DirtyTag> dirty;
  IntrusiveList<ServeConnection, ReadyTag> ready;
  IntrusiveList<ServeConnection, StuckTag> stuck;
  IntrusiveList<ServeConnection, EndedTag> ended;
  IntrusiveList<NativeSession, BeaconLinkTag> beacon_links;  // relays and monitors: are sent every new beacon
  std::size_t queued_bytes = 0;                              // in all sockets, as last seen
  // Emptied vectors for the next connection that sends something: an idle one has none.
  std::vector<std::vector<SharedBytes>> spare_outboxes;

  BucketFanout* fanout(Bucket bucket);
  BucketFanout* fanout(FeedId feed);  // nullptr: not one of this node's buckets
  // Room for one more reader besides those that are reserved for relays.
  bool room_for_reader() const;
};

}  // namespace xylem
