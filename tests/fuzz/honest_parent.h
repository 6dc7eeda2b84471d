// What an honest parent would say, frame by frame: raw material for targets that play hostile ones.
#pragma once

#include <string>
#include <vector>

#include "proto/frames.h"
#include "proto/manifest.h"
#include "proto/record.h"

namespace xylem {

inline constexpr FeedId kFeed{31337};
inline constexpr Epoch kEpoch{1'700'000'000'000};

inline SigningKey key_of(std::uint8_t number) {
  KeySeed seed;
  seed.fill(number);
  return SigningKey::from_seed(seed);
}

struct HonestParent {
  SigningKey root = key_of(1), origin = key_of(2), parent = key_of(9);
  ZoneId zone = zone_id_of(root.public_key());
  Bytes manifest;
  std::vector<Bytes> frames;
  std::vector<Hash256> links;      // of the records, by seq
  std::vector<std::string> texts;  // of the events, by version

  HonestParent() {
    Manifest plain;
    const BucketRange all{Bucket(1), Bucket(12)};
    plain.root_key = root.public_key();
    plain.names = {"distributed.example"};
    plain.serial = 1;
    plain.buckets = 12;
    plain.issued = from_ms(kEpoch.value);
    plain.grants = {{origin.public_key(), all, kEpoch, Seq(1), std::nullopt}};
    plain.epochs = {{all, kEpoch}};
    manifest = sign_manifest(plain, root);
    greet();
    make_records();
  }
  void greet() {
    Welcome welcome;
    welcome.key = parent.public_key();
    welcome.manifest_hash = sha256(manifest);
    welcome.manifest_serial = 1;
    frames = {encode(welcome), encode(Buckets{}), encode(Path{})};
    Blob blob;
    blob.request = 1;
    blob.total = manifest.size();
    blob.data = manifest;
    frames.push_back(encode(blob));
  }
  void make_records() {
    RecordDraft draft;
    draft.epoch = kEpoch;
    draft.feed = kFeed;
    draft.feed_epoch = FeedEpoch(kEpoch.value);
    draft.origin_time = from_ms(kEpoch.value);
    std::vector<SealedRecord> made;
    const auto keep = [&](SealedRecord record) {
      draft.prev_record = record.link;
      links.push_back(record.link);
      made.push_back(std::move(record));
    };
    draft.seq = Seq(1);
    OpenNotice open;
    open.content_type = "application/json";
    keep(seal_notice(origin, zone, as(draft, RecordType::open), open));
    for (std::uint64_t i = 1; i <= 4; ++i) {
      draft.seq = Seq(i + 1);
      draft.first_version = Version(i);
      texts.push_back("event " + std::to_string(i));
      const Event event{draft.origin_time, "add_comment", as_bytes(texts.back())};
      keep(seal_batch(origin, zone, as(draft, RecordType::batch), Salt{}, std::array{event}));
      draft.prev_batch = made.back().link;
    }
    draft.seq = Seq(6);
    draft.first_version = Version();
    keep(seal_notice(origin, zone, as(draft, RecordType::redaction),
                     RedactionNotice{false, {{Version(2), Version(2)}}, RedactionReason::legal}));
    for (const SealedRecord& record : made) frames.push_back(record.frame);

    const RecordView second = parse_record(ByteView(made[2].frame)).value();
    frames.push_back(elide_record(second, {true}, std::array{Seq(6)}).value());
    frames.push_back(withhold_record(second));
    for (std::uint32_t request = 1; request <= 3; ++request) {
      Blob blob;
      blob.request = request;
      blob.total = made.back().frame.size();
      blob.data = made.back().frame;
      frames.push_back(encode(blob));
    }
    say_the_rest();
  }
  void say_the_rest() {
    Beacon beacon;
    beacon.bucket = Bucket(5);
    beacon.epoch = kEpoch;
    beacon.seq = Seq(6);
    beacon.head = links.back();
    beacon.time = from_ms(kEpoch.value + 1000);
    frames.push_back(make_frame(FrameType::beacon, sign_beacon(beacon, origin, zone)));
    Status status;
    status.feed = kFeed;
    for (std::uint8_t code = 1; code <= 10; ++code) {
      status.code = static_cast<StatusCode>(code);
      frames.push_back(encode(status));
    }
    for (const ControlFrame& frame : std::initializer_list<ControlFrame>{
             Ping{1}, Pong{std::uint64_t{1} << 63}, Skipped{kFeed, Version(1), Version(2)},
             Evidence{{Bytes(kHeaderBytes)}}, GoAway{}, ErrorFrame{}, Hello{}, Subscribe{}}) {
      frames.push_back(encode(frame));
    }
  }
  static RecordDraft as(RecordDraft draft, RecordType type) {
    draft.type = type;
    return draft;
  }
};

}  // namespace xylem
