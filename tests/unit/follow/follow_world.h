// A follower with its logs in memory, and parents that say to it what the test wants.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "relay/follow/follower.h"
#include "relay/log/memory_storage.h"
#include "tests/unit/proto/record_maker.h"
#include "tests/unit/session/scripted_parent.h"

namespace xylem {

struct FollowWorld final : FollowShell {
  SampleZone zone;
  RecordMaker maker{zone};
  SigningKey parent_key = sample_key(9);
  SigningKey own_key = sample_key(10);
  Trust trust{zone.trust()};
  RedactionBook book;
  MemoryStorage storage;
  std::unique_ptr<LogSet> logs = LogSet::open(storage, {kBucket, kBucket}, {}).value();
  std::mt19937_64 random{1};
  MonoTime now = kStart;

  std::vector<std::string> dialled;  // hosts, in order
  std::vector<ControlFrame> sent;    // by the follower on the present connection
  std::vector<FailureCause> failures;
  std::vector<Error> append_failures;
  std::vector<Seq> beacons;
  std::size_t publications = 0;
  bool connection = false;
  std::unique_ptr<Follower> follower;

  explicit FollowWorld(std::vector<std::string> hosts = {"a"}) {
    follower = std::make_unique<Follower>(
        *this, *logs, trust, book, own_key, [this] { return random(); },
        FollowerOptions{.agent = "test", .choice = {}});
    name_servers(std::move(hosts));
  }

  void name_servers(std::vector<std::string> hosts) {
    std::vector<FoundServer> servers;
    for (const std::string& host : hosts) {
      FoundServer server;
      server.host = host;
      server.port = 7720;
      server.priority = static_cast<std::uint16_t>(host[0]);
      server.addresses = {SocketAddress::v4({192, 0, 2, 1}, 7720)};
      servers.push_back(std::move(server));
    }
    follower->set_servers(servers, now);
  }

  // --- what a parent does ---

  // The dialled server takes the connection and greets.
  void greet() {
    connection = true;
    sent.clear();
    follower->on_connected(now);
    const auto hellos = take_sent<Hello>();
    REQUIRE(hellos.size() == 1);
    Welcome welcome;
    welcome.key = parent_key.public_key();
    welcome.nonce = Nonce{7};
    welcome.signature =
        sign_welcome(parent_key, zone.id, hellos[0].nonce, welcome.nonce, hellos[0].host, hellos[0].port);
    welcome.manifest_hash = sha256(zone.signed_manifest());
    welcome.manifest_serial = zone.manifest.serial;
    const Buckets buckets{{{kBucket, maker.epoch, Seq(1), maker.seq, maker.link}}, true};
    say(joined({encode(welcome), encode(buckets), encode(Path{})}));
  }
  // The follower dials until it reaches this host, whatever waits that takes; others do not answer.
  void reach(const std::string& host) {
    for (int i = 0; i < 1000 && (dialled.empty() || dialled.back() != host || !dialling); ++i) {
      if (dialling) {
        dialling = false;
        follower->on_closed({ErrorCode::kIo, "refused"}, now);
      } else {
        pass();
      }
    }
    REQUIRE(dialling);
    dialling = false;
    greet();
  }
  void say(const Bytes& bytes) {
    REQUIRE(connection);
    Bytes out;
    for (const Ping& ping : take_sent<Ping>()) out = joined({out, encode(Pong{ping.token})});
    follower->on_bytes(joined({out, bytes}), now);
  }
  void say_records(std::size_t first = 0, std::size_t count = std::string::npos) {
    Bytes out;
    for (const RecordView& record : maker.records(first, count)) {
      out.insert(out.end(), record.frame.begin(), record.frame.end());
    }
    say(out);
  }
  void say_status(StatusCode code, Seq floor = Seq(1)) {
    Status status;
    status.bucket = kBucket;
    status.code = code;
    status.floor_epoch = status.head_epoch = maker.epoch.value;
    status.floor_position = floor.value - 1;
    status.head_position = maker.seq.value;
    say(encode(status));
  }
  // The origin's word about the bucket's head: everything that was made.
  void say_beacon(Timestamp time) {
    Beacon beacon;
    beacon.bucket = kBucket;
    beacon.epoch = maker.epoch;
    beacon.seq = maker.seq;
    beacon.head = maker.link;
    beacon.time = time;
    beacon.manifest_serial = 1;
    say(make_frame(FrameType::beacon, sign_beacon(beacon, zone.origin, zone.id)));
  }
  // To the follower's next deadline.
  void pass() {
    REQUIRE(follower->deadline() != kNever);
    now = std::max(now, follower->deadline());
    follower->on_deadline(now);
  }

  // --- what the follower did ---

  template <typename Frame>
  std::vector<Frame> take_sent() {
    auto found = only<Frame>(sent);
    std::erase_if(sent, [](const ControlFrame& frame) { return std::holds_alternative<Frame>(frame); });
    return found;
  }
  BucketCursor asked_from() {
    const auto frames = take_sent<Subscribe>();
    REQUIRE(!frames.empty());
    REQUIRE(frames.back().buckets.size() == 1);
    return frames.back().buckets[0];
  }
  LogWindow window() { return LogReader(logs->of(kBucket)).window(); }

  bool dialling = false;

  // --- FollowShell ---
  void dial(const FoundServer& server) override {
    REQUIRE_FALSE(connection);
    dialled.push_back(server.host);
    dialling = true;
  }
  void send(Bytes bytes) override {
    for (ControlFrame& frame : control_frames(bytes)) sent.push_back(std::move(frame));
  }
  void hang_up() override { connection = dialling = false; }
  Nonce nonce() override { return Nonce{1, 2, 3}; }
  void published() override { ++publications; }
  void manifest_changed() override {}
  void path_changed(const std::vector<RelayId>&) override {}
  void beacon_arrived(const Beacon& beacon, ByteView) override { beacons.push_back(beacon.seq); }
  void connected(const FoundServer&, const UpstreamPeer&) override {}
  void disconnected(const FoundServer&, const SessionFailure& failure) override { failures.push_back(failure.cause); }
  void append_failed(Bucket, const Error& error) override { append_failures.push_back(error); }
};

}  // namespace xylem
