// The directory (spec §5): what DNS says, signed by a directory key of the manifest; for browsers and for when DNS is
// down.
#pragma once

#include <string>
#include <vector>

#include "proto/bucket_range.h"
#include "proto/identity.h"
#include "proto/manifest.h"
#include "proto/signed_document.h"

namespace xylem {

struct DirectoryRelay {
  PublicKey key{};
  std::string host;
  std::uint16_t port = 0;
  std::vector<BucketRange> ranges;  // at least one
  Timestamp not_after;
  friend bool operator==(const DirectoryRelay&, const DirectoryRelay&) = default;
  RelayId id() const { return relay_id_of(key); }
};

struct Directory {
  std::uint64_t serial = 0;  // from 1, only grows: a reader keeps the highest and refuses lower
  Timestamp issued;
  std::vector<DirectoryRelay> relays;  // each key once
  friend bool operator==(const Directory&, const Directory&) = default;
};

// What is signed is not checked: open it before it is given to anyone.
Bytes sign_directory(const Directory& directory, const SigningKey& key, const ZoneId& zone);
// kBadDocument, kTooLarge, kBadSignature (also: not a directory key of the manifest), kWeakKey, kBadName,
// kUnsupportedVersion.
Result<Directory> open_directory(ByteView bytes, const Manifest& manifest);

}  // namespace xylem
