#include "proto/notice.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "tests/unit/proto/wire_message.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

void check_round_trip(const Notice& notice) {
  REQUIRE(check_notice(notice));
  const auto decoded = decode_notice(record_type_of(notice), encode_notice(notice));
  REQUIRE(decoded);
  CHECK(*decoded == notice);
}

bool refused(const Notice& notice) {
  const auto checked = check_notice(notice);
  return !checked && checked.error().code == ErrorCode::kBadPayload;
}

bool refused(RecordType type, const WireMessage& message) {
  const auto decoded = decode_notice(type, message.bytes());
  return !decoded && decoded.error().code == ErrorCode::kBadPayload;
}

OpenNotice full_open() {
  OpenNotice open;
  open.name = "https://example.org/caf\xC3\xA9?q=1";
  open.content_type = "application/json";
  open.view = "comments";
  open.ttl = 3600s;
  open.reason = OpenNotice::Reason::continued;
  return open;
}

SnapshotNotice full_snapshot() {
  SnapshotNotice snapshot;
  snapshot.at = Version(17);
  snapshot.batch_link.fill(1);
  snapshot.reducer = "asserted";
  snapshot.body_hash.fill(2);
  snapshot.body_bytes = kSnapshotBytesMax;
  return snapshot;
}

// As the wire has a snapshot notice.
WireMessage wire_snapshot(std::size_t link_bytes, std::size_t hash_bytes) {
  return WireMessage().integer(1, 17).zeros(2, link_bytes).text(3, "asserted").zeros(4, hash_bytes).integer(5, 9);
}

RedactionNotice redaction_of(std::vector<VersionRun> versions) {
  RedactionNotice redaction;
  redaction.versions = std::move(versions);
  return redaction;
}

}  // namespace

TEST_CASE("each notice reads back as it was written") {
  check_round_trip(example::opening());
  check_round_trip(full_open());
  OpenNotice expiring = example::opening();
  expiring.expires = from_ms(kTimestampMax);
  check_round_trip(expiring);
  check_round_trip(CloseNotice{Version(0)});
  check_round_trip(CloseNotice{Version(kPositionMax)});
  check_round_trip(ExpireNotice{from_ms(1)});
  check_round_trip(EraseNotice{});
  check_round_trip(full_snapshot());
  check_round_trip(example::redaction());
  RedactionNotice whole;
  whole.whole_feed = true;
  whole.reason = RedactionReason::legal;
  check_round_trip(whole);
}

TEST_CASE("the largest redaction fits into a notice") {
  RedactionNotice redaction;
  for (std::uint64_t i = 0; i < kRedactionRunsMax; ++i) {
    const Version version(kPositionMax - 2 * (kRedactionRunsMax - i));
    redaction.versions.push_back({version, version});
  }
  CHECK(encode_notice(redaction).size() <= kNoticeBytesMax);
  check_round_trip(redaction);
  redaction.versions.push_back({Version(kPositionMax), Version(kPositionMax)});
  CHECK(refused(redaction));
}

TEST_CASE("an open notice has a type, a name that is a text, and at most one end") {
  const auto with = [](auto change) {
    OpenNotice open = full_open();
    change(open);
    return Notice(open);
  };
  CHECK(refused(with([](OpenNotice& open) { open.content_type.clear(); })));
  CHECK(refused(with([](OpenNotice& open) { open.content_type = "text/plain\r\nX: y"; })));
  CHECK(refused(with([](OpenNotice& open) { open.content_type.assign(kContentTypeBytesMax + 1, 'a'); })));
  CHECK(refused(with([](OpenNotice& open) { open.name.assign(kFeedNameBytesMax + 1, 'a'); })));
  CHECK(refused(with([](OpenNotice& open) { open.name = "\xFF"; })));
  CHECK(refused(with([](OpenNotice& open) { open.view = "a view"; })));
  CHECK(refused(with([](OpenNotice& open) { open.view.assign(kViewBytesMax + 1, 'a'); })));
  CHECK(refused(with([](OpenNotice& open) { open.expires = from_ms(1); })));  // and it has a ttl
  CHECK(refused(with([](OpenNotice& open) { open.ttl = 0s; })));
  CHECK(refused(with([](OpenNotice& open) { open.ttl = -1s; })));
  CHECK(refused(with([](OpenNotice& open) { open.ttl = std::chrono::seconds::max(); })));
  CHECK(refused(with([](OpenNotice& open) {
    open.ttl.reset();
    open.expires = from_ms(0);
  })));
  CHECK(refused(with([](OpenNotice& open) {
    open.ttl.reset();
    open.expires = from_ms(kTimestampMax + 1);
  })));
}

TEST_CASE("other notices keep their limits") {
  CHECK(refused(CloseNotice{Version(kPositionMax + 1)}));
  CHECK(refused(ExpireNotice{from_ms(kTimestampMax + 1)}));
  CHECK(refused(ExpireNotice{Timestamp(-1ms)}));
  SnapshotNotice snapshot = full_snapshot();
  snapshot.at = Version(0);
  CHECK(refused(snapshot));
  snapshot = full_snapshot();
  snapshot.at = Version(kPositionMax + 1);
  CHECK(refused(snapshot));
  snapshot = full_snapshot();
  snapshot.reducer.clear();
  CHECK(refused(snapshot));
  snapshot = full_snapshot();
  snapshot.body_bytes = kSnapshotBytesMax + 1;
  CHECK(refused(snapshot));
}

TEST_CASE("a redaction names versions in ascending order, or the whole feed") {
  CHECK(refused(redaction_of({})));
  CHECK(refused(redaction_of({{Version(0), Version(1)}})));
  CHECK(refused(redaction_of({{Version(3), Version(2)}})));
  CHECK(refused(redaction_of({{Version(1), Version(3)}, {Version(3), Version(4)}})));
  CHECK(refused(redaction_of({{Version(5), Version(5)}, {Version(1), Version(1)}})));
  CHECK(refused(redaction_of({{Version(1), Version(kPositionMax + 1)}})));
  RedactionNotice both = redaction_of({{Version(1), Version(1)}});
  both.whole_feed = true;
  CHECK(refused(both));
}

TEST_CASE("bytes that are no notice of their type are refused") {
  const auto json = WireMessage().text(2, "application/json");
  CHECK(decode_notice(RecordType::open, json.bytes()));
  CHECK(refused(RecordType::batch, json));
  CHECK(refused(static_cast<RecordType>(99), json));
  CHECK(refused(RecordType::open, WireMessage()));
  CHECK(refused(RecordType::open, WireMessage(json).integer(6, 3)));      // reason
  CHECK(refused(RecordType::open, WireMessage(json).integer(5, ~0ULL)));  // ttl
  CHECK(refused(RecordType::open, WireMessage(json).integer(4, ~0ULL)));  // expires
  CHECK(refused(RecordType::expire, WireMessage().integer(1, kTimestampMax + 1)));
  CHECK(decode_notice(RecordType::snapshot, wire_snapshot(32, 32).bytes()));
  CHECK(refused(RecordType::snapshot, wire_snapshot(31, 32)));
  CHECK(refused(RecordType::snapshot, wire_snapshot(32, 33)));
  CHECK(refused(RecordType::redaction, WireMessage().integer(1, 1)));                // no reason
  CHECK(refused(RecordType::redaction, WireMessage().integer(1, 1).integer(3, 6)));  // unknown reason

  const Bytes cut = {0x12, 0x10, 'a'};
  CHECK(decode_notice(RecordType::open, cut).error().code == ErrorCode::kBadPayload);
}

TEST_CASE("what a later version adds to a notice is passed over, within the limit") {
  const auto extended = [](std::size_t bytes) { return WireMessage().text(2, "text/plain").zeros(99, bytes); };
  CHECK(decode_notice(RecordType::open, extended(1000).bytes()));
  CHECK(refused(RecordType::open, extended(kNoticeBytesMax)));
  CHECK(refused(RecordType::snapshot, wire_snapshot(32, 32).zeros(99, kSnapshotNoticeBytesMax)));
}

TEST_CASE("a redaction with too many runs is refused before they are read") {
  WireMessage message;
  for (std::size_t i = 0; i <= kRedactionRunsMax; ++i) message.message(2, WireMessage());
  CHECK(refused(RecordType::redaction, message.integer(3, 1)));
}
