#include "proto/manifest.h"

#include <algorithm>

#include "proto/manifest_check.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

std::string to_field(ByteView bytes) { return std::string(as_text(bytes)); }

wire::ManifestBody to_wire(const Manifest& manifest) {
  wire::ManifestBody body;
  for (const std::string& name : manifest.names) body.add_names(name);
  body.set_serial(manifest.serial);
  body.set_buckets(manifest.buckets);
  body.set_record_version(manifest.record_version);
  body.set_issued_ms(to_ms(manifest.issued));
  for (const Grant& grant : manifest.grants) {
    auto* out = body.add_grants();
    out->set_origin_key(to_field(grant.origin_key));
    out->set_first(grant.range.first.value);
    out->set_last(grant.range.last.value);
    out->set_epoch(grant.epoch.value);
    out->set_from_seq(grant.from_seq.value);
    out->set_until_seq(grant.until_seq ? grant.until_seq->value : 0);
  }
  for (const RangeEpoch& epoch : manifest.epochs) {
    auto* out = body.add_epochs();
    out->set_first(epoch.range.first.value);
    out->set_last(epoch.range.last.value);
    out->set_epoch(epoch.epoch.value);
  }
  for (const EpochStart& start : manifest.epoch_starts) {
    auto* out = body.add_epoch_starts();
    out->set_bucket(start.bucket.value);
    out->set_epoch(start.epoch.value);
    out->set_last_seq(start.last_seq.value);
    if (start.last_seq.value > 0) out->set_head(to_field(start.head));
  }
  for (const PublicKey& key : manifest.directory_keys) body.add_directory_keys(to_field(key));
  for (const OriginServer& origin : manifest.origins) {
    auto* out = body.add_origins();
    out->set_first(origin.range.first.value);
    out->set_last(origin.range.last.value);
    out->set_host(origin.host);
    out->set_port(origin.port);
  }
  for (const RelayId& relay : manifest.relays) body.add_relays(to_field(relay.bytes));
  return body;
}

template <typename List>
void sort_list(List& list) {
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return comes_before(a, b); });
}

}  // namespace

std::optional<Epoch> Manifest::current_epoch(Bucket bucket) const {
  const auto after = [](Bucket wanted, const RangeEpoch& tile) { return wanted < tile.range.first; };
  const auto found = std::upper_bound(epochs.begin(), epochs.end(), bucket, after);
  if (found == epochs.begin() || !std::prev(found)->range.contains(bucket)) return std::nullopt;
  return std::prev(found)->epoch;
}

const Grant* Manifest::grant_for(Bucket bucket, Epoch epoch, Seq seq) const {
  const auto before = [](const Grant& grant, Epoch wanted) { return grant.epoch < wanted; };
  for (auto grant = std::lower_bound(grants.begin(), grants.end(), epoch, before);
       grant != grants.end() && grant->epoch == epoch && grant->range.first <= bucket; ++grant) {
    if (grant->covers(bucket, epoch, seq)) return &*grant;
  }
  return nullptr;
}

const EpochStart* Manifest::epoch_start(Bucket bucket, Epoch epoch) const {
  EpochStart wanted;
  wanted.bucket = bucket;
  wanted.epoch = epoch;
  const auto found = std::lower_bound(epoch_starts.begin(), epoch_starts.end(), wanted,
                                      [](const EpochStart& a, const EpochStart& b) { return comes_before(a, b); });
  if (found == epoch_starts.end() || found->bucket != bucket || found->epoch != epoch) return nullptr;
  return &*found;
}

Bytes sign_manifest(Manifest manifest, const SigningKey& root_key) {
  sort_list(manifest.grants);
  sort_list(manifest.epochs);
  sort_list(manifest.epoch_starts);
  const std::string body = to_wire(manifest).SerializeAsString();
  return sign_document(DocumentKind::manifest, root_key, zone_id_of(root_key.public_key()), as_bytes(body));
}

}  // namespace xylem
