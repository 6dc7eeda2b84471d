#include "tests/vectors/example_zone.h"

#include <algorithm>

namespace xylem::example {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSnapshotBody = "one part of a body";
constexpr Timestamp kStart{std::chrono::milliseconds(kEpochMs)};

// Seals one record after the other, as a bucket's origin does.
class LogBuilder {
 public:
  void batch(std::uint8_t salt, const std::vector<Event>& events, std::vector<ProducerMark> producers = {}) {
    RecordDraft draft = next(RecordType::batch);
    draft.first_version = version_;
    draft.producers = std::move(producers);
    add(seal_batch(key_, zone(), draft, salt_of(salt), events));
    last_batch_ = log_.records.back().link;
    version_ = version_.plus(events.size());
  }
  void notice(const Notice& notice) { add(seal_notice(key_, zone(), next(record_type_of(notice)), notice)); }
  const Hash256& last_batch() const { return last_batch_; }
  Log take() { return std::move(log_); }

 private:
  RecordDraft next(RecordType type) const {
    RecordDraft draft;
    draft.type = type;
    draft.epoch = kEpoch;
    draft.seq = Seq(log_.records.size() + 1);
    draft.feed = kFeed;
    draft.feed_epoch = kFeedEpoch;
    draft.origin_time = kStart + 1s * static_cast<int>(draft.seq.value);
    draft.prev_record = log_.records.empty() ? Hash256{} : log_.records.back().link;
    draft.prev_batch = last_batch_;
    return draft;
  }
  void add(SealedRecord record) { log_.records.push_back(std::move(record)); }

  SigningKey key_ = origin_key();
  Log log_;
  Hash256 last_batch_{};
  Version version_{1};
};

ProducerMark producer_mark() {
  ProducerMark mark;
  const Hash256 hash = sha256(as_bytes("site-1"));
  std::copy_n(hash.begin(), mark.id_hash.size(), mark.id_hash.begin());
  mark.producer_epoch = 1;
  mark.last_seq = 7;
  mark.last_version = Version(3);
  mark.events = 1;
  return mark;
}

SnapshotNotice snapshot_of(const Hash256& batch_link) {
  SnapshotNotice snapshot;
  snapshot.at = Version(3);
  snapshot.batch_link = batch_link;
  snapshot.reducer = "comments/1";
  snapshot.body_hash = sha256(sha256(as_bytes(kSnapshotBody)));  // the list has one part
  snapshot.body_bytes = kSnapshotBody.size();
  return snapshot;
}

Event event(Timestamp time, std::string_view kind, std::string_view details) { return {time, kind, as_bytes(details)}; }

}  // namespace

SigningKey key_of(std::uint8_t seed_byte) {
  KeySeed seed;
  seed.fill(seed_byte);
  return SigningKey::from_seed(seed);
}

SigningKey root_key() { return key_of(1); }
SigningKey origin_key() { return key_of(2); }
SigningKey second_origin_key() { return key_of(3); }
SigningKey directory_key() { return key_of(4); }
SigningKey relay_key() { return key_of(5); }
SigningKey parent_key() { return key_of(6); }
ZoneId zone() { return zone_id_of(root_key().public_key()); }

Manifest manifest() {
  constexpr BucketRange kFirstHalf{Bucket(1), Bucket(6)};
  constexpr BucketRange kSecondHalf{Bucket(7), Bucket(12)};
  Manifest manifest;
  manifest.root_key = root_key().public_key();
  manifest.names = {"distributed.example"};
  manifest.serial = 1;
  manifest.buckets = 12;
  manifest.issued = kStart;
  manifest.grants = {{origin_key().public_key(), kFirstHalf, kEpoch, Seq(1), std::nullopt},
                     {second_origin_key().public_key(), kSecondHalf, kEpoch, Seq(1), std::nullopt}};
  manifest.epochs = {{kFirstHalf, kEpoch}, {kSecondHalf, kEpoch}};
  manifest.directory_keys = {directory_key().public_key()};
  manifest.origins = {{kFirstHalf, "feed-a.example.net", 7411}, {kSecondHalf, "feed-b.example.net", 7411}};
  manifest.relays = {relay_id_of(relay_key().public_key())};
  return manifest;
}

Directory directory() {
  Directory directory;
  directory.serial = 1;
  directory.issued = kStart;
  directory.relays = {
      {relay_key().public_key(), "l1b.example.org", 7411, {{Bucket(4), Bucket(6)}}, kStart + std::chrono::hours(24)}};
  return directory;
}

Beacon beacon() {
  const Log all = log();
  Beacon beacon;
  beacon.bucket = kBucket;
  beacon.epoch = kEpoch;
  beacon.seq = Seq(all.records.size());
  beacon.head = all.records.back().link;
  beacon.time = kStart + 20s;
  beacon.manifest_serial = 1;
  return *decode_beacon(sign_beacon(beacon, origin_key(), zone()));
}

Salt salt_of(std::uint8_t first) {
  Salt salt;
  for (std::uint8_t& byte : salt) byte = first++;
  return salt;
}

std::vector<Event> events_of_batch_1() {
  return {event(kStart, "add_comment",
                R"({"feed_id": 31337, "timestamp": "17:01", "event_kind": "add_comment", "comment_id": 1, )"
                R"("parent_comment": 0, "user_id": "a", "message": "hello"})"),
          event(kStart + 1s, "downvote",
                R"({"feed_id": 31337, "timestamp": "17:02", "event_kind": "downvote", "comment_id": 1})")};
}

std::vector<Event> events_of_batch_2() {
  return {event(kStart + 2s, "upvote", R"({"feed_id": 31337, "event_kind": "upvote", "comment_id": 1})")};
}

OpenNotice opening() {
  OpenNotice open;
  open.content_type = "application/json";
  open.view = "comments";
  return open;
}

RedactionNotice redaction() {
  RedactionNotice redaction;
  redaction.versions = {{Version(1), Version(1)}};
  redaction.reason = RedactionReason::privacy;
  return redaction;
}

Log log() {
  LogBuilder builder;
  builder.notice(opening());
  builder.batch(0x10, events_of_batch_1());
  builder.batch(0x20, events_of_batch_2(), {producer_mark()});

  builder.notice(snapshot_of(builder.last_batch()));
  builder.notice(redaction());
  builder.notice(CloseNotice{Version(3)});
  builder.notice(ExpireNotice{kStart + std::chrono::hours(24)});
  builder.notice(EraseNotice{});
  return builder.take();
}

Bytes elided_batch_1() {
  const Log all = log();
  const std::array redactions = {Seq(5)};
  return *elide_record(*parse_record(all.batch_1()), {true, false}, redactions);
}

Bytes withheld_batch_1() {
  const Log all = log();
  return withhold_record(*parse_record(all.batch_1()));
}

}  // namespace xylem::example
