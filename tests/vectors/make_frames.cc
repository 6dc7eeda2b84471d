// Notices and control frames: Protocol Buffers whose fields must be within their rules.
#include <nlohmann/json.hpp>

#include "proto/crc32c.h"
#include "tests/unit/proto/wire_message.h"
#include "tests/vectors/example_zone.h"
#include "tests/vectors/examples.h"
#include "tests/vectors/vector_file.h"

namespace xylem::example {
namespace {

Json notice_taken(std::string_view name, const Notice& notice) {
  const Bytes payload = encode_notice(notice);
  return {{"name", name},
          {"type", static_cast<int>(record_type_of(notice))},
          {"payload", to_hex(payload)},
          {"error", nullptr},
          {"values", to_json(describe(notice))}};
}

Json notice_refused(std::string_view name, RecordType type, const WireMessage& payload) {
  return {{"name", name},
          {"type", static_cast<int>(type)},
          {"payload", to_hex(payload.bytes())},
          {"error", error_name(ErrorCode::kBadPayload)}};
}

Json frame_refused(std::string_view name, const Bytes& frame, ErrorCode code) {
  return {{"name", name}, {"frame", to_hex(frame)}, {"error", error_name(code)}};
}

Json frame_refused(std::string_view name, FrameType type, const WireMessage& body,
                   ErrorCode code = ErrorCode::kBadFrame) {
  return frame_refused(name, make_frame(type, body.bytes()), code);
}

WireMessage hello() {
  return WireMessage()
      .integer(1, 1)
      .integer(2, 1)
      .zeros(3, 32)
      .integer(4, 1)
      .zeros(5, 32)
      .text(6, "a.example")
      .integer(7, 7411);
}

// Of a field that comes twice the last value counts, so each case says only what is wrong.
Json refused_frames() {
  const WireMessage state = WireMessage().integer(1, 5).integer(2, 9).integer(3, 1).integer(4, 2).zeros(5, 32);
  const WireMessage status = WireMessage().integer(1, 5).integer(3, 1);
  const WireMessage run = WireMessage().integer(1, 5).integer(2, 2).integer(3, 1);
  const auto blob = [](std::uint64_t offset, std::uint64_t total, bool last, std::size_t data) {
    return WireMessage().integer(1, 1).integer(2, offset).integer(3, total).integer(4, last ? 1 : 0).zeros(6, data);
  };
  WireMessage many;
  for (int i = 0; i < 33; ++i) many.zeros(1, 10);
  return {
      frame_refused("hello: no version", FrameType::hello, hello().integer(1, 0)),
      frame_refused("hello: lowest above highest version", FrameType::hello, hello().integer(1, 2)),
      frame_refused("hello: role 4", FrameType::hello, hello().integer(4, 4)),
      frame_refused("hello: a nonce of 31 bytes", FrameType::hello, hello().zeros(5, 31)),
      frame_refused("hello: port 65536", FrameType::hello, hello().integer(7, 65536)),
      frame_refused("hello: an address in disguise", FrameType::hello, hello().text(6, "0x7f.1"), ErrorCode::kBadName),
      frame_refused("hello: a relay without relay id", FrameType::hello, hello().integer(4, 2)),
      frame_refused("hello: a control character", FrameType::hello, hello().text(9, "\x1B[2J")),
      frame_refused("hello: no UTF-8", FrameType::hello, hello().text(9, "\xFF")),
      frame_refused("prove: a key of small order", FrameType::prove, WireMessage().bytes(1, PublicKey{1}).zeros(2, 64),
                    ErrorCode::kWeakKey),
      frame_refused("buckets: floor beyond the head", FrameType::buckets,
                    WireMessage().message(1, WireMessage(state).integer(3, 4))),
      frame_refused("buckets: no link of the head", FrameType::buckets,
                    WireMessage().message(1, WireMessage(state).zeros(5, 0))),
      frame_refused("have: a header of 287 bytes", FrameType::have,
                    WireMessage().message(1, WireMessage().integer(1, 5).zeros(2, 287))),
      frame_refused("path: 33 relays", FrameType::path, many, ErrorCode::kTooLarge),
      frame_refused("subscribe: mode 3", FrameType::subscribe,
                    WireMessage().message(2, WireMessage().integer(1, 5).integer(3, 3))),
      frame_refused("subscribe: bucket 0", FrameType::subscribe, WireMessage().message(1, WireMessage())),
      frame_refused("status: of nothing", FrameType::status, WireMessage().integer(3, 1)),
      frame_refused("status: code 11", FrameType::status, WireMessage(status).integer(3, 11)),
      frame_refused("fetch: of nothing", FrameType::fetch, WireMessage().integer(1, 1)),
      frame_refused("fetch: a hash of 31 bytes", FrameType::fetch, WireMessage().zeros(2, 31)),
      frame_refused("fetch: from after to", FrameType::fetch, WireMessage().message(4, run)),
      frame_refused("blob: beyond its end", FrameType::blob, blob(4, 10, true, 7)),
      frame_refused("blob: last before its end", FrameType::blob, blob(4, 10, true, 5)),
      frame_refused("blob: not last at its end", FrameType::blob, blob(4, 10, false, 6)),
      frame_refused("blob: an answer above 4 MiB", FrameType::blob, blob(0, (4U << 20) + 1, false, 1),
                    ErrorCode::kTooLarge),
      frame_refused("skipped: from after to", FrameType::skipped, run),
      frame_refused("evidence: no header", FrameType::evidence, WireMessage()),
      frame_refused("goaway: waits from 2 s to 1 s", FrameType::goaway,
                    WireMessage().integer(1, 405).integer(3, 2000).integer(4, 1000)),
      frame_refused("error: number 0", FrameType::error, WireMessage()),
      frame_refused("ping: no message", make_frame(FrameType::ping, Bytes{0xFF}), ErrorCode::kBadFrame),
  };
}

}  // namespace

Json make_notices() {
  OpenNotice full = opening();
  full.name = "https://example.org/thread/1";
  full.ttl = std::chrono::seconds(3600);
  full.reason = OpenNotice::Reason::reset;
  OpenNotice expiring = opening();
  expiring.expires = from_ms(kEpochMs);
  RedactionNotice whole;
  whole.whole_feed = true;
  whole.reason = RedactionReason::legal;
  const Log all = log();
  const WireMessage json = WireMessage().text(2, "application/json");
  const auto run = [](std::uint64_t first, std::uint64_t last) {
    return WireMessage().integer(1, first).integer(2, last);
  };
  Json out;
  out["about"] = "spec §4: payloads of notices";
  out["notices"] = {
      notice_taken("open", opening()),
      notice_taken("open: name, ttl, reset", full),
      notice_taken("open: expires", expiring),
      notice_taken("close", CloseNotice{Version(3)}),
      notice_taken("close: no events", CloseNotice{}),
      notice_taken("expire", ExpireNotice{from_ms(kEpochMs)}),
      notice_taken("erase", EraseNotice{}),
      notice_taken("snapshot", xylem::open_notice(parse_record(all.snapshot()).value()).value()),
      notice_taken("redaction: version 1", redaction()),
      notice_taken("redaction: the whole feed", whole),
      notice_refused("open: no content type", RecordType::open, WireMessage()),
      notice_refused("open: a line break in the name", RecordType::open, WireMessage(json).text(1, "a\nb")),
      notice_refused("open: no UTF-8", RecordType::open, WireMessage(json).text(1, "\xFF")),
      notice_refused("open: a blank in the view", RecordType::open, WireMessage(json).text(3, "a b")),
      notice_refused("open: expires and ttl", RecordType::open, WireMessage(json).integer(4, 1).integer(5, 1)),
      notice_refused("open: reason 3", RecordType::open, WireMessage(json).integer(6, 3)),
      notice_refused("close: version above 2^53-1", RecordType::close, WireMessage().integer(1, kPositionMax + 1)),
      notice_refused("expire: after the year 9999", RecordType::expire, WireMessage().integer(1, kTimestampMax + 1)),
      notice_refused("snapshot: version 0", RecordType::snapshot,
                     WireMessage().zeros(2, 32).text(3, "asserted").zeros(4, 32)),
      notice_refused("snapshot: a hash of 31 bytes", RecordType::snapshot,
                     WireMessage().integer(1, 1).zeros(2, 32).text(3, "asserted").zeros(4, 31)),
      notice_refused("snapshot: above 64 MiB", RecordType::snapshot,
                     WireMessage().integer(1, 1).zeros(2, 32).text(3, "a").zeros(4, 32).integer(5, (64U << 20) + 1)),
      notice_refused("redaction: of nothing", RecordType::redaction, WireMessage().integer(3, 1)),
      notice_refused("redaction: no reason", RecordType::redaction, WireMessage().integer(1, 1)),
      notice_refused("redaction: runs that touch", RecordType::redaction,
                     WireMessage().message(2, run(1, 3)).message(2, run(3, 4)).integer(3, 1)),
      notice_refused("redaction: all and some", RecordType::redaction,
                     WireMessage().integer(1, 1).message(2, run(1, 3)).integer(3, 1)),
      notice_refused("batch: is no notice", RecordType::batch, json),
  };
  return out;
}

Json make_frames() {
  Json taken = Json::array();
  for (const Example& example : spec_examples()) {
    const auto envelope = parse_envelope(example.bytes);
    if (!envelope || !*envelope || (*envelope)->type == FrameType::record) continue;
    taken.push_back({{"name", example.name},
                     {"frame", to_hex(example.bytes)},
                     {"error", nullptr},
                     {"values", to_json(example.read(example.bytes))}});
  }
  const Json refused = refused_frames();
  taken.insert(taken.end(), refused.begin(), refused.end());

  Json checksums = Json::array();
  for (const std::string_view text : {"", "a", "123456789"}) {
    checksums.push_back({{"bytes", to_hex(as_bytes(text))}, {"crc32c", crc32c(as_bytes(text))}});
  }
  checksums.push_back({{"bytes", to_hex(Bytes(32))}, {"crc32c", crc32c(Bytes(32))}});

  Json out;
  out["about"] = "spec §7: control frames with their envelopes; CRC-32C";
  out["frames"] = taken;
  out["crc32c"] = checksums;
  return out;
}

}  // namespace xylem::example
