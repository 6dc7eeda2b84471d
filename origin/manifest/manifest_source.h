// The text a person writes and keeps of a manifest, from which `xylem-origin manifest sign` makes the signed one:
//
//   names = ["distributed.example"]
//   serial = 1                      # must grow with every signing
//   buckets = 12
//   relays = ["k7f3…"]              # allowed as relays below an origin
//   directory_keys = ["<64 hex>"]
//   [[epoch]]                       # together 1…buckets
//   range = "1-12"
//   epoch = 1763725200000
//   [[grant]]
//   key = "<64 hex>"
//   range = "1-6"
//   epoch = 1763725200000
//   from = 1                        # until = … ends it
//   [[origin]]
//   range = "1-6"
//   host = "feed-a.example.net"
//   port = 7411
//   [[epoch_start]]                 # bucket, epoch, last_seq, head: where the epoch before ended
#pragma once

#include <string>
#include <string_view>

#include "proto/manifest.h"

namespace xylem {

// kConfig with "NAME:LINE: …". The root key and the time of signing are not part of the text.
Result<Manifest> read_manifest_source(std::string_view text, std::string_view name);
std::string write_manifest_source(const Manifest& manifest);
// For people: `xylem-origin manifest show`.
std::string describe_manifest(const Manifest& manifest);
std::string manifest_json(const Manifest& manifest);

}  // namespace xylem
