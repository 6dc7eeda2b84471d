#include "proto/directory.h"

#include <algorithm>

#include "proto/field_reader.h"
#include "proto/limits.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

using Body = wire::DirectoryBody;

Body to_wire(const Directory& directory) {
  Body body;
  body.set_serial(directory.serial);
  body.set_issued_ms(to_ms(directory.issued));
  for (const DirectoryRelay& relay : directory.relays) {
    Body::Relay* out = body.add_relays();
    out->set_key(std::string(as_text(relay.key)));
    out->set_host(relay.host);
    out->set_port(relay.port);
    for (const BucketRange range : relay.ranges) {
      out->add_range_bounds(range.first.value);
      out->add_range_bounds(range.last.value);
    }
    out->set_not_after_ms(to_ms(relay.not_after));
  }
  return body;
}

DirectoryRelay to_relay(const Body::Relay& wire, std::uint16_t buckets, FieldReader& read) {
  DirectoryRelay relay{.key = read.key(wire.key(), "key of a relay"),
                       .host = read.host(wire.host(), "host of a relay"),
                       .port = read.port(wire.port(), "port of a relay"),
                       .ranges = {},
                       .not_after = read.time(wire.not_after_ms(), "end of a relay")};
  const int bounds = wire.range_bounds_size();
  read.require(bounds > 0 && bounds % 2 == 0, "ranges of a relay");
  if (!read.ok() || !read.fits(static_cast<std::size_t>(bounds) / 2, kDirectoryRangesMax, "ranges of a relay")) {
    return relay;
  }
  for (int i = 0; i < bounds; i += 2) {
    relay.ranges.push_back(read.range(wire.range_bounds(i), wire.range_bounds(i + 1), buckets, "range of a relay"));
  }
  return relay;
}

bool keys_are_unique(const std::vector<DirectoryRelay>& relays) {
  std::vector<PublicKey> keys;
  keys.reserve(relays.size());
  for (const DirectoryRelay& relay : relays) keys.push_back(relay.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

Result<Directory> decode_body(ByteView bytes, std::uint16_t buckets) {
  Body body;
  if (!body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(ErrorCode::kBadDocument, "the body is no Protocol Buffers message");
  }
  FieldReader read(ErrorCode::kBadDocument);
  Directory directory;
  directory.serial = read.position(body.serial(), "serial");
  read.require(body.serial() > 0, "serial");
  directory.issued = read.time(body.issued_ms(), "time of issue");
  if (read.fits(static_cast<std::size_t>(body.relays_size()), kDirectoryRelaysMax, "relays")) {
    for (const Body::Relay& relay : body.relays()) {
      if (!read.ok()) break;
      directory.relays.push_back(to_relay(relay, buckets, read));
    }
  }
  read.require(keys_are_unique(directory.relays), "a relay stands there twice");
  if (!read.ok()) return fail(read.error());
  return directory;
}

}  // namespace

Bytes sign_directory(const Directory& directory, const SigningKey& key, const ZoneId& zone) {
  return sign_document(DocumentKind::directory, key, zone, as_bytes(to_wire(directory).SerializeAsString()));
}

Result<Directory> open_directory(ByteView bytes, const Manifest& manifest) {
  const Result<SignedDocument> document = parse_signed_document(bytes);
  if (!document) return fail(document.error());
  if (document->kind != DocumentKind::directory) return fail(ErrorCode::kBadDocument, "not a directory");
  const std::vector<PublicKey>& keys = manifest.directory_keys;
  if (std::find(keys.begin(), keys.end(), document->key) == keys.end()) {
    return fail(ErrorCode::kBadSignature, "the manifest does not name the directory's key");
  }
  if (!verify_document(*document, manifest.zone_id())) return fail(ErrorCode::kBadSignature, "of the directory");
  return decode_body(document->body, manifest.buckets);
}

}  // namespace xylem
