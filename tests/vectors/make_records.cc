// Single records: each is taken as the first above a floor, or refused at the named stage.
#include <nlohmann/json.hpp>

#include "proto/crc32c.h"
#include "proto/payload_tree.h"
#include "tests/vectors/example_zone.h"
#include "tests/vectors/forge.h"
#include "tests/vectors/vector_file.h"

namespace xylem::example {
namespace {

// The order in which a receiver looks: bytes, then proof, then content (spec §3).
constexpr std::string_view kParse = "parse";
constexpr std::string_view kVerify = "verify";
constexpr std::string_view kOpen = "open";

class Records {
 public:
  void taken(std::string_view name, const Bytes& frame, const std::vector<Bytes>& redactions = {}) {
    Json& record = add(name, frame, redactions);
    record["error"] = nullptr;
    record["values"] = to_json(describe(parse_record(frame).value()));
  }
  void refused(std::string_view name, const Bytes& frame, std::string_view stage, ErrorCode code,
               const std::vector<Bytes>& redactions = {}) {
    Json& record = add(name, frame, redactions);
    record["error"] = error_name(code);
    record["stage"] = stage;
  }
  // A sound batch after `change`.
  void refused(std::string_view name, const std::function<void(Forgery&)>& change, std::string_view stage,
               ErrorCode code) {
    Forgery forgery = sound_batch();
    change(forgery);
    refused(name, forge(forgery), stage, code);
  }
  void refused_header(std::string_view name, std::size_t offset, std::uint8_t byte,
                      ErrorCode code = ErrorCode::kBadHeader) {
    refused(name, [=](Forgery& f) { f.before_signing = [=](Bytes& header) { header[offset] = byte; }; }, kParse, code);
  }
  Json take() { return std::move(cases_); }

 private:
  Json& add(std::string_view name, const Bytes& frame, const std::vector<Bytes>& redactions) {
    Json held = Json::array();
    for (const Bytes& redaction : redactions) held.push_back(to_hex(redaction));
    cases_.push_back({{"name", name}, {"frame", to_hex(frame)}, {"redactions", held}});
    return cases_.back();
  }

  Json cases_ = Json::array();
};

Bytes changed(Bytes bytes, std::size_t offset, std::uint8_t byte) {
  bytes[offset] = byte;
  return bytes;
}

// The CRC of an envelope whose bytes were changed.
Bytes with_crc(Bytes frame) {
  const ByteView view(frame);
  const std::uint32_t crc = crc32c(view.subspan(12), crc32c(view.first(8)));
  for (std::size_t i = 0; i < 4; ++i) frame[8 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  return frame;
}

void add_envelopes(Records& out) {
  const Bytes good = forge(sound_batch());
  out.refused("envelope: a bit of its CRC", changed(good, 8, good[8] ^ 1), kParse, ErrorCode::kBadChecksum);
  out.refused("envelope: a bit of the payload", changed(good, good.size() - 1, good.back() ^ 1), kParse,
              ErrorCode::kBadChecksum);
  out.refused("envelope: version 2", with_crc(changed(good, 5, 2)), kParse, ErrorCode::kUnsupportedVersion);
  out.refused("envelope: form 3", with_crc(changed(good, 6, 3)), kParse, ErrorCode::kBadFrame);
  out.refused("envelope: flags", with_crc(changed(good, 7, 1)), kParse, ErrorCode::kBadFrame);
  out.refused("envelope: unknown type", with_crc(changed(good, 4, 99)), kParse, ErrorCode::kBadFrame);
  out.refused("envelope: length above the limit", with_crc(changed(good, 1, 1)), kParse, ErrorCode::kTooLarge);
  out.refused("envelope: one byte short", Bytes(good.begin(), good.end() - 1), kParse, ErrorCode::kBadFrame);
  Bytes longer = good;
  longer.push_back(0);
  out.refused("envelope: one byte after it", longer, kParse, ErrorCode::kBadFrame);
}

void add_headers(Records& out) {
  out.refused_header("header: record version 2", 0, 2, ErrorCode::kUnsupportedVersion);
  out.refused_header("header: type 0", 1, 0);
  out.refused_header("header: type 8", 1, 8);
  out.refused_header("header: codec 2", 2, 2);
  out.refused_header("header: reserved byte", 3, 1);
  out.refused_header("header: reserved bytes", 223, 1);
  out.refused_header("header: extensions longer than the body", 5, 255);
  out.refused_header("header: version above its maximum", 41, 0xFF);
  const auto with = [&](std::string_view name, const std::function<void(RecordHeader&)>& change) {
    out.refused(name, [&](Forgery& f) { change(f.header); }, kParse, ErrorCode::kBadHeader);
  };
  with("header: no events", [](RecordHeader& h) { h.event_count = 0; });
  with("header: 1025 events", [](RecordHeader& h) { h.event_count = 1025; });
  with("header: epoch 0", [](RecordHeader& h) { h.epoch = Epoch(0); });
  with("header: epoch above 2^53-1", [](RecordHeader& h) { h.epoch = Epoch(kEpochMax + 1); });
  with("header: feed epoch 0", [](RecordHeader& h) { h.feed_epoch = FeedEpoch(0); });
  with("header: seq 0", [](RecordHeader& h) { h.seq = Seq(0); });
  with("header: seq above 2^53-1", [](RecordHeader& h) { h.seq = Seq(kPositionMax + 1); });
  with("header: version 0 in a batch", [](RecordHeader& h) { h.first_version = Version(0); });
  with("header: time after the year 9999", [](RecordHeader& h) { h.origin_time = from_ms(kTimestampMax + 1); });
  with("header: seq 1 with a record before it", [](RecordHeader& h) { h.prev_record[0] = 1; });
  with("header: version 1 with a batch before it", [](RecordHeader& h) { h.prev_batch[0] = 1; });
  with("header: version 2 without a batch before it", [](RecordHeader& h) { h.first_version = Version(2); });
  with("header: stored, sizes differ", [](RecordHeader& h) { h.plain_bytes += 1; });
  with("header: plain size above its limit", [](RecordHeader& h) {
    h.codec = Codec::zstd;
    h.plain_bytes = kPayloadPlainBytesMax + 1;
  });
  with("header: a notice with versions", [](RecordHeader& h) { h.type = RecordType::open; });
  out.refused(
      "header: cut short", [](Forgery& f) { f.after_signing = [](Bytes& body) { body.resize(287); }; }, kParse,
      ErrorCode::kBadHeader);
  out.refused(
      "header: sizes differ from the body", [](Forgery& f) { f.body.push_back(0); }, kParse, ErrorCode::kBadFrame);
  const auto with_extensions = [&](std::string_view name, const Bytes& extensions) {
    out.refused(name, [&](Forgery& f) { f.extensions = extensions; }, kParse, ErrorCode::kBadHeader);
  };
  with_extensions("extensions: unknown type below 128", {1, 0, 0});
  with_extensions("extensions: out of order", {130, 0, 0, 129, 0, 0});
  with_extensions("extensions: twice the same", {130, 0, 0, 130, 0, 0});
  with_extensions("extensions: longer than their room", {130, 0, 1});
  with_extensions("extensions: producers in 43 bytes", {128, 0, 1, 0});
}

void add_proofs(Records& out) {
  const auto refused = [&](std::string_view name, const std::function<void(Forgery&)>& change, ErrorCode code) {
    out.refused(name, change, kVerify, code);
  };
  out.refused("proof: of another zone", forge(sound_batch(), origin_key(), ZoneId{}), kVerify,
              ErrorCode::kBadSignature);
  out.refused("proof: by a key without grant", forge(sound_batch(), root_key(), zone()), kVerify, ErrorCode::kNoGrant);
  out.refused("proof: by the key of other buckets", forge(sound_batch(), second_origin_key(), zone()), kVerify,
              ErrorCode::kNoGrant);
  refused(
      "proof: an epoch without grant", [](Forgery& f) { f.header.epoch = Epoch(kEpochMs - 1); }, ErrorCode::kNoGrant);
  refused(
      "proof: a feed of another bucket", [](Forgery& f) { f.header.feed = FeedId(31338); }, ErrorCode::kWrongBucket);
  refused(
      "proof: a bit of the signature", [](Forgery& f) { f.after_signing = [](Bytes& body) { body[287] ^= 1; }; },
      ErrorCode::kBadSignature);
  refused(
      "proof: a bit of the header", [](Forgery& f) { f.after_signing = [](Bytes& body) { body[55] ^= 1; }; },
      ErrorCode::kBadSignature);
  refused(
      "proof: a bit of the extensions",
      [](Forgery& f) {
        f.extensions = {200, 0, 1, 0};
        f.after_signing = [](Bytes& body) { body[291] ^= 1; };
      },
      ErrorCode::kBadSignature);
  refused(
      "proof: a bit of the payload", [](Forgery& f) { f.after_signing = [](Bytes& body) { body.back() ^= 1; }; },
      ErrorCode::kBadHash);
}

Bytes plain_of(std::string_view hex) { return from_hex(std::string(32, '0') + std::string(hex)); }

void add_payloads(Records& out) {
  const auto refused = [&](std::string_view name, const Bytes& plain, std::uint16_t count = 1) {
    out.refused(name, [&](Forgery& f) { put_payload(f, plain, count); }, kOpen, ErrorCode::kBadPayload);
  };
  // time, kind "a", no details: 10 bytes.
  const std::string event =
      "0000018bcfe56800"
      "01"
      "61";
  Forgery smallest = sound_batch();
  put_payload(smallest, plain_of("0000000a" + event), 1);
  out.taken("payload: the smallest event", forge(smallest));
  refused("payload: shorter than its salt", Bytes(15));
  refused("payload: ends within an event", plain_of("0000000b" + event));
  refused("payload: bytes after its events", plain_of("0000000a" + event + "00"));
  refused("payload: fewer events than the header says", plain_of("0000000a" + event), 2);
  refused("payload: no kind", plain_of("00000009"
                                       "0000018bcfe56800"
                                       "00"));
  refused("payload: a kind with a blank", plain_of("0000000c"
                                                   "0000018bcfe56800"
                                                   "03"
                                                   "612062"));
  refused("payload: a kind longer than its event", plain_of("0000000a"
                                                            "0000018bcfe56800"
                                                            "02"
                                                            "61"));
  refused("payload: a time after the year 9999", plain_of("0000000a"
                                                          "ffffffffffffffff"
                                                          "01"
                                                          "61"));
  out.refused("payload: another root", [](Forgery& f) { f.header.payload_root[0] ^= 1; }, kOpen, ErrorCode::kBadRoot);
}

// Made once by libzstd 1.5.4, level 3, and kept: other versions may pack the same bytes otherwise.
struct ZstdFrames {
  Bytes plain;
  Bytes packed;
};
ZstdFrames zstd_frames() {
  const std::string details(600, 'a');
  const Event event{from_ms(kEpochMs), "add_comment", as_bytes(details)};
  ZstdFrames frames;
  frames.plain = encode_events(salt_of(0x30), {&event, 1});
  frames.packed = from_hex(
      "28b52ffd6080018d01009402303132333435363738393a3b3c3d3e3f0000026c"
      "0000018bcfe568000b6164645f636f6d6d656e74610100a1528132");
  return frames;
}

void put_packed(Forgery& forgery, const Bytes& plain, const Bytes& packed) {
  put_payload(forgery, plain, 1);
  forgery.header.codec = Codec::zstd;
  forgery.header.wire_bytes = static_cast<std::uint32_t>(packed.size());
  forgery.header.wire_sha256 = sha256(packed);
  forgery.body = packed;
}

void add_packed(Records& out) {
  const ZstdFrames frames = zstd_frames();
  Forgery forgery = sound_batch();
  put_packed(forgery, frames.plain, frames.packed);
  out.taken("zstd: one frame", forge(forgery));

  const auto refused = [&](std::string_view name, Bytes packed, std::size_t more_plain_bytes = 0) {
    Forgery changed_forgery = sound_batch();
    put_packed(changed_forgery, frames.plain, packed);
    changed_forgery.header.plain_bytes += static_cast<std::uint32_t>(more_plain_bytes);
    out.refused(name, forge(changed_forgery), kOpen, ErrorCode::kBadPayload);
  };
  const auto join = [](Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  const Bytes skippable = {0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 0};
  refused("zstd: a skippable frame before it", join(skippable, frames.packed));
  refused("zstd: a skippable frame after it", join(frames.packed, skippable));
  refused("zstd: two frames", join(frames.packed, frames.packed));
  refused("zstd: cut short", Bytes(frames.packed.begin(), frames.packed.end() - 1));
  refused("zstd: no zstd at all", Bytes(40, 'x'));
  refused("zstd: another size than stated", frames.packed, 1);
  // Frame header: no single segment, no size: window of 1 KiB, size unknown.
  refused("zstd: no stated size", from_hex("28b52ffd"
                                           "00"
                                           "00"
                                           "0b0000"
                                           "61"));
  // Window descriptor 0x58 = 2 MiB, size in 2 bytes: 256 less than it is.
  refused("zstd: a window above 1 MiB", from_hex("28b52ffd"
                                                 "40"
                                                 "58"
                                                 "8001"
                                                 "0b0000"
                                                 "61"));
  refused("zstd: a dictionary", from_hex("28b52ffd"
                                         "61"
                                         "07"
                                         "8001"
                                         "0b0000"
                                         "61"));
}

void add_forms(Records& out) {
  const Log all = log();
  const Bytes elided = elided_batch_1();
  const RecordView view = parse_record(elided).value();
  const std::vector<Bytes> held = {all.redaction()};
  out.taken("elided: version 1 redacted at seq 5", elided, held);
  out.refused("elided: its redaction is not held", elided, kVerify, ErrorCode::kNotHeld);
  out.taken("withheld: header only", withheld_batch_1());

  const auto with_body = [&](const std::function<void(Bytes&)>& change) {
    Bytes body(view.body.begin(), view.body.end());
    change(body);
    Bytes whole(view.decoded.all.begin(), view.decoded.all.end());
    whole.insert(whole.end(), body.begin(), body.end());
    Bytes frame;
    append_frame(frame, FrameType::record, RecordForm::elided, whole);
    return frame;
  };
  // The body: u16 1 | u64 5 | 01 leaf(32) | 00 u32 length salt(16) event
  out.refused("elided: another leaf", with_body([](Bytes& b) { b[11] ^= 1; }), kVerify, ErrorCode::kBadRoot, held);
  out.refused("elided: another salt", with_body([](Bytes& b) { b[48] ^= 1; }), kVerify, ErrorCode::kBadRoot, held);
  out.refused("elided: another event", with_body([](Bytes& b) { b.back() ^= 1; }), kVerify, ErrorCode::kBadRoot, held);
  out.refused("elided: unknown item", with_body([](Bytes& b) { b[10] = 2; }), kVerify, ErrorCode::kBadPayload, held);
  out.refused("elided: bytes after its items", with_body([](Bytes& b) { b.push_back(0); }), kVerify,
              ErrorCode::kBadPayload, held);
  out.refused("elided: names no redaction", with_body([](Bytes& b) {
                b[1] = 0;
                b.erase(b.begin() + 2, b.begin() + 10);
              }),
              kVerify, ErrorCode::kBadPayload, held);
  out.refused("elided: names a redaction before the record", with_body([](Bytes& b) { b[9] = 1; }), kVerify,
              ErrorCode::kBadPayload, held);
  const std::array other_seq = {Seq(5)};
  out.refused("elided: the redaction does not cover what is missing",
              *elide_record(parse_record(all.batch_1()).value(), {true, true}, other_seq), kVerify,
              ErrorCode::kBadPayload, held);
  Forgery notice = sound_batch();
  put_notice(notice, RecordType::erase, {});
  notice.form = RecordForm::elided;
  out.refused("elided: a notice", forge(notice), kParse, ErrorCode::kBadFrame);
  Forgery withheld = sound_batch();
  withheld.form = RecordForm::withheld;
  out.refused("withheld: with a body", forge(withheld), kParse, ErrorCode::kBadFrame);
}

void add_notices(Records& out) {
  Forgery open = sound_batch();
  put_notice(open, RecordType::open, from_hex("ff"));
  out.refused("notice: no message", forge(open), kOpen, ErrorCode::kBadPayload);
  open.header.payload_root[0] ^= 1;
  out.refused("notice: another root", forge(open), kOpen, ErrorCode::kBadRoot);
}

}  // namespace

Json make_records() {
  Records records;
  const Log all = log();
  const std::array names = {"open", "batch 1", "batch 2", "snapshot", "redaction", "close", "expire", "erase"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    records.taken(std::string("log of bucket 5: ") + names[i], all.records[i].frame);
  }
  records.taken("forged as it should be", forge(sound_batch()));
  Forgery extended = sound_batch();
  extended.extensions = {200, 0, 1, 7};
  records.taken("extensions: unknown type from 128 on", forge(extended));
  add_envelopes(records);
  add_headers(records);
  add_proofs(records);
  add_payloads(records);
  add_packed(records);
  add_forms(records);
  add_notices(records);

  Json out;
  out["about"] = "spec §2, §3: single records of bucket 5";
  out["zone_id"] = to_hex(zone());
  out["manifest"] = to_hex(sign_manifest(manifest(), root_key()));
  out["bucket"] = kBucket.value;
  out["records"] = records.take();
  return out;
}

}  // namespace xylem::example
