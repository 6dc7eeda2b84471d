// Opening a manifest: from bytes that anybody may have sent to values that hold together.
#include <algorithm>

#include "proto/field_reader.h"
#include "proto/limits.h"
#include "proto/manifest.h"
#include "proto/manifest_check.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

using Body = wire::ManifestBody;

bool lists_fit(const Body& body, FieldReader& read) {
  const auto fits = [&](int count, std::size_t count_max, std::string_view what) {
    return read.fits(static_cast<std::size_t>(count), count_max, what);
  };
  return fits(body.names_size(), kZoneNamesMax, "names") && fits(body.grants_size(), kGrantsMax, "grants") &&
         fits(body.epochs_size(), kRangeEpochsMax, "epochs") &&
         fits(body.epoch_starts_size(), kEpochStartsMax, "epoch starts") &&
         fits(body.directory_keys_size(), kDirectoryKeysMax, "directory keys") &&
         fits(body.origins_size(), kManifestOriginsMax, "origins") &&
         fits(body.relays_size(), kManifestRelaysMax, "relays");
}

Grant to_grant(const Body::Grant& wire, std::uint16_t buckets, FieldReader& read) {
  Grant grant{.origin_key = read.array<32>(wire.origin_key(), "origin key"),
              .range = read.range(wire.first(), wire.last(), buckets, "range of a grant"),
              .epoch = Epoch(read.epoch(wire.epoch(), "epoch of a grant")),
              .from_seq = Seq(read.position(wire.from_seq(), "first seq of a grant")),
              .until_seq = {}};
  read.require(wire.from_seq() > 0, "first seq of a grant");
  if (wire.until_seq() > 0) {
    grant.until_seq = Seq(read.position(wire.until_seq(), "last seq of a grant"));
    read.require(wire.from_seq() <= wire.until_seq(), "a grant ends before it begins");
  }
  return grant;
}

EpochStart to_epoch_start(const Body::EpochStart& wire, std::uint16_t buckets, FieldReader& read) {
  EpochStart start{.bucket = read.bucket(wire.bucket(), "bucket of an epoch start"),
                   .epoch = Epoch(read.epoch(wire.epoch(), "epoch of an epoch start")),
                   .last_seq = Seq(read.position(wire.last_seq(), "last seq before an epoch"))};
  read.require(start.bucket.value <= buckets, "bucket of an epoch start");
  const auto head = read.optional_array<32>(wire.head(), "head before an epoch");
  read.require(head.has_value() == (wire.last_seq() > 0), "head before an epoch");
  start.head = head.value_or(Hash256{});
  return start;
}

void read_lists(const Body& body, Manifest& manifest, FieldReader& read) {
  const std::uint16_t buckets = manifest.buckets;
  for (const std::string& name : body.names()) manifest.names.push_back(read.dns_name(name, "name of the zone"));
  for (const Body::Grant& grant : body.grants()) manifest.grants.push_back(to_grant(grant, buckets, read));
  for (const Body::RangeEpoch& tile : body.epochs()) {
    manifest.epochs.push_back({.range = read.range(tile.first(), tile.last(), buckets, "range of an epoch"),
                               .epoch = Epoch(read.epoch(tile.epoch(), "epoch of a range"))});
  }
  for (const Body::EpochStart& start : body.epoch_starts()) {
    manifest.epoch_starts.push_back(to_epoch_start(start, buckets, read));
  }
  for (const std::string& key : body.directory_keys()) {
    manifest.directory_keys.push_back(read.array<32>(key, "directory key"));
  }
  for (const Body::Origin& origin : body.origins()) {
    manifest.origins.push_back({.range = read.range(origin.first(), origin.last(), buckets, "range of an origin"),
                                .host = read.host(origin.host(), "host of an origin"),
                                .port = read.port(origin.port(), "port of an origin")});
  }
  for (const std::string& relay : body.relays()) manifest.relays.push_back(read.relay_id(relay, "relay id"));
}

Result<Manifest> decode_body(ByteView bytes, const PublicKey& root_key) {
  Body body;
  if (!body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::kBadDocument, "the body is no Protocol Buffers message");
  }
  if (body.record_version() != 1) return fail(ErrorCode::kUnsupportedVersion, "of the zone's records");
  FieldReader read(ErrorCode::kBadDocument);
  Manifest manifest;
  manifest.root_key = root_key;
  manifest.serial = read.position(body.serial(), "serial");
  read.require(body.serial() > 0, "serial");
  read.require(body.buckets() >= 1 && body.buckets() <= 0xFFFF, "number of buckets");
  manifest.buckets = static_cast<std::uint16_t>(body.buckets());
  manifest.record_version = static_cast<std::uint8_t>(body.record_version());
  manifest.issued = read.time(body.issued_ms(), "time of issue");
  if (read.ok() && lists_fit(body, read)) read_lists(body, manifest, read);
  if (!read.ok()) return fail(read.error());
  return manifest;
}

// Each key is looked at once: the check costs as much as verifying a signature.
Result<void> check_keys(const Manifest& manifest) {
  std::vector<PublicKey> keys = manifest.directory_keys;
  keys.push_back(manifest.root_key);
  for (const Grant& grant : manifest.grants) keys.push_back(grant.origin_key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());

  std::vector<IdentifiedKey> identified;
  for (const PublicKey& key : keys) {
    if (Result<void> sound = check_public_key(key); !sound) return sound;
    identified.push_back({key_id_of(key), key});
  }
  return check_key_ids(std::move(identified));
}

}  // namespace

Result<Manifest> open_manifest(ByteView bytes, const ZoneId& zone) {
  const Result<SignedDocument> document = parse_signed_document(bytes);
  if (!document) return fail(document.error());
  if (document->kind != DocumentKind::manifest) return fail(ErrorCode::kBadDocument, "not a manifest");
  if (zone_id_of(document->key) != zone) return fail(ErrorCode::kWrongZone, "the manifest is of another zone");
  if (Result<void> sound = check_public_key(document->key); !sound) return fail(sound.error());
  if (!verify_document(*document, zone)) return fail(ErrorCode::kBadSignature, "of the manifest");

  Result<Manifest> manifest = decode_body(document->body, document->key);
  if (!manifest) return manifest;
  if (Result<void> checked = check_manifest(*manifest); !checked) return fail(checked.error());
  if (Result<void> checked = check_keys(*manifest); !checked) return fail(checked.error());
  return manifest;
}

Result<Manifest> open_manifest_unpinned(ByteView bytes) {
  const Result<SignedDocument> document = parse_signed_document(bytes);
  if (!document) return fail(document.error());
  return open_manifest(bytes, zone_id_of(document->key));
}

}  // namespace xylem
