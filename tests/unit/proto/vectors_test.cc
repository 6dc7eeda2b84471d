// Reads tests/vectors/*.json as another implementation would, and holds our code to them. The files say what must come
// out; nothing here asks how they were made.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "proto/crc32c.h"
#include "proto/cursor.h"
#include "proto/frames.h"
#include "proto/host.h"
#include "proto/node_name.h"
#include "proto/verify.h"
#include "tests/vectors/describe.h"
#include "tests/vectors/vector_file.h"

using namespace xylem;
using example::Json;

namespace {

Json read_file(const std::string& name) {
  std::ifstream file(std::string(XYLEM_SOURCE_DIR "/tests/vectors/") + name);
  REQUIRE(file);
  return Json::parse(file);
}

Bytes bytes_of(const Json& hex) { return from_hex(hex.get<std::string>()); }

template <std::size_t N>
std::array<std::uint8_t, N> array_of(const Json& hex) {
  const Bytes bytes = bytes_of(hex);
  REQUIRE(bytes.size() == N);
  std::array<std::uint8_t, N> out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

std::string text_of(const Json& text) { return text.get<std::string>(); }

// null, or the error's stable name.
Json outcome(const Error* error) { return example::error_name(error ? std::optional(error->code) : std::nullopt); }
template <typename T>
Json outcome(const Result<T>& result) {
  return outcome(result ? nullptr : &result.error());
}

Trust trust_of(const Json& file, const Json& manifest) {
  Trust trust(array_of<32>(file["zone_id"]));
  REQUIRE(trust.admit(bytes_of(manifest)));
  return trust;
}

// The records of a group, with the bytes their views point into.
struct Group {
  std::vector<Bytes> frames;
  std::vector<RecordView> views;
};
Group group_of(const Json& records) {
  Group group;
  for (const Json& record : records) group.frames.push_back(bytes_of(record));
  for (const Bytes& frame : group.frames) group.views.push_back(parse_record(frame).value());
  return group;
}

// A record's way through a receiver, up to the stage that refuses it.
struct Walk {
  Json error;
  std::string stage;
};
Walk walk(const Bytes& frame, const Trust& trust, Bucket bucket, const Group& redactions) {
  const auto record = parse_record(frame);
  if (!record) return {outcome(record), "parse"};

  const RedactionKnown known = [&](FeedId feed, Seq seq) -> std::optional<RedactionNotice> {
    for (const RecordView& held : redactions.views) {
      if (held.header().feed == feed && held.header().seq == seq) {
        return std::get<RedactionNotice>(open_notice(held).value());
      }
    }
    return std::nullopt;
  };
  BucketChain chain(trust, bucket);
  const auto accepted = chain.accept({&*record, 1}, known);
  if (!accepted) return {outcome(&accepted.error().error), "verify"};

  if (record->form == RecordForm::withheld) return {nullptr, ""};
  const Json opened = record->header().is_batch() ? outcome(open_batch(*record)) : outcome(open_notice(*record));
  return {opened, opened.is_null() ? "" : "open"};
}

template <typename Chain>
void run_groups(Chain& chain, const Json& groups) {
  for (const Json& each : groups) {
    const Group group = group_of(each["records"]);
    const auto accepted = chain.accept(group.views);
    CHECK(outcome(accepted ? nullptr : &accepted.error().error) == each["error"]);
    if (!accepted) CHECK(accepted.error().index == each["index"].get<std::size_t>());
    if (accepted) CHECK(chain.position().seq == group.views.back().header().seq);
  }
}

}  // namespace

TEST_CASE("vectors of names hold") {
  const Json file = read_file("names.json");
  for (const Json& each : file["feeds"]) {
    CAPTURE(each.dump());
    const auto feed = parse_feed(text_of(each["text"]));
    CHECK(outcome(feed) == each["error"]);
    if (!feed) continue;
    CHECK(to_string(feed->id) == each["id"]);
    CHECK(feed->name == each["name"]);
  }
  for (const Json& each : file["buckets"]) {
    CAPTURE(each.dump());
    const FeedId feed = parse_feed(text_of(each["feed"]))->id;
    CHECK(bucket_of(feed, each["buckets"]).value == each["bucket"]);
  }
  for (const Json& each : file["ranges"]) {
    CAPTURE(each.dump());
    const auto range = parse_bucket_range(text_of(each["text"]));
    CHECK(outcome(range) == each["error"]);
    if (!range) continue;
    CHECK(range->first.value == each["first"]);
    CHECK(range->last.value == each["last"]);
    CHECK(to_string(*range) == each["text"]);
  }
  for (const Json& each : file["node_names"]) {
    CAPTURE(each.dump());
    const auto name = parse_node_name(text_of(each["text"]), text_of(file["zone"]));
    CHECK(outcome(name) == each["error"]);
    if (!name) continue;
    CHECK(name->to_string() == each["normal"]);
    CHECK(to_string(name->own()) == each["ranges"][0]);
    CHECK(name->ranges.size() == each["ranges"].size());
    const auto parent = name->parent();
    CHECK((parent ? Json(parent->to_string()) : Json(nullptr)) == each["upstream"]);
  }
  for (const Json& each : file["hosts"]) {
    CAPTURE(each.dump());
    const auto host = normalize_host(text_of(each["text"]));
    CHECK(outcome(host) == each["error"]);
    if (host) CHECK(*host == each["normal"]);
  }
  for (const Json& each : file["relay_ids"]) {
    CAPTURE(each.dump());
    const auto id = parse_relay_id(text_of(each["text"]));
    CHECK(outcome(id) == each["error"]);
    if (!id) continue;
    CHECK(id->to_string() == each["normal"]);
    CHECK(to_hex(id->bytes) == each["bytes"]);
  }
}

TEST_CASE("vectors of cursors hold") {
  const Json file = read_file("cursors.json");
  const auto hash_of = [](const std::optional<std::uint32_t>& hash) {
    if (!hash) return Json(nullptr);
    Bytes bytes;
    ByteWriter(bytes).u32(*hash);
    return Json(to_hex(bytes));
  };
  for (const Json& each : file["feed"]) {
    CAPTURE(each.dump());
    const auto cursor = parse_feed_cursor(text_of(each["text"]));
    CHECK(outcome(cursor) == each["error"]);
    if (!cursor) continue;
    CHECK(cursor->epoch.value == each["epoch"]);
    CHECK(cursor->version.value == each["version"]);
    CHECK(hash_of(cursor->hash) == each["hash"]);
    CHECK(cursor->to_string() == each["text"]);
  }
  for (const Json& each : file["bucket"]) {
    CAPTURE(each.dump());
    const auto cursor = parse_bucket_cursor(text_of(each["text"]));
    CHECK(outcome(cursor) == each["error"]);
    if (!cursor) continue;
    CHECK(cursor->bucket.value == each["bucket"]);
    CHECK(cursor->epoch.value == each["epoch"]);
    CHECK(cursor->seq.value == each["seq"]);
    CHECK(hash_of(cursor->hash) == each["hash"]);
    CHECK(cursor->to_string() == each["text"]);
  }
}

TEST_CASE("vectors of keys and signatures hold") {
  const Json file = read_file("keys.json");
  for (const Json& each : file["keys"]) {
    const SigningKey key = SigningKey::from_seed(array_of<32>(each["seed"]));
    CHECK(to_hex(key.public_key()) == each["public_key"]);
    CHECK(to_hex(key.key_id()) == each["key_id"]);
    CHECK(relay_id_of(key.public_key()).to_string() == each["relay_id"]);
    CHECK(to_hex(zone_id_of(key.public_key())) == each["zone_id"]);
    CHECK(check_public_key(key.public_key()));
    const Bytes message = bytes_of(each["message"]);
    const ZoneId zone = array_of<32>(each["zone"]);
    CHECK(to_hex(key.sign(text_of(each["domain"]), zone, {message})) == each["signature"]);
    CHECK(
        verify_signature(key.public_key(), array_of<64>(each["signature"]), text_of(each["domain"]), zone, {message}));
  }
  for (const Json& each : file["weak_keys"]) {
    CAPTURE(each.dump());
    CHECK(outcome(check_public_key(array_of<32>(each["public_key"]))) == each["error"]);
  }
  for (const Json& each : file["signatures"]) {
    CAPTURE(each.dump());
    const Bytes message = bytes_of(each["message"]);
    const bool valid = verify_signature(array_of<32>(each["public_key"]), array_of<64>(each["signature"]),
                                        text_of(each["domain"]), array_of<32>(each["zone"]), {message});
    CHECK(valid == each["valid"].get<bool>());
  }
}

TEST_CASE("vectors of records hold, with the stage that refuses") {
  const Json file = read_file("records.json");
  const Trust trust = trust_of(file, file["manifest"]);
  const Bucket bucket(file["bucket"].get<std::uint16_t>());
  for (const Json& each : file["records"]) {
    CAPTURE(each["name"].dump());
    const Bytes frame = bytes_of(each["frame"]);
    const Walk result = walk(frame, trust, bucket, group_of(each["redactions"]));
    CHECK(result.error == each["error"]);
    if (each["error"].is_null()) {
      CHECK(example::to_json(example::describe(parse_record(frame).value())) == each["values"]);
    } else {
      CHECK(result.stage == each["stage"]);
    }
  }
}

TEST_CASE("vectors of chains hold") {
  const Json file = read_file("chains.json");
  for (const Json& each : file["buckets"]) {
    CAPTURE(each["name"].dump());
    const Trust trust = trust_of(file, each["manifest"]);
    BucketChain chain(trust, Bucket(each["bucket"].get<std::uint16_t>()),
                      {each["held"].get<bool>(), Epoch(each["epoch"]), Seq(each["seq"]), array_of<32>(each["link"]),
                       from_ms(each["time"])});
    run_groups(chain, each["groups"]);
  }
  for (const Json& each : file["feeds"]) {
    CAPTURE(each["name"].dump());
    const Trust trust = trust_of(file, each["manifest"]);
    FeedPosition from;
    from.held = each["held"];
    from.epoch = FeedEpoch(each["feed_epoch"]);
    from.version = Version(each["version"]);
    if (!each["cursor_hash"].is_null()) from.cursor_hash = each["cursor_hash"].get<std::uint32_t>();
    FeedChain chain(trust, parse_feed(text_of(each["feed"]))->id, from);
    run_groups(chain, each["groups"]);
  }
}

TEST_CASE("vectors of manifests hold, alone and one after the other") {
  const Json file = read_file("manifests.json");
  const ZoneId zone = array_of<32>(file["zone_id"]);
  for (const Json& each : file["manifests"]) {
    CAPTURE(each["name"].dump());
    const auto manifest = open_manifest(bytes_of(each["bytes"]), zone);
    CHECK(outcome(manifest) == each["error"]);
    if (manifest) CHECK(example::to_json(example::describe(*manifest)) == each["values"]);
  }
  for (const Json& each : file["admissions"]) {
    CAPTURE(each["name"].dump());
    Trust trust(zone);
    for (const Json& step : each["steps"]) {
      const auto admitted = trust.admit(bytes_of(step["bytes"]));
      CHECK((admitted ? Json(*admitted ? "new" : "same") : outcome(admitted)) == step["result"]);
    }
  }
}

TEST_CASE("vectors of directories hold") {
  const Json file = read_file("directories.json");
  const Manifest manifest = open_manifest(bytes_of(file["manifest"]), array_of<32>(file["zone_id"])).value();
  for (const Json& each : file["directories"]) {
    CAPTURE(each["name"].dump());
    const auto directory = open_directory(bytes_of(each["bytes"]), manifest);
    CHECK(outcome(directory) == each["error"]);
    if (directory) CHECK(example::to_json(example::describe(*directory)) == each["values"]);
  }
}

TEST_CASE("vectors of beacons hold") {
  const Json file = read_file("beacons.json");
  const Trust trust = trust_of(file, file["manifest"]);
  for (const Json& each : file["beacons"]) {
    CAPTURE(each["name"].dump());
    const auto beacon = decode_beacon(bytes_of(each["bytes"]));
    const Json result = beacon ? outcome(trust.check_beacon(*beacon)) : outcome(beacon);
    CHECK(result == each["error"]);
    if (result.is_null()) CHECK(example::to_json(example::describe(*beacon)) == each["values"]);
  }
}

TEST_CASE("vectors of notices hold") {
  const Json file = read_file("notices.json");
  for (const Json& each : file["notices"]) {
    CAPTURE(each["name"].dump());
    const Bytes payload = bytes_of(each["payload"]);
    const auto notice = decode_notice(static_cast<RecordType>(each["type"].get<int>()), payload);
    CHECK(outcome(notice) == each["error"]);
    if (!notice) continue;
    CHECK(example::to_json(example::describe(*notice)) == each["values"]);
    CHECK(encode_notice(*notice) == payload);
  }
}

TEST_CASE("vectors of control frames hold") {
  const Json file = read_file("frames.json");
  for (const Json& each : file["frames"]) {
    CAPTURE(each["name"].dump());
    const Bytes bytes = bytes_of(each["frame"]);
    const auto envelope = parse_envelope(bytes);
    REQUIRE(envelope);
    REQUIRE(*envelope);
    const auto frame = decode_frame(**envelope);
    CHECK(outcome(frame) == each["error"]);
    if (!frame) continue;
    CHECK(example::to_json(example::describe(*frame)) == each["values"]);
    CHECK(encode(*frame) == bytes);
  }
  for (const Json& each : file["crc32c"]) CHECK(crc32c(bytes_of(each["bytes"])) == each["crc32c"]);
}
