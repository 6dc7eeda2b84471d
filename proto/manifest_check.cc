#include "proto/manifest_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

namespace xylem {
namespace {

Result<void> bad(std::string detail) { return fail(ErrorCode::kBadDocument, std::move(detail)); }

template <typename Element>
bool ordered(const std::vector<Element>& list) {
  const auto wrong = [](const Element& a, const Element& b) { return !comes_before(a, b); };
  return std::adjacent_find(list.begin(), list.end(), wrong) == list.end();
}

Result<void> check_tiles(const Manifest& manifest) {
  std::uint32_t next = 1;
  for (const RangeEpoch& tile : manifest.epochs) {
    if (tile.range.first.value != next) return bad(fmt::format("epochs do not say whose bucket {} is", next));
    next = std::uint32_t{tile.range.last.value} + 1;
  }
  if (next != std::uint32_t{manifest.buckets} + 1) {
    return bad(fmt::format("epochs end before bucket {}", manifest.buckets));
  }
  return {};
}

// A grant or epoch start of an epoch that is not yet in force has no meaning.
Result<void> check_epochs_have_begun(const Manifest& manifest) {
  for (const RangeEpoch& tile : manifest.epochs) {
    for (const Grant& grant : manifest.grants) {
      const bool touches = grant.range.first <= tile.range.last && tile.range.first <= grant.range.last;
      if (touches && grant.epoch > tile.epoch) {
        return bad(fmt::format("a grant of {} has an epoch after the current one", to_string(grant.range)));
      }
    }
  }
  for (const EpochStart& start : manifest.epoch_starts) {
    if (start.epoch > manifest.current_epoch(start.bucket)) {
      return bad(fmt::format("an epoch start of bucket {} is after the current epoch", start.bucket.value));
    }
  }
  return {};
}

bool overlap(const Grant& a, const Grant& b) {
  return a.epoch == b.epoch && a.range.first <= b.range.last && b.range.first <= a.range.last &&
         (!a.until_seq || b.from_seq <= *a.until_seq) && (!b.until_seq || a.from_seq <= *b.until_seq);
}

// Grants are in order, so those that can overlap one stand right behind it.
Result<void> check_grants_disjoint(const std::vector<Grant>& grants) {
  for (auto grant = grants.begin(); grant != grants.end(); ++grant) {
    for (auto later = grant + 1; later != grants.end(); ++later) {
      if (later->epoch != grant->epoch || later->range.first > grant->range.last) break;
      if (overlap(*grant, *later)) {
        return bad(fmt::format("grants of {} and {} overlap", to_string(grant->range), to_string(later->range)));
      }
    }
  }
  return {};
}

}  // namespace

bool comes_before(const Grant& a, const Grant& b) {
  return std::tie(a.epoch, a.range, a.from_seq) < std::tie(b.epoch, b.range, b.from_seq);
}
bool comes_before(const RangeEpoch& a, const RangeEpoch& b) { return a.range < b.range; }
bool comes_before(const EpochStart& a, const EpochStart& b) {
  return std::tie(a.bucket, a.epoch) < std::tie(b.bucket, b.epoch);
}

Result<void> check_key_ids(std::vector<IdentifiedKey> keys) {
  std::sort(keys.begin(), keys.end());
  const auto collide = [](const IdentifiedKey& a, const IdentifiedKey& b) { return a.id == b.id && a.key != b.key; };
  if (std::adjacent_find(keys.begin(), keys.end(), collide) != keys.end()) return bad("two keys have the same key id");
  return {};
}

Result<void> check_manifest(const Manifest& manifest) {
  if (!ordered(manifest.grants)) return bad("grants are not in order");
  if (!ordered(manifest.epochs)) return bad("epochs are not in order");
  if (!ordered(manifest.epoch_starts)) return bad("epoch starts are not in order");
  if (Result<void> checked = check_tiles(manifest); !checked) return checked;
  if (Result<void> checked = check_epochs_have_begun(manifest); !checked) return checked;
  return check_grants_disjoint(manifest.grants);
}

}  // namespace xylem
