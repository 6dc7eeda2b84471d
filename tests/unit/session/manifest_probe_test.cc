// First use of a server: its manifest, whoever it may be.
#include "client/session/manifest_probe.h"

#include "tests/unit/session/fake_server.h"

namespace xylem {
namespace {

struct Probing {
  SampleZone zone;
  RecordMaker maker{zone};
  ManifestProbe probe{{"relay.example", 7720}, "test", Nonce{1}, kStart};
};

TEST_CASE("the manifest is asked for without naming a zone") {
  Probing test;
  test.maker.open(kFeed);
  FakeServer server(test.zone, test.maker, "a");
  FakeServer::Connection connection;
  while (!test.probe.result()) {
    const Bytes output = test.probe.take_output();
    REQUIRE(!output.empty());
    for (const std::uint8_t byte : server.on_bytes(connection, output)) test.probe.on_bytes({&byte, 1}, kStart);
  }
  CHECK(*test.probe.result() == test.zone.signed_manifest());
  CHECK(test.probe.deadline() == kNever);
}

TEST_CASE("what is no manifest is told") {
  Probing test;
  Welcome welcome;
  welcome.key = sample_key(9).public_key();
  Bytes document = test.zone.signed_manifest();
  ErrorCode wanted{};
  SECTION("a damaged one") {
    document.back() ^= 1;
    welcome.manifest_hash = sha256(document);
    wanted = ErrorCode::kBadSignature;
  }
  SECTION("something else") {
    document = Bytes{1, 2, 3};
    welcome.manifest_hash = sha256(document);
    wanted = ErrorCode::kBadDocument;
  }
  SECTION("other bytes than the hash says") {
    welcome.manifest_hash = Hash256{1};
    wanted = ErrorCode::kBadHash;
  }
  test.probe.on_bytes(encode(welcome), kStart);
  test.probe.take_output();
  test.probe.on_bytes(ScriptedParent::blob(1, document), kStart);
  REQUIRE(test.probe.result());
  CHECK(test.probe.result()->error().code == wanted);
}

TEST_CASE("refusals, silence and noise end it") {
  Probing test;
  ErrorCode wanted{};
  SECTION("ERROR") {
    test.probe.on_bytes(encode(ErrorFrame{ErrorCode::kNotAllowed, {}}), kStart);
    wanted = ErrorCode::kNotAllowed;
  }
  SECTION("GOAWAY") {
    test.probe.on_bytes(encode(GoAway{ErrorCode::kTooMany, {}, {}, {}}), kStart);
    wanted = ErrorCode::kTooMany;
  }
  SECTION("nothing for 10 s") {
    test.probe.on_deadline(kStart + 9s);
    CHECK(!test.probe.result());
    test.probe.on_deadline(kStart + 10s);
    wanted = ErrorCode::kTimeout;
  }
  SECTION("the end") {
    test.probe.on_closed({ErrorCode::kIo, {}});
    wanted = ErrorCode::kIo;
  }
  SECTION("HTTP") {
    test.probe.on_bytes(as_bytes("HTTP/1.1 400 Bad Request\r\n"), kStart);
    wanted = ErrorCode::kUnsupportedVersion;
  }
  REQUIRE(test.probe.result());
  CHECK(test.probe.result()->error().code == wanted);
}

}  // namespace
}  // namespace xylem
