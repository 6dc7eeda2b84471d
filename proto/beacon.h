// A beacon (spec §2): the origin's signed word about where a bucket stands, so that withholding the newest part shows.
//   u16 bucket | u16 zero | key id(8) | u64 epoch | u64 seq | head(32) | u64 time | u64 manifest serial | 32 zero |
//   signature(64)
#pragma once

#include "proto/crypto.h"
#include "proto/ids.h"

namespace xylem {

inline constexpr std::size_t kBeaconBytes = 172;

struct Beacon {
  Bucket bucket;
  KeyId key_id{};
  Epoch epoch;
  Seq seq;         // 0 = nothing yet
  Hash256 head{};  // zeros with seq 0
  Timestamp time;
  std::uint64_t manifest_serial = 0;
  Signature signature{};
  friend bool operator==(const Beacon&, const Beacon&) = default;
};

// Sets key_id and signature; 172 bytes.
Bytes sign_beacon(Beacon beacon, const SigningKey& key, const ZoneId& zone);
// kBadFrame. The signature is not checked: Trust::check_beacon knows which key may sign.
Result<Beacon> decode_beacon(ByteView bytes);
bool verify_beacon(const Beacon& beacon, const PublicKey& key, const ZoneId& zone);

}  // namespace xylem
