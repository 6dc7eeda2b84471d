// The control frames of a native session (spec §7) as plain, checked values. encode() gives a whole frame with
// envelope; decode_frame() checks every field against its limit and type, so sessions never see raw Protocol Buffers.
// RECORD and BEACON frames are proto/record.h and proto/beacon.h. Which frame may come when is for the sessions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "proto/beacon.h"
#include "proto/cursor.h"
#include "proto/envelope.h"
#include "proto/identity.h"

namespace xylem {

inline constexpr std::array<std::uint8_t, 8> kNativeMagic = {0x89, 0x58, 0x59, 0x4C, 0x0D, 0x0A, 0x1A, 0x0A};
inline constexpr std::uint8_t kProtocolVersion = 1;

enum class Role : std::uint8_t { reader = 1, relay = 2, monitor = 3 };

struct Hello {
  std::uint8_t version_min = kProtocolVersion;
  std::uint8_t version_max = kProtocolVersion;
  ZoneId zone{};
  Role role = Role::reader;
  Nonce nonce{};
  std::string host;  // as dialled, in the form of normalize_host (proto/host.h)
  std::uint16_t port = 0;
  std::optional<RelayId> relay;  // never missing with Role::relay
  std::string agent;
  friend bool operator==(const Hello&, const Hello&) = default;
};
struct Welcome {
  std::uint8_t version = kProtocolVersion;
  PublicKey key{};
  Nonce nonce{};
  std::optional<Signature> signature;  // missing: the dialled host is not advertised here
  Hash256 manifest_hash{};             // zeros: none held yet
  std::uint64_t manifest_serial = 0;
  std::string node_name;  // empty for a node without one
  std::string agent;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};
struct Prove {
  PublicKey key{};
  Signature signature{};
  friend bool operator==(const Prove&, const Prove&) = default;
};
struct BucketState {
  Bucket bucket;
  Epoch epoch;
  Seq floor;  // first seq held; head + 1 when none is
  Seq head;
  Hash256 head_link{};
  friend bool operator==(const BucketState&, const BucketState&) = default;
};
struct Buckets {
  std::vector<BucketState> buckets;
  bool last = true;
  friend bool operator==(const Buckets&, const Buckets&) = default;
};
struct HaveBucket {
  Bucket bucket;
  Bytes header;  // header, signature, extensions of the newest record; empty = nothing held
  friend bool operator==(const HaveBucket&, const HaveBucket&) = default;
};
struct Have {
  std::vector<HaveBucket> buckets;
  bool last = true;
  friend bool operator==(const Have&, const Have&) = default;
};
struct Path {
  std::vector<RelayId> relays;  // nearest first
  friend bool operator==(const Path&, const Path&) = default;
};
enum class FeedMode : std::uint8_t { events = 1, state = 2 };
struct FeedSubscription {
  FeedId feed;
  FeedCursor from;
  FeedMode mode = FeedMode::events;
  friend bool operator==(const FeedSubscription&, const FeedSubscription&) = default;
};
struct Subscribe {
  std::vector<BucketCursor> buckets;
  std::vector<FeedSubscription> feeds;
  friend bool operator==(const Subscribe&, const Subscribe&) = default;
};
struct Unsubscribe {
  std::vector<Bucket> buckets;
  std::vector<FeedId> feeds;
  friend bool operator==(const Unsubscribe&, const Unsubscribe&) = default;
};
enum class StatusCode : std::uint8_t {
  live = 1,              // live from here: everything up to `head` was sent
  snapshot_follows = 2,  // `snapshot` holds the notice; body by FETCH
  too_old = 3,           // `floor` is the earliest that can be asked
  from_the_future = 4,   // `head` is what is held; stays subscribed and waits
  epoch_changed = 5,     // `head` has the new epoch
  forked = 6,
  empty_so_far = 7,  // nothing yet; stays subscribed and waits
  not_held = 8,
  withheld = 9,
  not_mine = 10,
};
struct Status {
  std::optional<Bucket> bucket;  // of a bucket subscription; else `feed`
  FeedId feed;
  StatusCode code{};
  // Epoch and position (seq for a bucket, version for a feed).
  std::uint64_t floor_epoch = 0, floor_position = 0;
  std::uint64_t head_epoch = 0, head_position = 0;
  Bytes snapshot;                   // a RECORD frame whose notice was opened (open_notice)
  std::vector<std::string> owners;  // node names or relay ids
  std::string text;
  friend bool operator==(const Status&, const Status&) = default;
};
struct Ping {
  std::uint64_t token = 0;
  friend bool operator==(const Ping&, const Ping&) = default;
};
struct Pong {
  std::uint64_t token = 0;
  friend bool operator==(const Pong&, const Pong&) = default;
};
struct FetchHash {  // manifest, directory, snapshot body part: bytes with this SHA-256
  Hash256 hash{};
  friend bool operator==(const FetchHash&, const FetchHash&) = default;
};
struct FetchFeedHead {  // answer: RECORD frames of newest open/close/expire/erase, newest snapshot notice, newest batch
  FeedId feed;
  friend bool operator==(const FetchFeedHead&, const FetchFeedHead&) = default;
};
struct FetchFeedRange {  // answer: RECORD frames of the batches that hold the versions from … to
  FeedId feed;
  Version from;
  Version to;
  friend bool operator==(const FetchFeedRange&, const FetchFeedRange&) = default;
};
struct FetchChunk {  // answer: RECORD frames from … up to `to`, kFetchBytesMax or kChunkRecordsMax
  Bucket bucket;
  Seq from;
  Seq to;
  friend bool operator==(const FetchChunk&, const FetchChunk&) = default;
};
struct Fetch {
  std::uint32_t request = 0;
  std::variant<FetchHash, FetchFeedHead, FetchFeedRange, FetchChunk> what;
  friend bool operator==(const Fetch&, const Fetch&) = default;
};
struct Blob {  // a piece of the answer; with an error that is all of it
  std::uint32_t request = 0;
  std::uint64_t offset = 0;
  std::uint64_t total = 0;
  bool last = true;
  std::optional<ErrorCode> error;
  Bytes data;
  friend bool operator==(const Blob&, const Blob&) = default;
};
struct Skipped {
  FeedId feed;
  Version from;
  Version to;
  friend bool operator==(const Skipped&, const Skipped&) = default;
};
struct Evidence {
  std::vector<Bytes> headers;  // one (newer than yours) or two (for one place); header, signature, extensions
  friend bool operator==(const Evidence&, const Evidence&) = default;
};
struct GoAway {
  ErrorCode reason = ErrorCode::kDraining;
  std::vector<RelayId> relays;
  std::chrono::milliseconds wait_min{0};
  std::chrono::milliseconds wait_max{0};
  friend bool operator==(const GoAway&, const GoAway&) = default;
};
struct ErrorFrame {
  ErrorCode code = ErrorCode::kProtocol;
  std::string text;
  friend bool operator==(const ErrorFrame&, const ErrorFrame&) = default;
};

using ControlFrame = std::variant<Hello, Welcome, Prove, Buckets, Have, Path, Subscribe, Unsubscribe, Status, Ping,
                                  Pong, Fetch, Blob, Skipped, Evidence, GoAway, ErrorFrame>;

// A whole frame. Free texts (agent, text) are cut to kFrameTextBytesMax and cleaned (proto/text.h); PATH, at its far
// end, and lists of hints (owners, relays of GOAWAY) are cut to their limits. All else must be within its limit
// (assertion).
Bytes encode(const ControlFrame& frame);
// As many HAVE frames as these ask for, at least one; `last` in the last one.
std::vector<Bytes> encode_have(std::span<const HaveBucket> buckets);
// Any type but record and beacon. kBadFrame, kTooLarge, kBadName, kWeakKey.
Result<ControlFrame> decode_frame(const Envelope& envelope);

}  // namespace xylem
