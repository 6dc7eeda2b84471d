// A session under test and the parent that says to it what the test wants.
#pragma once

#include <catch2/catch.hpp>

#include "client/session/upstream_session.h"
#include "tests/unit/proto/record_maker.h"
#include "tests/unit/session/heard_upstream.h"

namespace xylem {

inline constexpr FeedId kFeed{31337};  // of bucket 5
inline constexpr Bucket kBucket{5};
inline constexpr MonoTime kStart{std::chrono::hours(1)};

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// The frames in a child's output, magic passed over.
inline std::vector<ControlFrame> control_frames(ByteView output) {
  const ByteView magic(kNativeMagic);
  if (output.size() >= magic.size() && std::equal(magic.begin(), magic.end(), output.begin())) {
    output = output.subspan(magic.size());
  }
  std::vector<ControlFrame> frames;
  while (!output.empty()) {
    const auto envelope = parse_envelope(output);
    REQUIRE(envelope);
    REQUIRE(*envelope);
    auto frame = decode_frame(**envelope);
    REQUIRE(frame);
    frames.push_back(std::move(*frame));
    output = output.subspan((*envelope)->frame.size());
  }
  return frames;
}

template <typename Frame>
std::vector<Frame> only(const std::vector<ControlFrame>& frames) {
  std::vector<Frame> found;
  for (const ControlFrame& frame : frames) {
    if (const auto* one = std::get_if<Frame>(&frame)) found.push_back(*one);
  }
  return found;
}

struct ScriptedParent {
  SampleZone zone;
  RecordMaker maker{zone};
  SigningKey key = sample_key(9);  // of the parent
  Trust trust{zone.trust()};
  RedactionBook book;
  HeardUpstream heard;
  UpstreamOptions options;
  Nonce nonce{1, 2, 3};
  MonoTime now = kStart;
  std::unique_ptr<UpstreamSession> session;
  std::vector<ControlFrame> sent;  // by the child, since the last take_sent()

  ScriptedParent() {
    options.host = "relay.example";
    options.port = 7720;
    options.agent = "test";
  }

  void dial() {
    session = std::make_unique<UpstreamSession>(trust, book, options, nonce, heard, now);
    collect();
  }
  // As most tests begin: a ready session that has said and heard what it must.
  void dial_and_greet() {
    dial();
    say(greeting());
    REQUIRE(session->ready());
    take_sent();
    heard.take();
  }

  Welcome welcome() const {
    Welcome frame;
    frame.key = key.public_key();
    frame.nonce = Nonce{7, 7, 7};
    frame.manifest_hash = sha256(zone.signed_manifest());
    frame.manifest_serial = zone.manifest.serial;
    frame.agent = "parent";
    return frame;
  }
  Welcome signed_welcome() const {
    Welcome frame = welcome();
    frame.signature = sign_welcome(key, zone.id, nonce, frame.nonce, options.host, options.port);
    return frame;
  }
  Bytes buckets(bool last = true) const {
    return encode(Buckets{{{kBucket, maker.epoch, Seq(1), maker.seq, maker.link}}, last});
  }
  Bytes greeting() const {
    return joined({encode(options.role == Role::relay ? signed_welcome() : welcome()), buckets(), encode(Path{})});
  }
  Bytes status(StatusCode code, std::uint64_t head = 0) const {
    Status frame;
    frame.feed = kFeed;
    frame.code = code;
    frame.head_epoch = kSampleEpoch.value;
    frame.head_position = head;
    return encode(frame);
  }
  Bytes frames_of_records(std::size_t first = 0, std::size_t count = std::string::npos) const {
    Bytes out;
    for (const RecordView& record : maker.records(first, count)) {
      out.insert(out.end(), record.frame.begin(), record.frame.end());
    }
    return out;
  }
  Bytes beacon(Timestamp time) const {
    Beacon frame;
    frame.bucket = kBucket;
    frame.epoch = maker.epoch;
    frame.seq = maker.seq;
    frame.head = maker.link;
    frame.time = time;
    frame.manifest_serial = 1;
    return make_frame(FrameType::beacon, sign_beacon(frame, zone.origin, zone.id));
  }
  static Bytes blob(std::uint32_t request, Bytes data) {
    Blob frame;
    frame.request = request;
    frame.total = data.size();
    frame.data = std::move(data);
    return encode(frame);
  }
  static Bytes blob_error(std::uint32_t request, ErrorCode code) {
    Blob frame;
    frame.request = request;
    frame.error = code;
    return encode(frame);
  }

  void say(ByteView bytes) {
    session->on_bytes(bytes, now);
    collect();
  }
  void say(const ControlFrame& frame) { say(encode(frame)); }
  void pass(std::chrono::milliseconds time) {
    const MonoTime until = now + time;
    while (session->deadline() <= until) {
      now = std::max(now, session->deadline());
      const MonoTime before = session->deadline();
      session->on_deadline(now);
      collect();
      REQUIRE(session->deadline() > before);  // no deadline may stand still
    }
    now = until;
  }
  void collect() {
    for (ControlFrame& frame : control_frames(session->take_output(now))) sent.push_back(std::move(frame));
  }
  std::vector<ControlFrame> take_sent() { return std::exchange(sent, {}); }
  template <typename Frame>
  std::vector<Frame> take_sent() {
    return only<Frame>(take_sent());
  }
};

using Lines = std::vector<std::string>;

}  // namespace xylem
