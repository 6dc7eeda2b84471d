// The name of a role in the forest: ranges from the node up to the zone, `5.4-6.1-6.distributed.example` (spec §1).
// Strip the first label and you have the upstream. A child may have its parent's whole range (`5.5.4-6.1-6`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/bucket_range.h"

namespace xylem {

struct NodeName {
  std::vector<BucketRange> ranges;  // own range first; each lies inside the next; 1…kNodeNameLevelsMax of them
  std::string zone;                 // lower case, no trailing dot

  friend bool operator==(const NodeName&, const NodeName&) = default;
  BucketRange own() const { return ranges.front(); }
  // The upstream's name, or nothing for an origin (stripping leads to the zone itself).
  std::optional<NodeName> parent() const;
  std::string to_string() const;
};

// `text` is a full DNS name (any case, trailing dot allowed) below `zone`. kBadName: not below the zone, a label that
// is no range, a range that does not lie inside its parent's, too many levels.
Result<NodeName> parse_node_name(std::string_view text, std::string_view zone);

// Lower case without a trailing dot; kBadName when it is no DNS name (labels 1…63 bytes of letters, digits, - and _,
// 253 in all).
Result<std::string> normalize_dns_name(std::string_view text);

}  // namespace xylem
