// Notices: what a bucket's log says about a feed besides its events (spec §4). A feed begins with `open`.
// Here are their plain values, rules and bytes; the signed record around them is proto/record.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/crypto.h"
#include "proto/header.h"
#include "proto/ids.h"

namespace xylem {

struct OpenNotice {
  std::string name;                         // of valid_text (proto/text.h); empty for a feed that has only its number
  std::string content_type;                 // "application/json"; never empty
  std::string view;                         // "comments", "listing", "canvas" or empty
  std::optional<Timestamp> expires;         // at most one of these two
  std::optional<std::chrono::seconds> ttl;  // at least 1 s
  enum class Reason : std::uint8_t { created = 0, continued = 1, reset = 2 } reason = Reason::created;  // §1 "epoch"
  friend bool operator==(const OpenNotice&, const OpenNotice&) = default;
};
struct CloseNotice {
  Version last;  // nothing follows it
  friend bool operator==(const CloseNotice&, const CloseNotice&) = default;
};
struct ExpireNotice {
  Timestamp at;  // events of the feed stop being served then
  friend bool operator==(const ExpireNotice&, const ExpireNotice&) = default;
};
struct EraseNotice {  // the feed was deleted
  friend bool operator==(const EraseNotice&, const EraseNotice&) = default;
};
struct SnapshotNotice {
  Version at;
  Hash256 batch_link{};  // of the header of the batch that holds `at`
  std::string reducer;   // "comments/1", or "asserted"
  Hash256 body_hash{};   // of the hash list: SHA-256 over the SHA-256 of each part of 256 KiB
  std::uint64_t body_bytes = 0;
  friend bool operator==(const SnapshotNotice&, const SnapshotNotice&) = default;
};
enum class RedactionReason : std::uint8_t { legal = 1, privacy = 2, spam = 3, author = 4, other = 5 };
struct VersionRun {
  Version first;
  Version last;  // inclusive
  friend bool operator==(const VersionRun&, const VersionRun&) = default;
};
struct RedactionNotice {
  bool whole_feed = false;
  std::vector<VersionRun> versions;  // ascending, disjoint, ≤ kRedactionRunsMax; empty with whole_feed
  RedactionReason reason = RedactionReason::other;
  friend bool operator==(const RedactionNotice&, const RedactionNotice&) = default;
};

using Notice = std::variant<OpenNotice, CloseNotice, ExpireNotice, EraseNotice, SnapshotNotice, RedactionNotice>;

RecordType record_type_of(const Notice& notice);
// Every rule of spec §4: whoever makes a notice of what a user gave asks here before. kBadPayload.
Result<void> check_notice(const Notice& notice);
Bytes encode_notice(const Notice& notice);                        // of one that passes check_notice (assertion)
Result<Notice> decode_notice(RecordType type, ByteView payload);  // kBadPayload

}  // namespace xylem
