// HELLO, WELCOME and what comes with them: who is believed to be whom, and how a session becomes ready.
#include "tests/unit/session/scripted_parent.h"

namespace xylem {
namespace {

struct RelayParent : ScriptedParent {
  SigningKey own = sample_key(5);
  RelayParent() {
    options.role = Role::relay;
    options.key = &own;
  }
};

TEST_CASE("the child speaks first: magic, then HELLO as it dialled") {
  ScriptedParent parent;
  parent.session = std::make_unique<UpstreamSession>(parent.trust, parent.book, parent.options, parent.nonce,
                                                     parent.heard, parent.now);
  const Bytes output = parent.session->take_output(parent.now);
  REQUIRE(std::equal(kNativeMagic.begin(), kNativeMagic.end(), output.begin()));
  const auto hello = only<Hello>(control_frames(output));
  REQUIRE(hello.size() == 1);
  CHECK(hello[0].zone == parent.zone.id);
  CHECK(hello[0].host == "relay.example");
  CHECK(hello[0].port == 7720);
  CHECK(hello[0].nonce == parent.nonce);
  CHECK(!hello[0].relay);
}

TEST_CASE("a reader is ready after WELCOME and the last BUCKETS") {
  ScriptedParent parent;
  parent.dial();
  parent.say(parent.welcome());
  parent.say(parent.buckets(false));
  CHECK(!parent.session->ready());
  parent.say(parent.buckets(true));
  CHECK(parent.session->ready());
  CHECK(parent.heard.take() == Lines{"1 buckets", "1 buckets", "ready"});
}

TEST_CASE("a manifest that is not held is fetched by its hash before anything is asked for") {
  ScriptedParent parent;
  parent.trust = Trust(parent.zone.id);
  parent.dial();
  REQUIRE(parent.session->subscribe(kFeed, {}));
  parent.take_sent();
  parent.say(parent.greeting());
  const auto asked = parent.take_sent();
  CHECK(only<Subscribe>(asked).empty());
  const auto fetches = only<Fetch>(asked);
  REQUIRE(fetches.size() == 1);
  CHECK(std::get<FetchHash>(fetches[0].what).hash == sha256(parent.zone.signed_manifest()));
  CHECK(!parent.session->ready());

  parent.say(ScriptedParent::blob(fetches[0].request, parent.zone.signed_manifest()));
  CHECK(parent.heard.take() == Lines{"1 buckets", "path of 0", "manifest 1", "ready"});
  CHECK(parent.take_sent<Subscribe>().size() == 1);
}

TEST_CASE("a manifest of another zone, a wrong hash and a refusal end the session") {
  ScriptedParent parent;
  parent.trust = Trust(parent.zone.id);
  parent.dial();
  parent.say(parent.greeting());
  const auto request = parent.take_sent<Fetch>().at(0).request;

  SECTION("other bytes than the hash says") {
    parent.say(ScriptedParent::blob(request, Bytes{1, 2, 3}));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadHash);
    CHECK(parent.heard.failure->cause == FailureCause::dishonest);
  }
  SECTION("it does not have it") {
    parent.say(ScriptedParent::blob_error(request, ErrorCode::kNotHeld));
    CHECK(parent.heard.failure->error.code == ErrorCode::kNotHeld);
    CHECK(parent.heard.failure->cause == FailureCause::refused);
  }
}

TEST_CASE("a manifest signed by another root is refused though its hash is right") {
  ScriptedParent parent;
  SampleZone other;
  other.root = sample_key(66);
  other.manifest.root_key = other.root.public_key();
  parent.trust = Trust(parent.zone.id);
  parent.dial();
  Welcome welcome = parent.welcome();
  welcome.manifest_hash = sha256(other.signed_manifest());
  parent.say(welcome);
  parent.say(ScriptedParent::blob(parent.take_sent<Fetch>().at(0).request, other.signed_manifest()));
  CHECK(parent.heard.failure->error.code == ErrorCode::kWrongZone);
  CHECK(parent.heard.failure->cause == FailureCause::dishonest);
}

TEST_CASE("a manifest as old as ours or older is not fetched") {
  ScriptedParent parent;
  parent.dial();
  Welcome welcome = parent.welcome();
  welcome.manifest_hash = Hash256{1};
  parent.say(welcome);
  parent.say(parent.buckets());
  CHECK(parent.take_sent<Fetch>().empty());
  CHECK(parent.session->ready());
}

TEST_CASE("a relay's upstream must sign the host that was dialled") {
  RelayParent parent;
  parent.dial();
  SECTION("it does") {
    parent.say(parent.signed_welcome());
    parent.say(parent.buckets());
    CHECK(parent.heard.take() == Lines{"1 buckets", "ready, identified"});
  }
  SECTION("no signature: it is somebody else's name") {
    parent.say(parent.welcome());
    CHECK(parent.heard.failure->error.code == ErrorCode::kNotMe);
    CHECK(parent.heard.failure->cause == FailureCause::refused);
    CHECK(parent.take_sent<ErrorFrame>().at(0).code == ErrorCode::kNotMe);
  }
  SECTION("a signature over another host") {
    Welcome welcome = parent.welcome();
    welcome.signature = sign_welcome(parent.key, parent.zone.id, parent.nonce, welcome.nonce, "other.example", 7720);
    parent.say(welcome);
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadIdentity);
  }
  SECTION("a signature over an older nonce") {
    Welcome welcome = parent.welcome();
    welcome.signature = sign_welcome(parent.key, parent.zone.id, Nonce{}, welcome.nonce, "relay.example", 7720);
    parent.say(welcome);
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadIdentity);
  }
  SECTION("ourselves") {
    parent.key = sample_key(5);
    parent.say(parent.signed_welcome());
    CHECK(parent.heard.failure->error.code == ErrorCode::kLoop);
  }
}

TEST_CASE("a host that names a machine must be answered by that machine, also for readers") {
  ScriptedParent parent;
  parent.options.host = relay_id_of(parent.key.public_key()).to_string() + ".node.distributed.example";
  SECTION("it is") {
    parent.dial();
    parent.say(parent.signed_welcome());
    CHECK(!parent.session->failed());
  }
  SECTION("its key is shown, but nothing is signed") {
    parent.dial();
    parent.say(parent.welcome());
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadIdentity);
  }
  SECTION("another machine answers") {
    parent.dial();
    parent.key = sample_key(10);
    parent.say(parent.signed_welcome());
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadIdentity);
  }
}

TEST_CASE("relay ids are only read from hosts of that form") {
  const std::string id = relay_id_of(sample_key(9).public_key()).to_string();
  CHECK(relay_id_of_host(id + ".node.distributed.example") == relay_id_of(sample_key(9).public_key()));
  CHECK(!relay_id_of_host(id + ".distributed.example"));
  CHECK(!relay_id_of_host("short.node.distributed.example"));
  CHECK(!relay_id_of_host(id));
}

TEST_CASE("a relay proves itself and says what it has") {
  RelayParent parent;
  parent.maker.batch(kFeed);
  const ByteView header = parent.maker.record(0).decoded.all;
  parent.options.have = {{kBucket, Bytes(header.begin(), header.end())}};
  parent.dial();
  parent.say(parent.greeting());
  const auto sent = parent.take_sent();
  const auto prove = only<Prove>(sent);
  REQUIRE(prove.size() == 1);
  const RelayId parent_id = relay_id_of(parent.key.public_key());
  CHECK(verify_prove(prove[0].key, prove[0].signature, parent.zone.id, parent.welcome().nonce, parent_id));
  CHECK(only<Hello>(sent).at(0).relay == relay_id_of(parent.own.public_key()));
  const auto have = only<Have>(sent);
  REQUIRE(have.size() == 1);
  CHECK(have[0] == Have{parent.options.have, true});
}

TEST_CASE("HAVE is cut into frames that fit, and the last one says so") {
  RelayParent parent;
  for (std::uint16_t b = 1; b <= 100; ++b) {
    parent.options.have.push_back({Bucket(b), Bytes(kHeaderBytes + kHeaderExtensionBytesMax, 1)});
  }
  const Bytes frames = make_have(parent.options.have);
  const auto have = only<Have>(control_frames(frames));
  std::size_t buckets = 0;
  for (const Have& frame : have) {
    CHECK(frame.buckets.size() <= kHavePerFrameMax);
    CHECK(frame.last == (&frame == &have.back()));
    buckets += frame.buckets.size();
  }
  CHECK(buckets == 100);
  CHECK(only<Have>(control_frames(make_have({}))).at(0) == Have{{}, true});
}

TEST_CASE("who finds itself in the path drops that upstream") {
  RelayParent parent;
  parent.dial_and_greet();
  parent.say(Path{{relay_id_of(parent.key.public_key())}});
  CHECK(!parent.session->failed());
  parent.say(Path{{relay_id_of(parent.key.public_key()), relay_id_of(parent.own.public_key())}});
  CHECK(parent.heard.take() == Lines{"path of 1", "failed: E_LOOP"});
  CHECK(parent.take_sent<ErrorFrame>().at(0).code == ErrorCode::kLoop);
}

TEST_CASE("another protocol version and a weak key are refused") {
  ScriptedParent parent;
  parent.dial();
  Welcome welcome = parent.welcome();
  SECTION("version") {
    welcome.version = 2;
    parent.say(welcome);
    CHECK(parent.heard.failure->error.code == ErrorCode::kUnsupportedVersion);
  }
  SECTION("small-order key") {
    welcome.key = PublicKey{1};
    parent.say(welcome);
    CHECK(parent.heard.failure->error.code == ErrorCode::kWeakKey);
  }
}

TEST_CASE("an ERROR instead of a WELCOME is the peer's refusal") {
  ScriptedParent parent;
  parent.dial();
  parent.say(ErrorFrame{ErrorCode::kWrongZone, "another one"});
  CHECK(parent.heard.failure->error.code == ErrorCode::kWrongZone);
  CHECK(parent.heard.failure->cause == FailureCause::refused);
}

TEST_CASE("a GOAWAY instead of a WELCOME is told") {
  ScriptedParent parent;
  parent.dial();
  parent.say(GoAway{ErrorCode::kTooMany, {}, 1s, 5s});
  CHECK(parent.heard.take() == Lines{"goaway"});
}

TEST_CASE("a WELCOME that comes again brings a newer manifest, and records wait for it") {
  ScriptedParent parent;
  parent.dial_and_greet();
  REQUIRE(parent.session->subscribe(kFeed, {}));
  parent.collect();
  parent.take_sent();

  // The new manifest gives the next epoch to another key.
  const SigningKey heir = sample_key(3);
  const Epoch next(kSampleEpoch.value + 1);
  parent.maker.open(kFeed);
  parent.maker.batch(kFeed);
  parent.say(parent.frames_of_records());
  parent.zone.manifest.serial = 2;
  parent.zone.manifest.grants[0].until_seq = parent.maker.seq;
  parent.zone.manifest.grants.push_back(
      {heir.public_key(), parent.zone.manifest.grants[0].range, next, parent.maker.seq.next(), std::nullopt});
  parent.zone.manifest.epochs[0].epoch = next;
  parent.zone.manifest.epoch_starts = {{kBucket, next, parent.maker.seq, parent.maker.link}};
  parent.maker.go_on_with(next, heir);
  parent.maker.batch(kFeed);
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2"});

  parent.say(joined({encode(parent.welcome()), parent.frames_of_records(2), parent.status(StatusCode::live, 2)}));
  CHECK(parent.heard.take().empty());
  const auto fetch = parent.take_sent<Fetch>();
  REQUIRE(fetch.size() == 1);
  parent.say(ScriptedParent::blob(fetch[0].request, parent.zone.signed_manifest()));
  CHECK(parent.heard.take() == Lines{"manifest 2", "feed 31337: 3", "status 1 head 2"});
}

TEST_CASE("a second WELCOME from somebody else ends the session") {
  ScriptedParent parent;
  parent.dial_and_greet();
  parent.key = sample_key(10);
  parent.say(parent.welcome());
  CHECK(parent.heard.failure->error.code == ErrorCode::kProtocol);
}

TEST_CASE("a newer manifest that the peer names but does not have is done without") {
  ScriptedParent parent;
  parent.dial();
  Welcome welcome = parent.welcome();
  welcome.manifest_serial = 2;
  welcome.manifest_hash = Hash256{2};
  parent.say(welcome);
  parent.say(parent.buckets());
  CHECK(!parent.session->ready());
  parent.say(ScriptedParent::blob_error(parent.take_sent<Fetch>().at(0).request, ErrorCode::kNotHeld));
  CHECK(parent.session->ready());
}

}  // namespace
}  // namespace xylem
