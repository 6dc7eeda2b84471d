// What the chain of a bucket and that of a feed do alike with a group of records: grants, signatures, bodies. The links
// are their own business.
#pragma once

#include "proto/verify.h"

namespace xylem {

using Verdict = tl::expected<void, Rejected>;

inline tl::unexpected<Rejected> reject(std::size_t index, ErrorCode code, std::string detail) {
  return tl::unexpected<Rejected>(Rejected{{code, std::move(detail)}, index, {}});
}

// The grant of each record in turn; the manifest is asked only where the last grant ends.
class GrantWalk {
 public:
  GrantWalk(const Trust& trust, Bucket bucket) : trust_(trust), bucket_(bucket) {}

  // kNoGrant, also when the record names another key than the grant's.
  Result<const Grant*> grant_of(const RecordHeader& header);

 private:
  const Trust& trust_;
  Bucket bucket_;
  const Grant* grant_ = nullptr;
  KeyId key_id_{};
};

Verdict check_signatures(const Trust& trust, std::span<const RecordView> group, std::span<const std::size_t> indices);

// wire_sha256 of full records; of elided ones payload_root and the redactions that cover them; nothing of withheld
// ones.
Verdict check_bodies(std::span<const RecordView> group, const RedactionKnown& redaction_known);

}  // namespace xylem
