#include "tests/vectors/examples.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/cursor.h"
#include "proto/node_name.h"
#include "proto/payload_tree.h"
#include "tests/vectors/example_zone.h"

namespace xylem::example {
namespace {

Values read_record(ByteView bytes) { return describe(parse_record(bytes).value()); }
Values read_beacon(ByteView bytes) { return describe(decode_beacon(bytes).value()); }
Values read_manifest(ByteView bytes) { return describe(open_manifest_unpinned(bytes).value()); }
Values read_directory(ByteView bytes) { return describe(open_directory(bytes, manifest()).value()); }
Values read_frame(ByteView bytes) { return describe(decode_frame(*parse_envelope(bytes).value()).value()); }

Example notice_example(std::string name, const Bytes& frame) {
  const RecordView record = parse_record(frame).value();
  const RecordType type = record.header().type;
  return {std::move(name), {record.body.begin(), record.body.end()}, [type](ByteView bytes) {
            return describe(decode_notice(type, bytes).value());
          }};
}

// --- §1

void put_key(Values& values, const std::string& name, const SigningKey& key) {
  values.emplace_back(name + " seed", to_hex(key.seed()));
  values.emplace_back(name + " public key", to_hex(key.public_key()));
  values.emplace_back(name + " key id", to_hex(key.key_id()));
}

Values read_keys(ByteView) {
  Values values;
  put_key(values, "root", root_key());
  values.emplace_back("zone id", to_hex(zone()));
  put_key(values, "origin", origin_key());
  put_key(values, "directory", directory_key());
  put_key(values, "relay", relay_key());
  values.emplace_back("relay's relay id", relay_id_of(relay_key().public_key()).to_string());
  put_key(values, "parent", parent_key());
  values.emplace_back("parent's relay id", relay_id_of(parent_key().public_key()).to_string());
  return values;
}

Values read_feed_ids(ByteView) {
  Values values;
  for (const std::string text : {"31337", "0", "18446744073709551615", "name:31337", "https://example.org/thread/1"}) {
    values.emplace_back(text, to_string(parse_feed(text).value().id));
  }
  return values;
}

Values read_buckets(ByteView) {
  Values values;
  for (const auto& [feed, n] : {std::pair(31337ULL, 12), {12ULL, 12}, {0ULL, 12}, {1ULL, 1}, {~0ULL, 256}}) {
    values.emplace_back(fmt::format("{} of {}", feed, n),
                        fmt::format("{}", bucket_of(FeedId(feed), static_cast<std::uint16_t>(n)).value));
  }
  return values;
}

Values read_node_names(ByteView) {
  Values values;
  for (const std::string text :
       {"5.4-6.1-6.distributed.example", "5.5.4-6.1-6.Distributed.EXAMPLE.", "1-6.distributed.example"}) {
    const NodeName name = parse_node_name(text, "distributed.example").value();
    const auto parent = name.parent();
    values.emplace_back(
        text, fmt::format("{}, upstream {}", to_string(name.own()), parent ? parent->to_string() : "none: an origin"));
  }
  return values;
}

Values read_cursors(ByteView) {
  const Log all = log();
  const auto hash_of = [&](std::size_t index) { return ByteReader(all.records[index].link).u32(); };
  return {{"feed, after version 2", FeedCursor{kFeedEpoch, Version(2), {}}.to_string()},
          {"with the hash of batch-1", FeedCursor{kFeedEpoch, Version(2), hash_of(1)}.to_string()},
          {"feed, from the start", FeedCursor{}.to_string()},
          {"bucket 5, after seq 8", BucketCursor{kBucket, kEpoch, Seq(8), hash_of(7)}.to_string()}};
}

// --- §2, §3, §7

Values read_payload(ByteView plain) {
  const std::size_t count = events_of_batch_1().size();
  const SplitEvents split = split_events(plain, count).value();
  Values values = {{"salt", to_hex(split.salt)}};
  for (std::size_t i = 0; i < count; ++i) {
    const Salt salt = event_salt(split.salt, i);
    values.emplace_back(fmt::format("salt_{}", i), to_hex(salt));
    values.emplace_back(fmt::format("leaf_{}", i), to_hex(event_leaf(salt, split.events[i])));
  }
  values.emplace_back("payload_root", to_hex(payload_root_of(plain, count).value()));
  return values;
}

// What Ed25519 is given: the domain, the zone, and the parts of the message.
Bytes message(std::string_view domain, std::initializer_list<ByteView> parts) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.u8(static_cast<std::uint8_t>(domain.size()));
  out.bytes(as_bytes(domain));
  out.bytes(zone());
  for (const ByteView part : parts) out.bytes(part);
  return bytes;
}

// Signs the message again: domain and zone are taken off, as SigningKey::sign() puts them before.
std::function<Values(ByteView)> signing(std::string_view domain, std::function<SigningKey()> key) {
  return [domain, key](ByteView bytes) -> Values {
    const std::size_t prefix = 1 + domain.size() + sizeof(ZoneId);
    return {{"domain", std::string(domain)},
            {"public key", to_hex(key().public_key())},
            {"signature", to_hex(key().sign(domain, zone(), {bytes.subspan(prefix)}))}};
  };
}

Example signed_record() {
  const Log all = log();
  const RecordView batch = parse_record(all.batch_1()).value();
  return {"batch-1-signed", message(kDomainRecord, {batch.decoded.signed_bytes, batch.decoded.extensions}),
          signing(kDomainRecord, origin_key)};
}

constexpr Nonce kClientNonce = {0xC1};
constexpr Nonce kServerNonce = {0x5E};
constexpr std::array<std::uint8_t, 2> kPort = {0x1C, 0xF3};  // 7411

Example signed_welcome() {
  return {"welcome-signed", message(kDomainWelcome, {kClientNonce, kServerNonce, kPort, as_bytes("l1b.example.org")}),
          signing(kDomainWelcome, parent_key)};
}

Example signed_prove() {
  return {"prove-signed", message(kDomainProve, {kServerNonce, relay_id_of(parent_key().public_key()).bytes}),
          signing(kDomainProve, relay_key)};
}

Hello hello() {
  Hello hello;
  hello.zone = zone();
  hello.role = Role::relay;
  hello.nonce = kClientNonce;
  hello.host = "l1b.example.org";
  hello.port = 7411;
  hello.relay = relay_id_of(relay_key().public_key());
  hello.agent = "xylem/0.1.0";
  return hello;
}

Welcome welcome() {
  Welcome welcome;
  welcome.key = parent_key().public_key();
  welcome.nonce = kServerNonce;
  welcome.signature = sign_welcome(parent_key(), zone(), kClientNonce, kServerNonce, "l1b.example.org", 7411);
  welcome.manifest_hash = sha256(sign_manifest(manifest(), root_key()));
  welcome.manifest_serial = 1;
  welcome.node_name = "4-6.1-6.distributed.example";
  welcome.agent = "xylem/0.1.0";
  return welcome;
}

Prove prove() {
  const RelayId parent = relay_id_of(parent_key().public_key());
  return {relay_key().public_key(), sign_prove(relay_key(), zone(), kServerNonce, parent)};
}

Subscribe subscribe() {
  return {{{kBucket, kEpoch, Seq(6), {}}},
          {{kFeed, {kFeedEpoch, Version(2), ByteReader(log().records[1].link).u32()}, FeedMode::state}}};
}

Status too_old() {
  Status status;
  status.feed = kFeed;
  status.code = StatusCode::too_old;
  status.floor_epoch = kFeedEpoch.value;
  status.floor_position = 2;
  status.head_epoch = kFeedEpoch.value;
  status.head_position = 3;
  return status;
}

Status not_mine() {
  Status status;
  status.bucket = Bucket(7);
  status.code = StatusCode::not_mine;
  status.owners = {"1-6"};
  return status;
}

Bytes newest_header() {
  const Log all = log();
  const RecordView record = parse_record(all.records.back().frame).value();
  return {record.decoded.all.begin(), record.decoded.all.end()};
}

void add_frames(std::vector<Example>& out) {
  const Hash256 head = log().records.back().link;
  const RelayId relay = relay_id_of(relay_key().public_key());
  const RelayId parent = relay_id_of(parent_key().public_key());
  const ByteView text = as_bytes("one part of a body");
  const Bytes part(text.begin(), text.end());
  const std::vector<std::pair<std::string, ControlFrame>> frames = {
      {"hello", hello()},
      {"welcome", welcome()},
      {"prove", prove()},
      {"buckets", Buckets{{{kBucket, kEpoch, Seq(1), Seq(8), head}, {Bucket(6), kEpoch, Seq(1), Seq(0), {}}}, true}},
      {"have", Have{{{kBucket, newest_header()}, {Bucket(6), {}}}, true}},
      {"path", Path{{relay, parent}}},
      {"subscribe", subscribe()},
      {"unsubscribe", Unsubscribe{{kBucket}, {kFeed}}},
      {"status-too-old", too_old()},
      {"status-not-mine", not_mine()},
      {"ping", Ping{7}},
      {"pong", Pong{7}},
      {"fetch-hash", Fetch{1, FetchHash{sha256(part)}}},
      {"fetch-feed-head", Fetch{2, FetchFeedHead{kFeed}}},
      {"fetch-feed-range", Fetch{3, FetchFeedRange{kFeed, Version(1), Version(3)}}},
      {"fetch-chunk", Fetch{4, FetchChunk{kBucket, Seq(1), Seq(8)}}},
      {"blob", Blob{1, 0, part.size(), true, {}, part}},
      {"blob-error", Blob{3, 0, 0, true, ErrorCode::kNotHeld, {}}},
      {"skipped", Skipped{kFeed, Version(1), Version(2)}},
      {"evidence", Evidence{{newest_header()}}},
      {"goaway", GoAway{ErrorCode::kDraining, {relay}, std::chrono::seconds(1), std::chrono::seconds(5)}},
      {"error", ErrorFrame{ErrorCode::kLoop, ""}},
  };
  for (const auto& [name, frame] : frames) out.push_back({name, encode(frame), read_frame});
}

// Bytes as a document shows them: 32 a line.
std::string hex_lines(ByteView bytes) {
  std::string lines;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 32))) {
    lines += to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 32))) + '\n';
  }
  return lines;
}

}  // namespace

std::vector<Example> spec_examples() {
  const Log all = log();
  const RecordView view = parse_record(all.batch_1()).value();
  std::vector<Example> examples = {
      {"keys", {}, read_keys},
      {"feed-ids", {}, read_feed_ids},
      {"buckets-of-feeds", {}, read_buckets},
      {"node-names", {}, read_node_names},
      {"cursors", {}, read_cursors},
      {"batch-1", all.batch_1(), read_record},
      {"batch-1-payload", {view.body.begin(), view.body.end()}, read_payload},
      {"batch-2", all.batch_2(), read_record},
      {"elided-1", elided_batch_1(), read_record},
      {"withheld-1", withheld_batch_1(), read_record},
      {"beacon", sign_beacon(beacon(), origin_key(), zone()), read_beacon},
      {"open-1", all.open(), read_record},
      {"manifest", sign_manifest(manifest(), root_key()), read_manifest},
      {"directory", sign_directory(directory(), directory_key(), zone()), read_directory},
  };
  examples.push_back(signed_record());
  examples.push_back(notice_example("notice-open", all.open()));
  examples.push_back(notice_example("notice-close", all.close()));
  examples.push_back(notice_example("notice-expire", all.expire()));
  examples.push_back(notice_example("notice-erase", all.erase()));
  examples.push_back(notice_example("notice-snapshot", all.snapshot()));
  examples.push_back(notice_example("notice-redaction", all.redaction()));
  examples.push_back(signed_welcome());
  examples.push_back(signed_prove());
  add_frames(examples);
  return examples;
}

std::string with_examples(std::string_view document) {
  const std::vector<Example> examples = spec_examples();
  std::string out;
  bool inside = false;  // a block that is filled in anew: what stood there is dropped
  while (!document.empty()) {
    const std::size_t end = std::min(document.find('\n'), document.size() - 1) + 1;
    const std::string_view line = document.substr(0, end);
    document.remove_prefix(end);
    inside = inside && !line.starts_with("```");
    if (inside) continue;
    out += line;
    for (const Example& example : examples) {
      const bool hex = line == fmt::format("```hex name={}\n", example.name);
      if (!hex && line != fmt::format("```values name={}\n", example.name)) continue;
      out += hex ? hex_lines(example.bytes) : to_lines(example.read(example.bytes));
      inside = true;
    }
  }
  return out;
}

}  // namespace xylem::example
