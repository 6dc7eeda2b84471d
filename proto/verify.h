// Verification: one object, one order of checks, used by relay, reader, fsck and tests alike (spec §3).
//
//   limits (parse_record) → epoch, seq, prev_record (prev_batch in a feed) → signature and grant → wire_sha256 →
//   accepted
//
// Records are handed over in the groups in which they arrived. One signature covers every record before it through the
// links, so of a group only the last record's signature is checked, and the last before each grant or epoch boundary
// (in a feed also every notice's, which prev_batch does not bind). A group is accepted whole or not at all. Nothing
// here decompresses events: that is for whoever shows content (open_batch).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "proto/beacon.h"
#include "proto/manifest.h"
#include "proto/record.h"

namespace xylem {

// What is believed about a zone: the pinned id and the newest manifest. One per program; shared by its chains.
class Trust {
 public:
  explicit Trust(const ZoneId& zone) : zone_(zone) {}

  // A newer serial replaces; the same bytes are accepted again silently (false). kStaleDocument below the highest
  // serial seen, kFork for other bytes under the same serial, kWrongEpoch where an epoch would go back; else as
  // open_manifest.
  Result<bool> admit(ByteView manifest_bytes);

  const ZoneId& zone() const { return zone_; }
  const Manifest* manifest() const { return manifest_ ? &*manifest_ : nullptr; }
  const Bytes& manifest_bytes() const { return bytes_; }
  Hash256 manifest_hash() const { return hash_; }  // SHA-256 of the bytes; zeros before the first
  Bucket bucket_of(FeedId feed) const;             // needs a manifest

  // Signature and grant of a single header or beacon. kNoGrant, kBadSignature.
  Result<void> check_signature(const DecodedHeader& header) const;
  Result<void> check_beacon(const Beacon& beacon) const;

 private:
  ZoneId zone_;
  std::optional<Manifest> manifest_;
  Bytes bytes_;
  Hash256 hash_{};
};

// Where a chain stands. `held` is false above a floor: the first record then stands on its own signature.
struct ChainPosition {
  bool held = false;
  Epoch epoch;
  Seq seq;
  Hash256 link{};
  Timestamp origin_time;
  friend bool operator==(const ChainPosition&, const ChainPosition&) = default;
};

// What the redaction record at `seq` of this bucket says, where it is held, verified and of this feed. An elided record
// counts only when each event it lacks is covered by a redaction that it names: one of these, or one that stands in the
// same group.
using RedactionKnown = std::function<std::optional<RedactionNotice>(FeedId feed, Seq seq)>;

inline constexpr std::size_t kMissingRedactionsMax = 256;

struct Rejected {
  Error error;
  std::size_t index = 0;                // of the record in the group
  std::vector<Seq> missing_redactions;  // with kNotHeld: fetch and verify these, then try again; the first so many
};

// A bucket's records in seq order: relays, fsck, whole-bucket readers.
class BucketChain {
 public:
  BucketChain(const Trust& trust, Bucket bucket, ChainPosition position = {})
      : trust_(trust), bucket_(bucket), position_(position) {}

  // Group in seq order. On success the position is after its last record. kWrongSeq: not the next (duplicates are the
  // caller's to drop before). kForked: the sender is right, and what the position holds lies beyond where the manifest
  // ended its epoch. Withheld records pass the header checks only and are reported by the form they have.
  tl::expected<void, Rejected> accept(std::span<const RecordView> group, const RedactionKnown& redaction_known = {});
  const ChainPosition& position() const { return position_; }

 private:
  const Trust& trust_;
  Bucket bucket_;
  ChainPosition position_;
};

// One feed's records as a reader gets them: batches by prev_batch and version, notices by their own signatures.
struct FeedPosition {
  bool held = false;  // a batch of this feed epoch was verified: `link` is known
  FeedEpoch epoch;
  Version version;  // last verified; with held false and version > 0: from a cursor, link unknown (or only its first 4
                    // bytes)
  Hash256 link{};
  std::optional<std::uint32_t> cursor_hash;
  // Place of the newest record accepted, batch or notice: (range_epoch, seq) only grows. A new range epoch may begin at
  // a lower seq, as it does where acknowledged records were lost.
  Epoch range_epoch;
  Seq seq;
  Timestamp origin_time;
};

class FeedChain {
 public:
  FeedChain(const Trust& trust, FeedId feed, FeedPosition position = {})
      : trust_(trust), feed_(feed), position_(position) {}

  // Group in seq order. A new feed epoch is accepted only from an `open` notice. The first batch after a cursor may
  // begin at or before the cursor's version + 1 (a batch is never split): the caller passes over what it has. kForked:
  // the position (its cursor's hash, its batch) is of another history than the feed's.
  tl::expected<void, Rejected> accept(std::span<const RecordView> group, const RedactionKnown& redaction_known = {});
  const FeedPosition& position() const { return position_; }

 private:
  const Trust& trust_;
  FeedId feed_;
  FeedPosition position_;
};

}  // namespace xylem
