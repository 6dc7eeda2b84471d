// Manifests, directories and beacons.
#include <nlohmann/json.hpp>

#include "proto/verify.h"
#include "tests/vectors/example_zone.h"
#include "tests/vectors/vector_file.h"

namespace xylem::example {
namespace {

constexpr Epoch kLater{kEpochMs + 60'000};
constexpr BucketRange kFirstHalf{Bucket(1), Bucket(6)};

template <typename Document>
using Change = std::function<void(Document&)>;

Manifest changed(const Change<Manifest>& change) {
  Manifest out = manifest();
  change(out);
  return out;
}

Bytes signed_manifest(const Change<Manifest>& change) { return sign_manifest(changed(change), root_key()); }

Bytes with_byte(Bytes bytes, std::size_t offset, std::uint8_t byte) {
  bytes[offset] = byte;
  return bytes;
}

Json taken(std::string_view name, const Bytes& bytes, const Values& values) {
  return {{"name", name}, {"bytes", to_hex(bytes)}, {"error", nullptr}, {"values", to_json(values)}};
}

Json refused(std::string_view name, const Bytes& bytes, ErrorCode code) {
  return {{"name", name}, {"bytes", to_hex(bytes)}, {"error", error_name(code)}};
}

Json manifest_taken(std::string_view name, const Change<Manifest>& change) {
  const Bytes bytes = signed_manifest(change);
  return taken(name, bytes, describe(open_manifest(bytes, zone()).value()));
}

Json manifest_refused(std::string_view name, const Change<Manifest>& change, ErrorCode code = ErrorCode::kBadDocument) {
  return refused(name, signed_manifest(change), code);
}

void second_epoch(Manifest& m) {
  m.serial = 2;
  m.grants[0].until_seq = Seq(3);
  m.grants.push_back({second_origin_key().public_key(), kFirstHalf, kLater, Seq(4), std::nullopt});
  m.epochs[0].epoch = kLater;
  m.epoch_starts = {{kBucket, kLater, Seq(3), Hash256{7}}, {Bucket(6), kLater, Seq(0), {}}};
}

Json manifest_cases() {
  const Bytes good = sign_manifest(manifest(), root_key());
  const PublicKey small_order = {1};
  Json out = Json::array();
  out.push_back(manifest_taken("the example's", [](Manifest&) {}));
  out.push_back(manifest_taken("a second epoch with its grant and starts", second_epoch));
  out.push_back(manifest_taken("two keys in turn", [](Manifest& m) {
    m.grants[0].until_seq = Seq(3);
    m.grants.push_back({second_origin_key().public_key(), kFirstHalf, kEpoch, Seq(4), std::nullopt});
  }));
  out.push_back(manifest_taken("no grants, names, servers", [](Manifest& m) {
    m.grants.clear();
    m.names.clear();
    m.origins.clear();
    m.relays.clear();
    m.directory_keys.clear();
  }));
  out.push_back(refused("not XYLD", with_byte(good, 0, 'x'), ErrorCode::kBadDocument));
  out.push_back(refused("document version 2", with_byte(good, 4, 2), ErrorCode::kUnsupportedVersion));
  out.push_back(refused("kind 3", with_byte(good, 5, 3), ErrorCode::kBadDocument));
  out.push_back(refused("a directory", with_byte(good, 5, 2), ErrorCode::kBadDocument));
  out.push_back(refused("reserved byte", with_byte(good, 7, 1), ErrorCode::kBadDocument));
  out.push_back(refused("shorter than its frame", Bytes(good.begin(), good.begin() + 103), ErrorCode::kBadDocument));
  out.push_back(refused("by another root key", sign_manifest(manifest(), origin_key()), ErrorCode::kWrongZone));
  out.push_back(
      refused("a bit of the body", with_byte(good, good.size() - 1, good.back() ^ 1), ErrorCode::kBadSignature));
  out.push_back(refused("a bit of the signature", with_byte(good, 103, good[103] ^ 1), ErrorCode::kBadSignature));
  out.push_back(
      refused("signed as a directory",
              with_byte(sign_document(DocumentKind::directory, root_key(), zone(), ByteView(good).subspan(104)), 5, 1),
              ErrorCode::kBadSignature));
  out.push_back(refused("no message", sign_document(DocumentKind::manifest, root_key(), zone(), Bytes{0xFF}),
                        ErrorCode::kBadDocument));
  out.push_back(manifest_refused("serial 0", [](Manifest& m) { m.serial = 0; }));
  out.push_back(manifest_refused(
      "records of version 2", [](Manifest& m) { m.record_version = 2; }, ErrorCode::kUnsupportedVersion));
  out.push_back(manifest_refused("no buckets", [](Manifest& m) { m.buckets = 0; }));
  out.push_back(manifest_refused("an epoch is missing", [](Manifest& m) { m.epochs.pop_back(); }));
  out.push_back(manifest_refused("epochs overlap", [](Manifest& m) { m.epochs[1].range.first = Bucket(6); }));
  out.push_back(manifest_refused("grants overlap", [](Manifest& m) {
    m.grants.push_back({second_origin_key().public_key(), {kBucket, kBucket}, kEpoch, Seq(9), std::nullopt});
  }));
  out.push_back(manifest_refused("a grant of a later epoch", [](Manifest& m) { m.grants[0].epoch = kLater; }));
  out.push_back(manifest_refused("a grant of bucket 13", [](Manifest& m) { m.grants[1].range.last = Bucket(13); }));
  out.push_back(manifest_refused("a grant from seq 0", [](Manifest& m) { m.grants[0].from_seq = Seq(0); }));
  out.push_back(manifest_refused("an epoch start twice", [](Manifest& m) {
    second_epoch(m);
    m.epoch_starts.push_back(m.epoch_starts[0]);
  }));
  out.push_back(manifest_refused(
      "an origin key of small order", [&](Manifest& m) { m.grants[0].origin_key = small_order; }, ErrorCode::kWeakKey));
  out.push_back(manifest_refused(
      "a directory key of small order", [&](Manifest& m) { m.directory_keys = {small_order}; }, ErrorCode::kWeakKey));
  out.push_back(manifest_refused(
      "a host that is an address in disguise", [](Manifest& m) { m.origins[0].host = "127.1"; }, ErrorCode::kBadName));
  out.push_back(manifest_refused("port 0", [](Manifest& m) { m.origins[0].port = 0; }));
  return out;
}

struct Admission {
  Bytes bytes;
  Json result;  // "new", "same", or the error's name
};

Json admissions(std::string_view name, const std::vector<Admission>& steps) {
  Json out = {{"name", name}, {"steps", Json::array()}};
  for (const Admission& step : steps) out["steps"].push_back({{"bytes", to_hex(step.bytes)}, {"result", step.result}});
  return out;
}

Json admission_cases() {
  const Bytes first = signed_manifest([](Manifest& m) { m.serial = 5; });
  const Bytes older = signed_manifest([](Manifest& m) { m.serial = 4; });
  const Bytes same_serial = signed_manifest([](Manifest& m) {
    m.serial = 5;
    m.names.clear();
  });
  const Bytes next = signed_manifest([](Manifest& m) {
    second_epoch(m);
    m.serial = 6;
  });
  const Bytes back = signed_manifest([](Manifest& m) { m.serial = 7; });
  const Bytes other_buckets = signed_manifest([](Manifest& m) {
    m.serial = 6;
    m.buckets = 13;
    m.epochs[1].range.last = Bucket(13);
  });
  Json out = Json::array();
  out.push_back(admissions("the serial only grows", {{first, "new"},
                                                     {first, "same"},
                                                     {older, error_name(ErrorCode::kStaleDocument)},
                                                     {next, "new"},
                                                     {first, error_name(ErrorCode::kStaleDocument)}}));
  out.push_back(
      admissions("two documents under one serial", {{first, "new"}, {same_serial, error_name(ErrorCode::kFork)}}));
  out.push_back(admissions("an epoch only grows", {{next, "new"}, {back, error_name(ErrorCode::kWrongEpoch)}}));
  out.push_back(admissions("the number of buckets stays",
                           {{first, "new"}, {other_buckets, error_name(ErrorCode::kBadDocument)}}));
  return out;
}

Bytes signed_directory(const Change<Directory>& change) {
  Directory out = directory();
  change(out);
  return sign_directory(out, directory_key(), zone());
}

Json beacon_refused(std::string_view name, const Change<Beacon>& change, ErrorCode code = ErrorCode::kBadFrame) {
  Beacon out = beacon();
  change(out);
  return refused(name, sign_beacon(out, origin_key(), zone()), code);
}

}  // namespace

Json make_manifests() {
  Json out;
  out["about"] = "spec §5: manifests alone, and one after the other";
  out["zone_id"] = to_hex(zone());
  out["manifests"] = manifest_cases();
  out["admissions"] = admission_cases();
  return out;
}

Json make_directories() {
  const Bytes good = signed_directory([](Directory&) {});
  const auto directory_refused = [](std::string_view name, const Change<Directory>& change,
                                    ErrorCode code = ErrorCode::kBadDocument) {
    return refused(name, signed_directory(change), code);
  };
  Json out;
  out["about"] = "spec §5: directories under the example's manifest";
  out["zone_id"] = to_hex(zone());
  out["manifest"] = to_hex(sign_manifest(manifest(), root_key()));
  out["directories"] = {
      taken("the example's", good, describe(directory())),
      taken("no relays", signed_directory([](Directory& d) { d.relays.clear(); }),
            describe(open_directory(signed_directory([](Directory& d) { d.relays.clear(); }), manifest()).value())),
      refused("by the root key", sign_directory(directory(), root_key(), zone()), ErrorCode::kBadSignature),
      refused("a bit of the body", with_byte(good, good.size() - 1, good.back() ^ 1), ErrorCode::kBadSignature),
      refused("a manifest", sign_document(DocumentKind::manifest, directory_key(), zone(), {}),
              ErrorCode::kBadDocument),
      directory_refused("serial 0", [](Directory& d) { d.serial = 0; }),
      directory_refused("a relay twice", [](Directory& d) { d.relays.push_back(d.relays[0]); }),
      directory_refused("a relay without ranges", [](Directory& d) { d.relays[0].ranges.clear(); }),
      directory_refused("a range beyond the zone", [](Directory& d) { d.relays[0].ranges[0].last = Bucket(13); }),
      directory_refused("port 0", [](Directory& d) { d.relays[0].port = 0; }),
      directory_refused(
          "a key of small order", [](Directory& d) { d.relays[0].key = {1}; }, ErrorCode::kWeakKey),
      directory_refused(
          "a host that is no name", [](Directory& d) { d.relays[0].host = "a b"; }, ErrorCode::kBadName),
  };
  return out;
}

Json make_beacons() {
  const Bytes good = sign_beacon(beacon(), origin_key(), zone());
  Beacon empty = beacon();
  empty.seq = Seq(0);
  empty.head = {};
  const Bytes of_empty = sign_beacon(empty, origin_key(), zone());
  Json out;
  out["about"] = "spec §3: beacons under the example's manifest";
  out["zone_id"] = to_hex(zone());
  out["manifest"] = to_hex(sign_manifest(manifest(), root_key()));
  out["beacons"] = {
      taken("of bucket 5", good, describe(beacon())),
      taken("of a bucket without records", of_empty, describe(decode_beacon(of_empty).value())),
      refused("one byte short", Bytes(good.begin(), good.end() - 1), ErrorCode::kBadFrame),
      refused("reserved byte", with_byte(good, 3, 1), ErrorCode::kBadFrame),
      refused("reserved root", with_byte(good, 107, 1), ErrorCode::kBadFrame),
      beacon_refused("bucket 0", [](Beacon& b) { b.bucket = Bucket(0); }),
      beacon_refused("epoch 0", [](Beacon& b) { b.epoch = Epoch(0); }),
      beacon_refused("seq above 2^53-1", [](Beacon& b) { b.seq = Seq(kPositionMax + 1); }),
      beacon_refused("a time after the year 9999", [](Beacon& b) { b.time = from_ms(kTimestampMax + 1); }),
      beacon_refused("a head without a record", [](Beacon& b) { b.seq = Seq(0); }),
      beacon_refused(
          "a bucket of another key", [](Beacon& b) { b.bucket = Bucket(7); }, ErrorCode::kNoGrant),
      beacon_refused(
          "an epoch without grant", [](Beacon& b) { b.epoch = kLater; }, ErrorCode::kNoGrant),
      refused("of another zone", sign_beacon(beacon(), origin_key(), ZoneId{}), ErrorCode::kBadSignature),
      refused("a bit of the head", with_byte(good, 40, good[40] ^ 1), ErrorCode::kBadSignature),
  };
  return out;
}

}  // namespace xylem::example
