#include "proto/frames.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "proto/text.h"
#include "tests/unit/proto/wire_message.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

Result<ControlFrame> decode_bytes(const Bytes& frame) {
  const auto envelope = parse_envelope(frame);
  REQUIRE(envelope);
  REQUIRE(*envelope);
  return decode_frame(**envelope);
}

void check_round_trip(const ControlFrame& frame) {
  const auto decoded = decode_bytes(encode(frame));
  REQUIRE(decoded);
  CHECK(*decoded == frame);
}

Result<ControlFrame> decode_as(FrameType type, const WireMessage& message) {
  return decode_frame({.type = type, .body = message.bytes(), .frame = {}});
}

bool refused(FrameType type, const WireMessage& message, ErrorCode code = ErrorCode::kBadFrame) {
  const auto decoded = decode_as(type, message);
  return !decoded && decoded.error().code == code;
}

bool accepted(FrameType type, const WireMessage& message) { return decode_as(type, message).has_value(); }

Bytes header_bytes(std::size_t extension_bytes = 0) { return Bytes(kHeaderBytes + extension_bytes, 7); }

Hello hello() {
  Hello hello;
  hello.zone = example::zone();
  hello.role = Role::relay;
  hello.nonce = {1, 2, 3};
  hello.host = "l1b.example.org";
  hello.port = 7411;
  hello.relay = relay_id_of(example::relay_key().public_key());
  hello.agent = "xylem/0.1.0";
  return hello;
}

Welcome welcome() {
  Welcome welcome;
  welcome.key = example::parent_key().public_key();
  welcome.nonce = {4, 5};
  welcome.signature = Signature{6};
  welcome.manifest_hash = {7};
  welcome.manifest_serial = 8;
  welcome.node_name = "4-6.1-6.distributed.example";
  welcome.agent = "xylem/0.1.0";
  return welcome;
}

BucketState state(std::uint64_t floor, std::uint64_t head) {
  return {example::kBucket, example::kEpoch, Seq(floor), Seq(head), head > 0 ? Hash256{9} : Hash256{}};
}

// As the wire has them, complete, so that a test adds what is wrong: of a field that comes twice the last value counts.
WireMessage wire_hello() {
  return WireMessage()
      .integer(1, 1)
      .integer(2, 1)
      .zeros(3, 32)
      .integer(4, 1)
      .zeros(5, 32)
      .text(6, "a.example")
      .integer(7, 7411);
}
WireMessage wire_welcome() {
  return WireMessage().integer(1, 1).bytes(2, example::parent_key().public_key()).zeros(3, 32);
}
WireMessage wire_state() { return WireMessage().integer(1, 5).integer(2, 9).integer(3, 1).integer(4, 2).zeros(5, 32); }
WireMessage wire_status() { return WireMessage().integer(1, 5).integer(3, 1); }

}  // namespace

TEST_CASE("each control frame reads back as it was sent") {
  check_round_trip(hello());
  Hello reader = hello();
  reader.role = Role::reader;
  reader.relay.reset();
  reader.version_max = 9;
  check_round_trip(reader);
  check_round_trip(welcome());
  Welcome bare = welcome();
  bare.signature.reset();
  bare.node_name.clear();
  bare.manifest_hash = {};
  bare.manifest_serial = 0;
  check_round_trip(bare);
  check_round_trip(Prove{example::relay_key().public_key(), Signature{1}});
  check_round_trip(Buckets{{state(1, 8), state(1, 0), state(9, 8)}, false});
  check_round_trip(Have{{{example::kBucket, header_bytes()}, {Bucket(6), {}}}, true});
  check_round_trip(Path{{RelayId{{1}}, RelayId{{2}}}});
  check_round_trip(Path{});
  check_round_trip(Subscribe{{{example::kBucket, example::kEpoch, Seq(8), 0}, {Bucket(6), Epoch(), Seq(), {}}},
                             {{example::kFeed, {example::kFeedEpoch, Version(3), 0xDEADBEEF}, FeedMode::state},
                              {FeedId(~0ULL), {}, FeedMode::events}}});
  check_round_trip(Unsubscribe{{example::kBucket}, {example::kFeed, FeedId(0)}});
  check_round_trip(Ping{~0ULL});
  check_round_trip(Pong{1});
  check_round_trip(Fetch{1, FetchHash{Hash256{1}}});
  check_round_trip(Fetch{2, FetchFeedHead{FeedId(0)}});
  check_round_trip(Fetch{3, FetchFeedRange{example::kFeed, Version(1), Version(3)}});
  check_round_trip(Fetch{4, FetchChunk{example::kBucket, Seq(1), Seq(kPositionMax)}});
  check_round_trip(Skipped{example::kFeed, Version(4), Version(9)});
  check_round_trip(Evidence{{header_bytes()}});
  check_round_trip(Evidence{{header_bytes(), header_bytes(kHeaderExtensionBytesMax)}});
  check_round_trip(GoAway{ErrorCode::kDraining, {RelayId{{1}}}, 1s, 120s});
  check_round_trip(ErrorFrame{ErrorCode::kLoop, "k7f3 stands in its own path"});
}

TEST_CASE("each code of a status reads back, of buckets and of feeds") {
  for (int code = 1; code <= static_cast<int>(StatusCode::not_mine); ++code) {
    Status status;
    status.feed = FeedId(0);
    status.code = static_cast<StatusCode>(code);
    check_round_trip(status);
    status.bucket = example::kBucket;
    status.floor_epoch = status.head_epoch = example::kEpochMs;
    status.floor_position = 3;
    status.head_position = kPositionMax;
    status.snapshot = Bytes(kStatusSnapshotBytesMax, 1);
    status.owners.assign(kStatusOwnersMax, "5.4-6.1-6.distributed.example");
    status.text = "so it is";
    check_round_trip(status);
  }
}

TEST_CASE("an answer comes in blobs that end where it says, or in an error") {
  check_round_trip(Blob{1, 0, 0, true, std::nullopt, {}});
  check_round_trip(Blob{1, 0, 10, false, std::nullopt, Bytes(4)});
  check_round_trip(Blob{1, 4, 10, true, std::nullopt, Bytes(6)});
  check_round_trip(
      Blob{1, kFetchBytesMax - kBlobDataBytesMax, kFetchBytesMax, true, std::nullopt, Bytes(kBlobDataBytesMax)});
  check_round_trip(Blob{1, 0, 0, true, ErrorCode::kNotHeld, {}});

  const auto blob = [](std::uint64_t offset, std::uint64_t total, bool last, std::size_t data) {
    return WireMessage().integer(1, 1).integer(2, offset).integer(3, total).integer(4, last ? 1 : 0).zeros(6, data);
  };
  CHECK(accepted(FrameType::blob, blob(4, 10, true, 6)));
  CHECK(refused(FrameType::blob, blob(4, 10, true, 7)));
  CHECK(refused(FrameType::blob, blob(4, 10, true, 5)));
  CHECK(refused(FrameType::blob, blob(4, 10, false, 6)));
  CHECK(refused(FrameType::blob, blob(11, 10, true, 0)));
  CHECK(refused(FrameType::blob, blob(~0ULL, 10, true, 11)));
  CHECK(refused(FrameType::blob, blob(0, kFetchBytesMax + 1, false, 0), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::blob, blob(0, kBlobDataBytesMax + 1, true, kBlobDataBytesMax + 1), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::blob, blob(0, 1, true, 1).integer(5, 305)));
  CHECK(refused(FrameType::blob, blob(0, 0, false, 0).integer(5, 305)));
}

TEST_CASE("a HELLO says versions, role, nonce and an address") {
  CHECK(accepted(FrameType::hello, wire_hello()));
  CHECK(refused(FrameType::hello, wire_hello().integer(1, 0)));
  CHECK(refused(FrameType::hello, wire_hello().integer(1, 2)));
  CHECK(refused(FrameType::hello, wire_hello().integer(2, 256)));
  CHECK(refused(FrameType::hello, wire_hello().zeros(3, 31)));
  CHECK(refused(FrameType::hello, wire_hello().integer(4, 0)));
  CHECK(refused(FrameType::hello, wire_hello().integer(4, 4)));
  CHECK(refused(FrameType::hello, wire_hello().zeros(5, 33)));
  CHECK(refused(FrameType::hello, wire_hello().text(6, ""), ErrorCode::kBadName));
  CHECK(refused(FrameType::hello, wire_hello().text(6, "127.1"), ErrorCode::kBadName));
  CHECK(refused(FrameType::hello, wire_hello().integer(7, 0)));
  CHECK(refused(FrameType::hello, wire_hello().integer(7, 65536)));
  CHECK(refused(FrameType::hello, wire_hello().zeros(8, 9)));
  CHECK(refused(FrameType::hello, wire_hello().integer(4, 2)));  // a relay without id
  CHECK(accepted(FrameType::hello, wire_hello().integer(4, 2).zeros(8, 10)));
  CHECK(refused(FrameType::hello, wire_hello().text(9, "\x1B[2J")));
  CHECK(refused(FrameType::hello, wire_hello().text(9, std::string(kFrameTextBytesMax + 1, 'a'))));
  CHECK(accepted(FrameType::hello, wire_hello().text(99, "of a later version")));
  CHECK(std::get<Hello>(*decode_as(FrameType::hello, wire_hello().text(6, "A.Example."))).host == "a.example");
}

TEST_CASE("WELCOME and PROVE have sound keys and whole signatures") {
  CHECK(accepted(FrameType::welcome, wire_welcome()));
  CHECK(refused(FrameType::welcome, wire_welcome().zeros(2, 32), ErrorCode::kWeakKey));
  CHECK(refused(FrameType::welcome, wire_welcome().zeros(2, 31)));
  CHECK(refused(FrameType::welcome, wire_welcome().zeros(3, 0)));
  CHECK(refused(FrameType::welcome, wire_welcome().zeros(4, 63)));
  CHECK(refused(FrameType::welcome, wire_welcome().zeros(5, 33)));
  CHECK(refused(FrameType::welcome, wire_welcome().integer(6, kPositionMax + 1)));
  CHECK(refused(FrameType::welcome, wire_welcome().text(7, "no name"), ErrorCode::kBadName));
  const auto key = WireMessage().bytes(1, example::relay_key().public_key());
  CHECK(accepted(FrameType::prove, WireMessage(key).zeros(2, 64)));
  CHECK(refused(FrameType::prove, key));
  CHECK(refused(FrameType::prove, WireMessage(key).zeros(2, 65)));
  CHECK(refused(FrameType::prove, WireMessage(key).zeros(2, 64).zeros(1, 32), ErrorCode::kWeakKey));
}

TEST_CASE("a bucket's state has its floor at most behind its head, and a link where it has a head") {
  const auto in_buckets = [](const WireMessage& wire) { return WireMessage().message(1, wire).integer(2, 1); };
  CHECK(accepted(FrameType::buckets, in_buckets(wire_state())));
  CHECK(accepted(FrameType::buckets, in_buckets(wire_state().integer(3, 3))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(3, 4))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(3, 0))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(4, ~0ULL))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(4, 0))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().zeros(5, 0))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(1, 0))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(1, 65536))));
  CHECK(refused(FrameType::buckets, in_buckets(wire_state().integer(2, kEpochMax + 1))));
}

TEST_CASE("headers in HAVE and EVIDENCE have the size of headers") {
  const auto have = [](std::size_t bytes) {
    return WireMessage().message(1, WireMessage().integer(1, 5).zeros(2, bytes));
  };
  CHECK(accepted(FrameType::have, have(0)));
  CHECK(accepted(FrameType::have, have(kHeaderBytes)));
  CHECK(refused(FrameType::have, have(kHeaderBytes - 1)));
  CHECK(refused(FrameType::have, have(kHeaderBytes + kHeaderExtensionBytesMax + 1)));
  CHECK(refused(FrameType::evidence, WireMessage()));
  CHECK(refused(FrameType::evidence, WireMessage().zeros(1, 0)));
  CHECK(refused(FrameType::evidence, WireMessage().zeros(1, 288).zeros(1, 288).zeros(1, 288), ErrorCode::kTooLarge));
}

TEST_CASE("lists in frames keep their limits") {
  const auto repeated = [](unsigned field, std::size_t count) {
    WireMessage message;
    for (std::size_t i = 0; i < count; ++i) message.message(field, WireMessage());
    return message;
  };
  CHECK(refused(FrameType::buckets, repeated(1, kBucketsPerFrameMax + 1), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::have, repeated(1, kHavePerFrameMax + 1), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::path, repeated(1, kPathRelaysMax + 1), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::subscribe, repeated(1, kSubscriptionsPerFrameMax + 1), ErrorCode::kTooLarge));
  CHECK(refused(FrameType::subscribe, repeated(2, kSubscriptionsPerFrameMax + 1), ErrorCode::kTooLarge));
  WireMessage many = WireMessage().integer(1, 5);
  for (std::size_t i = 0; i < kSubscriptionsPerFrameMax; ++i) many.integer(2, i);
  CHECK(refused(FrameType::unsubscribe, many, ErrorCode::kTooLarge));
  CHECK(refused(FrameType::goaway, repeated(2, kGoAwayRelaysMax + 1).integer(1, 405), ErrorCode::kTooLarge));
  WireMessage owners = wire_status();
  for (std::size_t i = 0; i <= kStatusOwnersMax; ++i) owners.text(7, "a");
  CHECK(refused(FrameType::status, owners, ErrorCode::kTooLarge));
  CHECK(refused(FrameType::status, wire_status().zeros(6, kStatusSnapshotBytesMax + 1), ErrorCode::kTooLarge));
}

TEST_CASE("subscriptions name buckets, cursors and modes that can be") {
  const auto feed = WireMessage().integer(1, 31337).integer(3, 1);
  const auto bucket = WireMessage().integer(1, 5);
  const auto cursor = [](std::uint64_t epoch, std::uint64_t position) {
    return WireMessage().integer(1, epoch).integer(2, position);
  };
  CHECK(accepted(FrameType::subscribe, WireMessage().message(2, feed)));
  CHECK(refused(FrameType::subscribe, WireMessage().message(2, WireMessage(feed).integer(3, 3))));
  CHECK(
      refused(FrameType::subscribe, WireMessage().message(2, WireMessage(feed).message(2, cursor(kEpochMax + 1, 0)))));
  CHECK(refused(FrameType::subscribe,
                WireMessage().message(2, WireMessage(feed).message(2, cursor(0, kPositionMax + 1)))));
  CHECK(accepted(FrameType::subscribe, WireMessage().message(1, bucket)));
  CHECK(refused(FrameType::subscribe,
                WireMessage().message(1, WireMessage(bucket).message(2, cursor(kEpochMax + 1, 0)))));
  CHECK(refused(FrameType::subscribe,
                WireMessage().message(1, WireMessage(bucket).message(2, cursor(0, kPositionMax + 1)))));
  CHECK(refused(FrameType::subscribe, WireMessage().message(1, WireMessage())));
  CHECK(refused(FrameType::unsubscribe, WireMessage().integer(1, 0)));
}

TEST_CASE("a status is of something and says something known") {
  CHECK(accepted(FrameType::status, wire_status()));
  CHECK(accepted(FrameType::status, WireMessage().integer(2, 0).integer(3, 1)));
  CHECK(refused(FrameType::status, WireMessage().integer(3, 1)));
  CHECK(refused(FrameType::status, wire_status().integer(1, 0)));
  CHECK(refused(FrameType::status, wire_status().integer(3, 0)));
  CHECK(refused(FrameType::status, wire_status().integer(3, 11)));
  CHECK(refused(FrameType::status, wire_status().text(7, "a b"), ErrorCode::kBadName));
  CHECK(refused(FrameType::status, wire_status().text(8, "\xFF")));
  CHECK(refused(FrameType::status, wire_status().message(4, WireMessage().integer(1, kEpochMax + 1))));
  CHECK(refused(FrameType::status, wire_status().message(5, WireMessage().integer(2, kPositionMax + 1))));
}

TEST_CASE("a fetch asks for one thing that can be") {
  const auto range = [](std::uint64_t from, std::uint64_t to) {
    return WireMessage().integer(1, 5).integer(2, from).integer(3, to);
  };
  CHECK(refused(FrameType::fetch, WireMessage().integer(1, 1)));
  CHECK(refused(FrameType::fetch, WireMessage().zeros(2, 31)));
  CHECK(accepted(FrameType::fetch, WireMessage().message(4, range(1, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(4, range(0, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(4, range(2, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(4, range(2, kPositionMax + 1))));
  CHECK(accepted(FrameType::fetch, WireMessage().message(5, range(1, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(5, range(0, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(5, range(2, 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(5, range(2, kPositionMax + 1))));
  CHECK(refused(FrameType::fetch, WireMessage().message(5, range(1, 1).integer(1, 0))));
}

TEST_CASE("SKIPPED, GOAWAY, PATH and ERROR are checked too") {
  CHECK(refused(FrameType::skipped, WireMessage().integer(1, 5).integer(2, 0).integer(3, 1)));
  CHECK(refused(FrameType::skipped, WireMessage().integer(1, 5).integer(2, 2).integer(3, 1)));
  CHECK(refused(FrameType::goaway, WireMessage().integer(1, 405).integer(3, 2).integer(4, 1)));
  CHECK(refused(FrameType::goaway, WireMessage().integer(1, 405).zeros(2, 9)));
  CHECK(refused(FrameType::goaway, WireMessage()));
  CHECK(refused(FrameType::path, WireMessage().zeros(1, 11)));
  CHECK(refused(FrameType::error, WireMessage()));
  CHECK(refused(FrameType::error, WireMessage().integer(1, 65536 + 402)));
  CHECK(refused(FrameType::error, WireMessage().integer(1, 402).text(3, "\n")));
}

TEST_CASE("an error that we do not know reads as one of the protocol") {
  const auto decoded = decode_as(FrameType::error, WireMessage().integer(1, 9999).text(2, "E_LATER"));
  CHECK(std::get<ErrorFrame>(*decoded).code == ErrorCode::kProtocol);
}

TEST_CASE("records, beacons and bytes that are no message are not control frames") {
  CHECK(refused(FrameType::record, WireMessage()));
  CHECK(refused(FrameType::beacon, WireMessage()));
  CHECK(refused(static_cast<FrameType>(200), WireMessage()));
  const Bytes cut = {0x0A, 0x10, 'a'};
  for (int type = 16; type <= 32; ++type) {
    CHECK_FALSE(decode_frame({.type = static_cast<FrameType>(type), .body = cut, .frame = {}}));
  }
}

TEST_CASE("free texts are cut and cleaned when they are sent") {
  const std::string dirty = "a\n" + std::string(2 * kFrameTextBytesMax, 'b');
  const auto decoded = decode_bytes(encode(ErrorFrame{ErrorCode::kLoop, dirty}));
  REQUIRE(decoded);
  CHECK(std::get<ErrorFrame>(*decoded).text == clean_text(dirty, kFrameTextBytesMax));
}

TEST_CASE("what a peer may ignore is cut to its limit when it is sent") {
  const auto sent = [](const ControlFrame& frame) { return *decode_bytes(encode(frame)); };
  const std::vector<RelayId> relays(100, RelayId{{1}});
  CHECK(std::get<Path>(sent(Path{relays})).relays.size() == kPathRelaysMax);
  CHECK(std::get<GoAway>(sent(GoAway{ErrorCode::kDraining, relays, 1s, 2s})).relays.size() == kGoAwayRelaysMax);
  Status status;
  status.code = StatusCode::not_mine;
  status.owners.assign(100, "4-6");
  CHECK(std::get<Status>(sent(status)).owners.size() == kStatusOwnersMax);
}

TEST_CASE("the largest frames fit into their limit") {
  Buckets buckets;
  buckets.buckets.assign(kBucketsPerFrameMax,
                         {Bucket(65535), Epoch(kEpochMax), Seq(kPositionMax), Seq(kPositionMax), Hash256{1}});
  check_round_trip(buckets);
  Subscribe subscribe;
  subscribe.feeds.assign(kSubscriptionsPerFrameMax,
                         {FeedId(~0ULL), {FeedEpoch(kEpochMax), Version(kPositionMax), ~0U}, FeedMode::state});
  check_round_trip(subscribe);
  Unsubscribe unsubscribe;
  unsubscribe.feeds.assign(kSubscriptionsPerFrameMax, FeedId(~0ULL));
  check_round_trip(unsubscribe);
  check_round_trip(Path{std::vector<RelayId>(kPathRelaysMax)});
  check_round_trip(GoAway{ErrorCode::kDraining, std::vector<RelayId>(kGoAwayRelaysMax), 1s, 2s});
}

TEST_CASE("headers that are too many for one HAVE go out in several, the last one marked") {
  const auto check_split = [](std::size_t count, std::size_t frame_count) {
    const std::vector<HaveBucket> sent(count, {example::kBucket, header_bytes(kHeaderExtensionBytesMax)});
    const std::vector<Bytes> frames = encode_have(sent);
    CHECK(frames.size() == frame_count);
    std::vector<HaveBucket> received;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Have have = std::get<Have>(*decode_bytes(frames[i]));
      CHECK(have.last == (i + 1 == frames.size()));
      received.insert(received.end(), have.buckets.begin(), have.buckets.end());
    }
    CHECK(received == sent);
  };
  check_split(0, 1);
  check_split(kHavePerFrameMax, 1);
  check_split(kHavePerFrameMax + 1, 2);
}
