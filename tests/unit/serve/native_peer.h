// A native peer on a connection of a Serving: says frames, hears frames.
#pragma once

#include "proto/frames.h"
#include "tests/unit/serve/serving.h"

namespace xylem {

// What a peer heard, in order: a control frame, a record, or a beacon.
struct Heard {
  FrameType type{};
  Bytes frame;

  ControlFrame control() const { return decode_frame(parse_envelope(frame).value().value()).value(); }
  RecordHeader header() const { return parse_record(ByteView(frame)).value().header(); }
};

class NativePeer {
 public:
  explicit NativePeer(Serving& serving) : world(serving), connection(serving.connect()) {}

  void say(ByteView bytes) { world.core->on_bytes(connection.id, bytes, world.now); }
  void say(const ControlFrame& frame) { say(encode(frame)); }
  void say_magic() { say(ByteView(kNativeMagic)); }

  Hello hello(Role role = Role::reader) const {
    Hello frame;
    frame.zone = world.zone.id;
    frame.role = role;
    frame.nonce = Nonce{42};
    frame.host = "relay.example";
    frame.port = 7720;
    if (role == Role::relay) frame.relay = relay_id_of(key.public_key());
    return frame;
  }
  // Greeted, and nothing left unheard.
  void greet(Role role = Role::reader) {
    say_magic();
    say(hello(role));
    world.settle();
    take();
  }
  void prove() {
    const Nonce nonce{static_cast<std::uint8_t>(world.shell.nonces)};
    const Signature signature = sign_prove(key, world.zone.id, nonce, world.facts.relay());
    say(Prove{key.public_key(), signature});
  }
  void greet_as_relay() {
    greet(Role::relay);
    prove();
    REQUIRE(world.core->stats().relays > 0);
  }
  void subscribe(FeedId feed, FeedCursor from = {}, FeedMode mode = FeedMode::events) {
    Subscribe frame;
    frame.feeds = {{feed, from, mode}};
    say(frame);
  }
  void subscribe(Bucket bucket, Epoch epoch = {}, Seq seq = {}, std::optional<std::uint32_t> hash = {}) {
    Subscribe frame;
    frame.buckets = {{bucket, epoch, seq, hash}};
    say(frame);
  }

  // Whole frames that arrived since the last call.
  std::vector<Heard> take() {
    std::vector<Heard> heard;
    Bytes& bytes = connection.link->received;
    std::size_t at = 0;
    while (true) {
      const auto envelope = parse_envelope(std::span(bytes).subspan(at));
      REQUIRE(envelope);
      if (!*envelope) break;
      heard.push_back({(*envelope)->type, Bytes((*envelope)->frame.begin(), (*envelope)->frame.end())});
      at += (*envelope)->frame.size();
    }
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return heard;
  }
  std::vector<Bytes> take_records() {
    std::vector<Bytes> records;
    for (Heard& heard : take()) {
      if (heard.type == FrameType::record) records.push_back(std::move(heard.frame));
    }
    return records;
  }
  template <typename Frame>
  std::vector<Frame> take_only() {
    std::vector<Frame> found;
    for (const Heard& heard : take()) {
      if (heard.type == FrameType::record || heard.type == FrameType::beacon) continue;
      const ControlFrame control = heard.control();
      if (const auto* frame = std::get_if<Frame>(&control)) found.push_back(*frame);
    }
    return found;
  }

  Serving& world;
  Serving::Connection connection;
  SigningKey key = sample_key(21);
};

// One line a frame: "record 3", "live 17", "too_old 0..4", "beacon", "pong 9", …
std::vector<std::string> lines(const std::vector<Heard>& heard);
using Lines = std::vector<std::string>;

}  // namespace xylem
