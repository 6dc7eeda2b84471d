// FETCH: what is held is answered in BLOB frames, all else with the reason.
#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

struct World : Serving {
  explicit World(const BucketLogOptions& options = {}) : Serving(options) {}

  // The one answer to a FETCH: its bytes, or its error.
  Result<Bytes> fetch(NativePeer& peer, std::variant<FetchHash, FetchFeedHead, FetchFeedRange, FetchChunk> what) {
    peer.say(Fetch{++request, what});
    settle();
    Bytes all;
    for (const Blob& blob : peer.take_only<Blob>()) {
      REQUIRE(blob.request == request);
      if (blob.error) return fail(*blob.error);
      REQUIRE(blob.offset == all.size());
      REQUIRE(blob.data.size() <= kBlobDataBytesMax);
      all.insert(all.end(), blob.data.begin(), blob.data.end());
      REQUIRE(blob.last == (all.size() == blob.total));
    }
    return all;
  }
  Bytes frames(std::initializer_list<std::size_t> indexes) const {
    Bytes all;
    for (const std::size_t index : indexes) {
      all.insert(all.end(), five.maker.frames[index].begin(), five.maker.frames[index].end());
    }
    return all;
  }
  static ErrorCode code_of(const Result<Bytes>& answer) {
    REQUIRE_FALSE(answer);
    return answer.error().code;
  }

  std::uint32_t request = 0;
};

}  // namespace

TEST_CASE("The manifest and what the node offers are fetched by hash", "[serve]") {
  World world;
  const auto large = std::make_shared<Bytes>(900'000, 7);
  world.node.blobs[sha256(*large)] = large;
  world.start();
  NativePeer peer(world);
  peer.greet();
  CHECK(world.fetch(peer, FetchHash{world.facts.manifest_hash}) == *world.facts.manifest_bytes);
  CHECK(world.fetch(peer, FetchHash{sha256(*large)}) == *large);
  CHECK(World::code_of(world.fetch(peer, FetchHash{Hash256{1}})) == ErrorCode::kNotHeld);
}

TEST_CASE("A feed's head is its newest notices and its newest batch", "[serve]") {
  World world;
  world.five.maker.open(kFeed);
  world.five.maker.batch(kFeed);
  world.five.maker.batch(kFeed);
  world.five.maker.notice(kFeed, CloseNotice{Version(2)});
  world.five.maker.batch(kOtherFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  CHECK(world.fetch(peer, FetchFeedHead{kFeed}) == world.frames({0, 3, 2}));
  CHECK(World::code_of(world.fetch(peer, FetchFeedHead{FeedId(17)})) == ErrorCode::kUnknownFeed);
  CHECK(World::code_of(world.fetch(peer, FetchFeedHead{kUnownedFeed})) == ErrorCode::kNotMine);
  world.facts.denied = {kFeed};
  world.set_facts();
  CHECK(World::code_of(world.fetch(peer, FetchFeedHead{kFeed})) == ErrorCode::kWithheld);
  CHECK(World::code_of(world.fetch(peer, FetchFeedRange{kFeed, Version(1), Version(2)})) == ErrorCode::kWithheld);
}

TEST_CASE("A feed's range holds the batches with its versions", "[serve]") {
  World world;
  world.five.maker.open(kFeed);
  for (int i = 0; i < 4; ++i) {
    world.five.maker.batch(kFeed, 3);
    world.five.maker.batch(kOtherFeed);
  }
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  CHECK(world.fetch(peer, FetchFeedRange{kFeed, Version(3), Version(4)}) == world.frames({1, 3}));
  CHECK(world.fetch(peer, FetchFeedRange{kFeed, Version(10), Version(999)}) == world.frames({7}));
  CHECK(World::code_of(world.fetch(peer, FetchFeedRange{kFeed, Version(13), Version(14)})) == ErrorCode::kNotHeld);
  CHECK(World::code_of(world.fetch(peer, FetchFeedRange{FeedId(17), Version(1), Version(2)})) == ErrorCode::kNotHeld);
  CHECK(World::code_of(world.fetch(peer, FetchFeedRange{kUnownedFeed, Version(1), Version(1)})) == ErrorCode::kNotMine);
}

TEST_CASE("A chunk of a bucket", "[serve]") {
  World world;
  world.five.maker.seq = Seq(10);
  for (int i = 0; i < 6; ++i) world.five.maker.batch(i == 3 ? kOtherFeed : kFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  CHECK(world.fetch(peer, FetchChunk{kBucket, Seq(12), Seq(14)}) == world.frames({1, 2, 3}));
  CHECK(world.fetch(peer, FetchChunk{kBucket, Seq(15), Seq(99)}) == world.frames({4, 5}));
  CHECK(World::code_of(world.fetch(peer, FetchChunk{kBucket, Seq(10), Seq(11)})) == ErrorCode::kTooOld);
  CHECK(World::code_of(world.fetch(peer, FetchChunk{kBucket, Seq(17), Seq(18)})) == ErrorCode::kFromTheFuture);
  CHECK(World::code_of(world.fetch(peer, FetchChunk{Bucket(7), Seq(1), Seq(2)})) == ErrorCode::kNotMine);
  world.facts.denied = {kOtherFeed};
  world.set_facts();
  CHECK(world.fetch(peer, FetchChunk{kBucket, Seq(11), Seq(13)}) == world.frames({0, 1, 2}));
  CHECK(World::code_of(world.fetch(peer, FetchChunk{kBucket, Seq(11), Seq(14)})) == ErrorCode::kWithheld);
}

TEST_CASE("A chunk ends at its limits, also across segments", "[serve]") {
  BucketLogOptions options;
  options.segment_bytes = 256 * kKiB;
  options.hot_bytes = 64 * kKiB;
  World world(options);
  for (int i = 0; i < 3000; ++i) world.five.maker.batch(kFeed, 1, 2000);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  const Result<Bytes> chunk = world.fetch(peer, FetchChunk{kBucket, Seq(1), Seq(3000)});
  REQUIRE(chunk);
  CHECK(chunk->size() <= kFetchBytesMax);
  CHECK(chunk->size() > kFetchBytesMax - kRecordWireBytesMax);
  CHECK(std::equal(chunk->begin(), chunk->begin() + 1000, world.five.maker.frames[0].begin()));
  const Result<Bytes> range = world.fetch(peer, FetchFeedRange{kFeed, Version(1), Version(3000)});
  REQUIRE(range);
  CHECK(*range == *chunk);
}

TEST_CASE("Eight answers may be on their way, the ninth is refused", "[serve]") {
  World world;
  for (int i = 0; i < 10; ++i) world.five.maker.batch(kFeed);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  for (std::uint32_t i = 1; i <= 9; ++i) peer.say(Fetch{i, FetchChunk{kBucket, Seq(1), Seq(10)}});
  const auto refused = peer.take_only<Blob>();
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].request == 9);
  CHECK(refused[0].error == ErrorCode::kTooMany);
  world.settle();
  CHECK(peer.take_only<Blob>().size() == 8);
}

TEST_CASE("Answers to FETCH and live records share a connection", "[serve]") {
  World world;
  world.five.maker.open(kFeed);
  for (int i = 0; i < 200; ++i) world.five.maker.batch(kFeed, 1, 3000);
  world.five.publish();
  world.start();
  NativePeer peer(world);
  peer.greet();
  peer.subscribe(kFeed, {FeedEpoch(kSampleEpoch.value), Version(200), {}});
  world.settle();
  peer.take();
  peer.connection.link->room = 0;
  peer.say(Fetch{1, FetchChunk{kBucket, Seq(1), Seq(201)}});
  world.settle();
  world.five.maker.batch(kFeed);
  world.publish();
  world.drain(peer.connection);
  world.settle();
  std::size_t blob_bytes = 0, records = 0;
  for (const Heard& heard : peer.take()) {
    if (heard.type == FrameType::record) ++records;
    if (heard.type == FrameType::blob) blob_bytes += std::get<Blob>(heard.control()).data.size();
  }
  CHECK(records == 1);
  CHECK(blob_bytes > 200 * 300);
}

}  // namespace xylem
