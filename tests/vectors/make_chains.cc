// Groups of records as they arrive, and what a receiver that stands somewhere in a bucket or a feed makes of them.
#include <nlohmann/json.hpp>

#include "proto/verify.h"
#include "tests/vectors/example_zone.h"
#include "tests/vectors/forge.h"
#include "tests/vectors/vector_file.h"

namespace xylem::example {
namespace {

constexpr Epoch kSecondEpoch{kEpochMs + 60'000};

struct Step {
  std::vector<Bytes> records;
  std::optional<ErrorCode> error;
  std::size_t index = 0;  // of the record that is refused
};

Json to_json(const std::vector<Step>& steps) {
  Json out = Json::array();
  for (const Step& step : steps) {
    Json records = Json::array();
    for (const Bytes& record : step.records) records.push_back(to_hex(record));
    Json group = {{"records", records}, {"error", error_name(step.error)}};
    if (step.error) group["index"] = step.index;
    out.push_back(group);
  }
  return out;
}

Json bucket_case(std::string_view name, const ChainPosition& from, const std::vector<Step>& groups,
                 const Manifest& trusted = manifest()) {
  Json out = {{"name", name}, {"manifest", to_hex(sign_manifest(trusted, root_key()))}};
  out["bucket"] = kBucket.value;
  out["held"] = from.held;
  out["epoch"] = from.epoch.value;
  out["seq"] = from.seq.value;
  out["link"] = to_hex(from.link);
  out["time"] = to_ms(from.origin_time);
  out["groups"] = to_json(groups);
  return out;
}

Json feed_case(std::string_view name, const FeedPosition& from, const std::vector<Step>& groups) {
  Json out = {{"name", name}, {"manifest", to_hex(sign_manifest(manifest(), root_key()))}};
  out["feed"] = to_string(kFeed);
  out["held"] = from.held;
  out["feed_epoch"] = from.epoch.value;
  out["version"] = from.version.value;
  out["cursor_hash"] = from.cursor_hash ? Json(*from.cursor_hash) : Json(nullptr);
  out["groups"] = to_json(groups);
  return out;
}

// Record `number` of the log, from 1, as another one that links to the same.
Forgery sibling(std::size_t number) {
  const Log all = log();
  Forgery forgery = sound_batch();
  forgery.header.seq = Seq(number);
  forgery.header.prev_record = all.records[number - 2].link;
  forgery.header.origin_time = from_ms(kEpochMs + 1000 * number);
  return forgery;
}

Hash256 link_of_frame(const Bytes& frame) { return link_of(parse_record(frame).value().decoded); }

// Bucket 5 goes on in a second epoch after seq 3: what came later was lost.
Manifest second_epoch() {
  Manifest next = manifest();
  const BucketRange half{Bucket(1), Bucket(6)};
  next.serial = 2;
  next.grants[0].until_seq = Seq(3);
  next.grants.push_back({second_origin_key().public_key(), half, kSecondEpoch, Seq(4), std::nullopt});
  next.epochs[0].epoch = kSecondEpoch;
  next.epoch_starts = {{kBucket, kSecondEpoch, Seq(3), log().records[2].link}};
  return next;
}

// Its first record: the feed is opened again, with the versions that were kept.
Bytes reopened(const Hash256& prev_record) {
  OpenNotice open = opening();
  open.reason = OpenNotice::Reason::continued;
  Forgery forgery = sound_batch();
  put_notice(forgery, RecordType::open, encode_notice(open));
  forgery.header.epoch = kSecondEpoch;
  forgery.header.seq = Seq(4);
  forgery.header.prev_record = prev_record;
  forgery.header.prev_batch = log().records[2].link;
  forgery.header.origin_time = from_ms(kSecondEpoch.value);
  return forge(forgery, second_origin_key(), zone());
}

Json bucket_cases() {
  const Log all = log();
  std::vector<Bytes> frames;
  for (const SealedRecord& record : all.records) frames.push_back(record.frame);
  const auto some = [&](std::size_t first, std::size_t last) {
    return std::vector<Bytes>(frames.begin() + static_cast<std::ptrdiff_t>(first) - 1,
                              frames.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const auto after = [&](std::size_t seq) {
    return ChainPosition{true, kEpoch, Seq(seq), all.records[seq - 1].link, from_ms(kEpochMs + 1000 * seq)};
  };
  const auto changed = [](std::size_t number, const std::function<void(Forgery&)>& change) {
    Forgery forgery = sibling(number);
    change(forgery);
    return forge(forgery);
  };
  // Its signature does not verify; the CRC is right.
  const auto unsigned_record = [&](std::size_t number) {
    return changed(number, [](Forgery& f) { f.after_signing = [](Bytes& body) { body[230] ^= 1; }; });
  };
  const Bytes unsigned_2 = unsigned_record(2);
  const Bytes after_unsigned_2 = changed(3, [&](Forgery& f) { f.header.prev_record = link_of_frame(unsigned_2); });
  std::vector<Bytes> broken = some(1, 8);
  broken[3] = changed(4, [](Forgery&) {});

  Json out = Json::array();
  out.push_back(bucket_case("the whole log in one group", {}, {{some(1, 8), {}}}));
  out.push_back(bucket_case("one record at a time", {},
                            {{some(1, 1), {}}, {some(2, 2), {}}, {some(3, 3), {}}, {some(4, 8), {}}}));
  out.push_back(bucket_case("from within, where the record before is held", after(4), {{some(5, 8), {}}}));
  out.push_back(bucket_case("above a floor the first stands on its own signature", {}, {{some(5, 8), {}}}));
  out.push_back(bucket_case("a gap", after(3), {{some(5, 5), ErrorCode::kWrongSeq, 0}, {some(4, 5), {}}}));
  out.push_back(bucket_case("a repetition", after(4), {{some(4, 5), ErrorCode::kWrongSeq, 0}}));
  out.push_back(bucket_case("a sibling in the middle of a group", {}, {{broken, ErrorCode::kBrokenLink, 4}}));
  out.push_back(
      bucket_case("a group is taken whole or not at all", {}, {{broken, ErrorCode::kBrokenLink, 4}, {some(1, 8), {}}}));
  out.push_back(
      bucket_case("one signature covers the records before it", after(1), {{{unsigned_2, after_unsigned_2}, {}}}));
  out.push_back(
      bucket_case("the last record's signature is checked", after(1), {{{unsigned_2}, ErrorCode::kBadSignature, 0}}));
  out.push_back(bucket_case("time goes backwards", after(1),
                            {{{changed(2, [](Forgery& f) { f.header.origin_time = from_ms(kEpochMs + 999); })},
                              ErrorCode::kTimeBackwards,
                              0}}));
  out.push_back(bucket_case("a second epoch where the manifest says", after(3), {{{reopened(all.records[2].link)}, {}}},
                            second_epoch()));
  out.push_back(bucket_case("both epochs in one group: two signatures", {},
                            {{{frames[0], frames[1], frames[2], reopened(all.records[2].link)}, {}}}, second_epoch()));
  out.push_back(bucket_case("a second epoch on another head", {},
                            {{{reopened(all.records[1].link)}, ErrorCode::kBrokenLink, 0}}, second_epoch()));
  out.push_back(bucket_case("who stands on what was lost", after(5),
                            {{{reopened(all.records[2].link)}, ErrorCode::kForked, 0}}, second_epoch()));
  out.push_back(bucket_case("what the ended grant does not cover any more", after(3),
                            {{some(4, 4), ErrorCode::kNoGrant, 0}}, second_epoch()));
  out.push_back(bucket_case("an epoch that the manifest does not know", after(3),
                            {{{reopened(all.records[2].link)}, ErrorCode::kWrongEpoch, 0}}));
  return out;
}

Json feed_cases() {
  const Log all = log();
  const auto frame = [&](std::size_t seq) { return all.records[seq - 1].frame; };
  FeedPosition cursor;  // after version 2, of a reader that kept nothing else
  cursor.epoch = kFeedEpoch;
  cursor.version = Version(2);
  FeedPosition hashed = cursor;
  hashed.cursor_hash = ByteReader(all.records[1].link).u32();
  FeedPosition forked = cursor;
  forked.cursor_hash = *hashed.cursor_hash ^ 1;
  FeedPosition far = cursor;
  far.version = Version(9);

  Forgery other_history = sibling(3);
  other_history.header.first_version = Version(3);
  other_history.header.prev_batch = Hash256{7};

  Json out = Json::array();
  out.push_back(feed_case("the whole feed in one group", {},
                          {{{frame(1), frame(2), frame(3), frame(4), frame(5), frame(6), frame(7), frame(8)}, {}}}));
  out.push_back(feed_case("after a cursor", cursor, {{{frame(3)}, {}}}));
  out.push_back(feed_case("after a cursor, with the batch that holds it", cursor, {{{frame(2), frame(3)}, {}}}));
  out.push_back(feed_case("after a cursor with its hash", hashed, {{{frame(3)}, {}}}));
  out.push_back(feed_case("the cursor's hash is of another history", forked, {{{frame(3)}, ErrorCode::kForked, 0}}));
  out.push_back(
      feed_case("the cursor's hash and the batch that holds it", forked, {{{frame(2)}, ErrorCode::kForked, 0}}));
  out.push_back(feed_case("a batch that ends before the cursor", far, {{{frame(3)}, ErrorCode::kWrongVersion, 0}}));
  out.push_back(feed_case("a batch is missing", {}, {{{frame(1), frame(3)}, ErrorCode::kWrongVersion, 1}}));
  out.push_back(feed_case("a batch comes twice", {}, {{{frame(2)}, {}}, {{frame(2)}, ErrorCode::kWrongSeq, 0}}));
  out.push_back(feed_case("a batch of another history", {},
                          {{{frame(1), frame(2), forge(other_history)}, ErrorCode::kBrokenLink, 2}}));
  return out;
}

}  // namespace

Json make_chains() {
  Json out;
  out["about"] = "spec §3: groups of records on a bucket's and a feed's chain";
  out["zone_id"] = to_hex(zone());
  out["buckets"] = bucket_cases();
  out["feeds"] = feed_cases();
  return out;
}

}  // namespace xylem::example
