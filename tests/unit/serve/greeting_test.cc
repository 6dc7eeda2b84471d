// The handshake: who is welcomed, as what, and who is sent away.
#include "tests/unit/serve/native_peer.h"

namespace xylem {

TEST_CASE("A reader is welcomed, told the buckets and the path", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.say_magic();
  peer.say(peer.hello());
  world.settle();
  const std::vector<Heard> heard = peer.take();
  CHECK(lines(heard) == Lines{"welcome", "buckets 2 last", "path 2"});
  const auto welcome = std::get<Welcome>(heard[0].control());
  CHECK(welcome.manifest_hash == world.facts.manifest_hash);
  CHECK(welcome.node_name == "5-6.distributed.example");
  CHECK(
      verify_welcome(welcome.key, *welcome.signature, world.zone.id, Nonce{42}, welcome.nonce, "relay.example", 7720));
  CHECK(world.core->stats().readers == 1);
}

TEST_CASE("BUCKETS tell where each bucket stands", "[serve]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.maker.batch(kFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.say_magic();
  peer.say(peer.hello());
  world.settle();
  const auto buckets = peer.take_only<Buckets>();
  REQUIRE(buckets.size() == 1);
  CHECK(buckets[0].buckets[0] == BucketState{kBucket, kSampleEpoch, Seq(1), Seq(2), world.five.maker.link});
  CHECK(buckets[0].buckets[1] == BucketState{Bucket(6), Epoch(), Seq(1), Seq(0), {}});
}

TEST_CASE("The magic and HELLO may arrive one byte at a time", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  Bytes bytes(kNativeMagic.begin(), kNativeMagic.end());
  const Bytes hello = encode(peer.hello());
  bytes.insert(bytes.end(), hello.begin(), hello.end());
  for (const std::uint8_t byte : bytes) peer.say(ByteView(&byte, 1));
  world.settle();
  CHECK(lines(peer.take()).front() == "welcome");
}

TEST_CASE("A host that is not advertised is not signed for", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  Hello hello = peer.hello();
  hello.host = "elsewhere.example";
  peer.say_magic();
  peer.say(hello);
  world.settle();
  CHECK(lines(peer.take()).front() == "welcome unsigned");
  CHECK_FALSE(peer.connection.link->released());
}

TEST_CASE("What is wrong in HELLO is told, and the connection closed", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  Hello hello = peer.hello();
  std::string expected;
  SECTION("another zone") {
    hello.zone[0] ^= 1;
    expected = "error E_WRONG_ZONE";
  }
  SECTION("versions we do not speak") {
    hello.version_min = 2;
    hello.version_max = 3;
    expected = "error E_UNSUPPORTED_VERSION";
  }
  SECTION("a relay without a name") {
    hello.role = Role::relay;
    expected = "error E_BAD_FRAME";
  }
  SECTION("a relay that is ourselves") {
    hello.role = Role::relay;
    hello.relay = world.facts.relay();
    expected = "error E_LOOP";
  }
  SECTION("a relay that we are below of") {
    hello.role = Role::relay;
    hello.relay = world.facts.path[1];
    expected = "error E_LOOP";
  }
  peer.say_magic();
  peer.say(hello);
  CHECK(lines(peer.take()) == Lines{expected});
  CHECK(peer.connection.link->closed);
  CHECK(world.core->stats().connections == 0);
}

TEST_CASE("A relay is one once it has proven it", "[serve]") {
  Serving world;
  world.facts.relays = {relay_id_of(sample_key(21).public_key())};
  world.facts.accept_readers = false;
  const Bytes beacon(kBeaconBytes, 1);
  world.facts.beacons[kBucket] = std::make_shared<Bytes>(beacon);
  world.start();
  NativePeer peer(world);
  peer.say_magic();
  peer.say(peer.hello(Role::relay));
  world.settle();
  CHECK(lines(peer.take()) == Lines{"welcome", "buckets 2 last", "path 2", "beacon"});
  CHECK(world.core->stats().relays == 0);

  SECTION("with the key it named") {
    peer.prove();
    CHECK(world.core->stats().relays == 1);
    CHECK(world.core->stats().readers == 0);
    peer.say(Have{{{kBucket, {}}}, true});
    REQUIRE(world.node.haves.size() == 1);
    CHECK(world.node.haves[0].first == relay_id_of(peer.key.public_key()));
  }
  SECTION("not with another's signature") {
    peer.say(Prove{peer.key.public_key(), {}});
    CHECK(lines(peer.take()) == Lines{"error E_BAD_IDENTITY"});
    CHECK(peer.connection.link->closed);
  }
  SECTION("not with another's key") {
    const SigningKey other = sample_key(22);
    const Signature signature = sign_prove(other, world.zone.id, Nonce{2}, world.facts.relay());
    peer.say(Prove{other.public_key(), signature});
    CHECK(lines(peer.take()) == Lines{"error E_BAD_IDENTITY"});
  }
  SECTION("and before it counts as a reader, which an origin refuses") {
    peer.subscribe(kBucket);
    CHECK(lines(peer.take()) == Lines{"goaway E_NOT_ALLOWED"});
    CHECK(peer.connection.link->closed);
  }
  SECTION("and cannot prove it twice") {
    peer.prove();
    peer.prove();
    CHECK(lines(peer.take()) == Lines{"error E_PROTOCOL"});
  }
}

TEST_CASE("A relay that is not on the list is a reader", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  SECTION("where readers are taken") {
    peer.greet(Role::relay);
    peer.prove();
    CHECK(world.core->stats().readers == 1);
    peer.say(Have{});
    CHECK(world.node.haves.empty());
    CHECK_FALSE(peer.connection.link->released());
  }
  SECTION("and sent away where they are not") {
    world.facts.accept_readers = false;
    world.set_facts();
    peer.greet(Role::relay);
    peer.prove();
    CHECK(lines(peer.take()) == Lines{"goaway E_NOT_ALLOWED"});
  }
  SECTION("and a relay after all where any is taken") {
    world.facts.accept_any_relay = true;
    world.set_facts();
    peer.greet_as_relay();
  }
}

TEST_CASE("Readers are sent away when the places left are for relays", "[serve]") {
  ServeLimits limits;
  limits.connections_max = 4;
  limits.relay_connections_reserved = 2;
  Serving world({}, limits);
  world.facts.accept_any_relay = true;
  world.facts.elsewhere = {relay_id_of(sample_key(30).public_key())};
  world.start();
  NativePeer first(world), second(world), third(world);
  first.greet();
  second.greet();
  third.say_magic();
  third.say(third.hello());
  const auto goaway = third.take_only<GoAway>();
  REQUIRE(goaway.size() == 1);
  CHECK(goaway[0].reason == ErrorCode::kTooMany);
  CHECK(goaway[0].relays == world.facts.elsewhere);
  CHECK(third.connection.link->closed);

  NativePeer relay(world), another(world);
  relay.greet_as_relay();
  another.greet_as_relay();
  NativePeer beyond(world);
  CHECK(beyond.connection.link->aborted);
  CHECK(world.core->stats().connections == 4);
}

TEST_CASE("A node that drains refuses newcomers and tells those it has", "[serve]") {
  Serving world;
  world.start();
  NativePeer before(world);
  before.greet();
  world.facts.draining = true;
  world.set_facts();
  CHECK(lines(before.take()) == Lines{"goaway E_DRAINING"});
  CHECK_FALSE(before.connection.link->released());
  NativePeer after(world);
  after.say_magic();
  after.say(after.hello());
  CHECK(lines(after.take()) == Lines{"goaway E_DRAINING"});
  CHECK(after.connection.link->closed);
}

TEST_CASE("A newer manifest is told by WELCOME, a new path by PATH", "[serve]") {
  Serving world;
  world.start();
  NativePeer peer(world);
  peer.say_magic();
  peer.say(peer.hello());
  world.settle();
  const auto first = peer.take_only<Welcome>();
  world.zone.manifest.serial = 2;
  const ServeFacts newer = facts_of(world.zone);
  world.facts.manifest = newer.manifest;
  world.facts.manifest_bytes = newer.manifest_bytes;
  world.facts.manifest_hash = newer.manifest_hash;
  world.facts.path.push_back(relay_id_of(sample_key(11).public_key()));
  world.set_facts();
  const std::vector<Heard> heard = peer.take();
  CHECK(lines(heard) == Lines{"welcome unsigned", "path 3"});
  const auto again = std::get<Welcome>(heard[0].control());
  CHECK(again.manifest_serial == 2);
  CHECK(again.nonce == first[0].nonce);
}

TEST_CASE("Each new beacon goes to every relay once", "[serve]") {
  Serving world;
  world.facts.accept_any_relay = true;
  world.start();
  NativePeer relay(world), reader(world);
  relay.greet_as_relay();
  reader.greet();
  world.facts.beacons[kBucket] = std::make_shared<Bytes>(kBeaconBytes, 1);
  world.set_facts();
  CHECK(lines(relay.take()) == Lines{"beacon"});
  world.set_facts();
  CHECK(relay.take().empty());
  CHECK(reader.take().empty());
}

TEST_CASE("Who says nothing is closed after five seconds", "[serve]") {
  Serving world;
  world.start();
  NativePeer silent(world), slow(world);
  slow.say_magic();
  world.pass(4900ms);
  CHECK_FALSE(silent.connection.link->released());
  world.pass(200ms);
  CHECK(silent.connection.link->aborted);
  CHECK(lines(slow.take()) == Lines{"error E_TIMEOUT"});
}

TEST_CASE("A relay that falls silent is closed, a reader is not", "[serve]") {
  Serving world;
  world.facts.accept_any_relay = true;
  world.start();
  NativePeer relay(world), reader(world);
  relay.greet_as_relay();
  reader.greet();
  world.pass(9s);
  relay.say(Ping{1});
  world.pass(9s);
  CHECK_FALSE(relay.connection.link->released());
  world.pass(2s);
  CHECK(relay.connection.link->aborted);
  CHECK_FALSE(reader.connection.link->released());
}

TEST_CASE("A reader that hears nothing gets the beacons of what it reads", "[serve]") {
  Serving world;
  world.facts.beacons[kBucket] = std::make_shared<Bytes>(kBeaconBytes, 1);
  world.facts.beacons[Bucket(6)] = std::make_shared<Bytes>(kBeaconBytes, 2);
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed);
  world.settle();
  peer.take();
  world.pass(14s);
  CHECK(peer.take().empty());
  world.pass(2s);
  CHECK(lines(peer.take()) == Lines{"beacon"});
  world.pass(16s);
  CHECK(lines(peer.take()) == Lines{"beacon"});
}

}  // namespace xylem
