#include "relay/log/fsck.h"

#include <catch2/catch.hpp>

#include "relay/log/log_folder.h"
#include "relay/log/log_set.h"
#include "relay/log/memory_storage.h"
#include "tests/unit/log/log_maker.h"
#include "tests/unit/proto/record_maker.h"

using namespace xylem;

namespace {

constexpr FeedId kFeed{31337};  // bucket 5 of 12
constexpr FeedId kOther{5};
constexpr const char* kFolder = "b00005";

BucketLogOptions options_with(std::uint64_t segment_bytes) {
  BucketLogOptions options;
  options.segment_bytes = segment_bytes;
  return options;
}

// A folder as a node has it: the zone's manifest, and the log of bucket 5 with these records. Nothing is verified here.
struct Folder {
  SampleZone zone;
  MemoryStorage storage;
  RecordMaker maker{zone};

  Folder() { REQUIRE(replace_file(storage, kManifestName, zone.signed_manifest())); }

  void write(std::uint64_t segment_bytes = 1400) {
    const auto log = BucketLog::open(storage, kFolder, Bucket(5), options_with(segment_bytes)).value();
    for (std::size_t i = log->tail().seq.value; i < maker.frames.size(); ++i) {
      const auto record = maker.record(i);
      REQUIRE(log->append(std::span(&record, 1)));
    }
    log->publish();
  }
  FsckReport check(bool live = false) {
    FsckOptions options;
    options.live = live;
    auto report = fsck(storage, options);
    REQUIRE(report);
    return std::move(*report);
  }
  std::string file(std::size_t i) { return std::string(kFolder) + "/" + storage.list(kFolder).value().at(i); }
};

void fill(Folder& folder) {
  folder.maker.open(kFeed);
  folder.maker.batch(kFeed, 2);
  folder.maker.open(kOther);
  folder.maker.batch(kOther, 1, 2000);  // compressed
  folder.maker.batch(kFeed, 1);
  folder.write();
}

// The newest record with these bytes changed by `change`, under a checksum that fits.
template <typename Change>
void change_newest(RecordMaker& maker, Change change) {
  Bytes& frame = maker.frames.back();
  Bytes body(frame.begin() + kEnvelopeBytes, frame.end());
  change(body);
  frame.clear();
  append_frame(frame, FrameType::record, RecordForm::full, body);
  maker.link = link_of(decode_header(body).value());
}

bool tells(const FsckReport& report, std::string_view words) {
  for (const FsckFinding& finding : report.findings) {
    if (finding.to_string().find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a sound folder has no findings, and its logs are described") {
  Folder folder;
  fill(folder);
  const FsckReport report = folder.check();
  for (const FsckFinding& finding : report.findings) UNSCOPED_INFO(finding.to_string());
  CHECK(report.findings.empty());
  CHECK(report.sound());
  CHECK(report.zone == folder.zone.id);
  CHECK(report.manifest_serial == 1);
  REQUIRE(report.buckets.size() == 1);
  const FsckBucket& bucket = report.buckets[0];
  CHECK(bucket.bucket == Bucket(5));
  CHECK(bucket.floor == Seq(1));
  CHECK(bucket.head == Seq(5));
  CHECK(bucket.epoch == kSampleEpoch);
  CHECK(bucket.records == 5);
  CHECK(bucket.events == 4);
  CHECK(bucket.feeds == 2);
  CHECK(bucket.bytes == folder.storage.bytes() - folder.zone.signed_manifest().size());
  CHECK(fsck_exit_code(report) == 0);
}

// A sealed segment, an open one, and what is kept of feeds below them.
TEST_CASE("any one flipped bit of any file is found") {
  Folder folder;
  folder.maker.open(FeedId(17));
  folder.maker.open(kFeed);
  folder.maker.batch(kFeed, 2);
  folder.write(400);
  {
    const auto log = BucketLog::open(folder.storage, kFolder, Bucket(5), options_with(400)).value();
    REQUIRE(log->retain(log->disk_bytes() - 1));
  }
  const auto names = folder.storage.list(kFolder).value();
  REQUIRE(names == std::vector<std::string>{"00000000000000000002.log", "00000000000000000003.open", kKeptName});
  REQUIRE(folder.check().findings.empty());
  for (const std::string& name : names) {
    const std::string file = std::string(kFolder) + "/" + name;
    const std::uint64_t bits = 8 * folder.storage.open(file).value()->size();
    for (std::uint64_t bit = 0; bit < bits; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      REQUIRE(folder.storage.flip(file, bit / 8, mask));
      const FsckReport report = folder.check();
      CAPTURE(file, bit);
      REQUIRE_FALSE(report.sound());
      REQUIRE(report.findings.at(0).file == file);
      REQUIRE(report.findings.at(0).offset <= bit / 8);
      REQUIRE(folder.storage.flip(file, bit / 8, mask));
    }
  }
  CHECK(folder.check().sound());
}

TEST_CASE("any one flipped bit of the manifest is found") {
  Folder folder;
  folder.maker.open(kFeed);
  folder.write();
  const std::uint64_t bits = 8 * folder.storage.open(kManifestName).value()->size();
  for (std::uint64_t bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    REQUIRE(folder.storage.flip(kManifestName, bit / 8, mask));
    CAPTURE(bit);
    REQUIRE_FALSE(fsck(folder.storage, {}));
    REQUIRE(folder.storage.flip(kManifestName, bit / 8, mask));
  }
}

TEST_CASE("a checksum that fits hides nothing") {
  Folder folder;
  fill(folder);
  SECTION("a signature that nobody made") {
    folder.maker.batch(kFeed);
    folder.maker.forge_newest();
    folder.write();
    CHECK(tells(folder.check(), "E_BAD_SIGNATURE"));
  }
  SECTION("another payload") {
    folder.maker.batch(kFeed);
    change_newest(folder.maker, [](Bytes& body) { body.back() ^= 1; });
    folder.write();
    CHECK(tells(folder.check(), "E_BAD_HASH"));
  }
  SECTION("another origin's key") {
    const SigningKey stranger = sample_key(9);
    folder.maker.go_on_with(kSampleEpoch, stranger);
    folder.maker.batch(kFeed);
    folder.write();
    CHECK(tells(folder.check(), "E_NO_GRANT"));
  }
  SECTION("a record of another bucket") {
    folder.maker.open(FeedId(6));
    folder.write();
    CHECK(tells(folder.check(), "E_WRONG_BUCKET"));
  }
  SECTION("a link to something else") {
    folder.maker.link[0] ^= 1;
    folder.maker.batch(kFeed);
    // The log itself would cut this at its next start: it stands in a segment that is already sealed.
    folder.write(100 * kKiB);
    CHECK(tells(folder.check(), "E_BROKEN_LINK"));
  }
  SECTION("time that goes back") {
    folder.maker.now -= std::chrono::hours(1);
    folder.maker.batch(kFeed);
    folder.write();
    CHECK(tells(folder.check(), "E_TIME_BACKWARDS"));
  }
  SECTION("a version that is left out") {
    folder.maker.feeds[kFeed].version = Version(17);
    folder.maker.batch(kFeed);
    folder.write();
    CHECK(tells(folder.check(), "goes on with version 18 after 3"));
  }
  SECTION("a batch that follows another one") {
    folder.maker.feeds[kFeed].link[5] ^= 1;
    folder.maker.batch(kFeed);
    folder.write();
    CHECK(tells(folder.check(), "prev_batch is"));
  }
  SECTION("a feed epoch without open") {
    folder.maker.feeds[kFeed].epoch = FeedEpoch(kSampleEpoch.value + 5);
    folder.maker.batch(kFeed);
    folder.write();
    CHECK(tells(folder.check(), "without being opened"));
  }
  SECTION("a feed that was never opened") {
    folder.maker.batch(FeedId(17));
    folder.write();
    CHECK(tells(folder.check(), "before it is opened"));
  }
  const FsckReport report = folder.check();
  CHECK(report.damages == 1);
  CHECK(report.findings.at(0).file == folder.file(folder.storage.list(kFolder)->size() - 1));
  CHECK(report.buckets.at(0).records == folder.maker.frames.size());
}

TEST_CASE("erased and opened again, and gone on in a new epoch, are in order") {
  Folder folder;
  fill(folder);
  folder.maker.notice(kFeed, EraseNotice{});
  folder.maker.feeds[kFeed] = {FeedEpoch(kSampleEpoch.value + 9), {}, {}};
  folder.maker.open(kFeed);
  folder.maker.batch(kFeed, 2);
  folder.maker.feeds[kOther].epoch = FeedEpoch(kSampleEpoch.value + 10);
  folder.maker.open(kOther, OpenNotice::Reason::reset);
  folder.maker.batch(kOther, 2);
  folder.write();
  const FsckReport report = folder.check();
  for (const FsckFinding& finding : report.findings) UNSCOPED_INFO(finding.to_string());
  CHECK(report.sound());
}

TEST_CASE("a redaction is looked for behind the record that it covers") {
  Folder folder;
  folder.maker.open(kFeed);
  const std::size_t batch = folder.maker.batch(kFeed, 3);
  folder.maker.batch(kFeed, 3, 300);
  folder.maker.redact(kFeed, {{Version(2), Version(2)}});
  const Seq named = GENERATE(Seq(4), Seq(9), Seq(3));
  const Bytes elided = elide_record(folder.maker.record(batch), {false, true, false}, {{named}}).value();
  folder.maker.frames[batch] = elided;
  folder.write();
  const FsckReport report = folder.check();
  CHECK(report.sound() == (named == Seq(4)));
  if (named != Seq(4)) CHECK(report.findings.at(0).cause.find("E_") == 0);
}

TEST_CASE("a withheld record is no damage") {
  Folder folder;
  folder.maker.open(kFeed);
  const std::size_t batch = folder.maker.batch(kFeed, 3);
  folder.maker.batch(kFeed, 3);
  folder.maker.frames[batch] = withhold_record(folder.maker.record(batch));
  folder.write();
  CHECK(folder.check().sound());
}

TEST_CASE("a segment that is missing is named, and the rest is checked all the same") {
  Folder folder;
  for (int i = 0; i < 3; ++i) fill(folder);
  const auto names = folder.storage.list(kFolder).value();
  REQUIRE(names.size() >= 4);
  REQUIRE(folder.storage.remove(std::string(kFolder) + "/" + names[1]));
  const FsckReport report = folder.check();
  CHECK(report.damages == 1);
  CHECK(tells(report, names[2] + ":0: begins at seq"));
  CHECK(report.buckets.at(0).head.value == folder.maker.frames.size());
}

TEST_CASE("what a crash leaves is told apart from damage") {
  Folder folder;
  fill(folder);
  const auto names = folder.storage.list(kFolder).value();
  const std::string newest = std::string(kFolder) + "/" + names.back();
  SECTION("a torn tail") {
    REQUIRE(folder.storage.open(newest).value()->truncate(folder.maker.frames.back().size() - 5));
    const FsckReport report = folder.check();
    CHECK(report.damages == 1);
    CHECK(tells(report, "cut short"));
  }
  SECTION("a segment that was sealed and not renamed") {
    REQUIRE(folder.storage.remove(newest));
    const std::string sealed = std::string(kFolder) + "/" + names[names.size() - 2];
    REQUIRE(folder.storage.rename(sealed, sealed.substr(0, sealed.size() - 4) + ".open"));
    const FsckReport report = folder.check();
    CHECK(report.sound());
    CHECK(report.notes == 1);
    CHECK(tells(report, "note: " + sealed.substr(0, sealed.size() - 4) + ".open"));
  }
  SECTION("files that were not finished, cut tails, strange ones") {
    for (const char* name : {"kept.new", "00000000000000000001.10.cut", "notes.txt"}) {
      REQUIRE(folder.storage.create(std::string(kFolder) + "/" + name));
    }
    const FsckReport report = folder.check();
    CHECK(report.sound());
    CHECK(report.notes == 3);
  }
}

TEST_CASE("where a program writes meanwhile, a record that is not whole is no damage, but a wrong one is") {
  Folder folder;
  fill(folder);
  const std::string newest = std::string(kFolder) + "/" + folder.storage.list(kFolder)->back();
  const auto file = folder.storage.open(newest).value();
  SECTION("cut short") {
    for (std::uint64_t size = folder.maker.frames.back().size() - 1; size > 0; --size) {
      REQUIRE(file->truncate(size));
      CHECK(folder.check(true).sound());
      CHECK_FALSE(folder.check().sound());
    }
  }
  SECTION("wrong") {
    REQUIRE(folder.storage.flip(newest, 100, 1));
    CHECK_FALSE(folder.check(true).sound());
  }
}

TEST_CASE("a segment under another name is found, though its records follow each other") {
  Folder folder;
  folder.maker.open(kFeed);
  folder.write();
  REQUIRE(folder.storage.rename(folder.file(0), std::string(kFolder) + "/00000000000000000007.open"));
  const FsckReport report = folder.check();
  CHECK(report.damages == 1);
  CHECK(tells(report, "seq 1, expected 7"));
}

TEST_CASE("what is kept below the floor is checked like the rest") {
  Folder folder;
  folder.maker.open(FeedId(17));
  for (int i = 0; i < 3; ++i) fill(folder);
  {
    const auto log = BucketLog::open(folder.storage, kFolder, Bucket(5), options_with(1400)).value();
    REQUIRE(log->retain(log->disk_bytes() - 1));
    REQUIRE(log->retain(log->disk_bytes() - 1));
  }
  const FsckReport sound = folder.check();
  for (const FsckFinding& finding : sound.findings) UNSCOPED_INFO(finding.to_string());
  CHECK(sound.findings.empty());
  CHECK(sound.buckets.at(0).kept > 0);
  CHECK(sound.buckets.at(0).floor > Seq(1));
  REQUIRE(folder.storage.remove(folder.file(0)));
  CHECK(tells(folder.check(), "but the log begins at"));
}

TEST_CASE("findings beyond the limit are counted") {
  Folder folder;
  folder.maker.open(kFeed);
  const SigningKey stranger = sample_key(9);
  folder.maker.go_on_with(kSampleEpoch, stranger);
  for (int i = 0; i < 20; ++i) folder.maker.batch(kFeed);
  folder.write();
  FsckOptions options;
  options.findings_max = 5;
  const FsckReport report = fsck(folder.storage, options).value();
  CHECK(report.findings.size() == 5);
  CHECK(report.damages == 20);
}

TEST_CASE("progress goes to the end") {
  Folder folder;
  fill(folder);
  std::uint64_t done = 0, all = 0;
  FsckOptions options;
  options.progress = [&](std::uint64_t done_bytes, std::uint64_t all_bytes) {
    done = done_bytes;
    all = all_bytes;
  };
  REQUIRE(fsck(folder.storage, options));
  CHECK(done == all);
  CHECK(all == folder.check().buckets.at(0).bytes);
}

TEST_CASE("what cannot be checked is said to be so") {
  Folder folder;
  SECTION("no log") { CHECK(fsck(folder.storage, {}).error().code == ErrorCode::kBadFile); }
  SECTION("no manifest") {
    fill(folder);
    REQUIRE(folder.storage.remove(kManifestName));
    const auto report = fsck(folder.storage, {});
    CHECK(report.error().code == ErrorCode::kNotFound);
    CHECK(fsck_exit_code(report) == 2);
    FsckOptions options;
    options.manifest = folder.zone.signed_manifest();
    CHECK(fsck(folder.storage, options)->sound());
  }
  SECTION("another zone than the one that is meant") {
    fill(folder);
    FsckOptions options;
    options.zone = ZoneId{1, 2, 3};
    CHECK(fsck(folder.storage, options).error().code == ErrorCode::kWrongZone);
  }
  SECTION("a file that cannot be read") {
    fill(folder);
    const auto broken = folder.storage.copy();
    broken->fail_operation(8, ErrorCode::kIo);
    const auto report = fsck(*broken, {});
    REQUIRE_FALSE(report);
    CHECK(report.error().code == ErrorCode::kIo);
    CHECK(fsck_exit_code(report) == 2);
  }
}
