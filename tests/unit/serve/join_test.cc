// History and now join without a seam: under any interleaving of writer, wakes, slow sockets, reads of files and
// subscriptions every reader gets every record once and in order.
#include <random>

#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

constexpr std::array<FeedId, 4> kFeeds = {kFeed, kOtherFeed, FeedId(17), FeedId(29)};  // of bucket 5

// What one subscription should have received: the records behind its cursor.
struct Reader {
  NativePeer peer;
  bool whole_bucket = false;
  FeedId feed;
  Version version;  // of the cursor
  Seq seq;          // of the cursor
  std::vector<Bytes> records;

  explicit Reader(Serving& world) : peer(world) {}
  void collect() {
    for (Bytes& record : peer.take_records()) records.push_back(std::move(record));
  }
};

class Interleaving {
 public:
  explicit Interleaving(std::uint32_t seed) : random_(seed), world_(small_log(), small_limits()) {
    for (const FeedId feed : kFeeds) world_.five.maker.open(feed);
    world_.five.publish();
    world_.facts.accept_any_relay = true;
    world_.start();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    end();
  }

 private:
  static BucketLogOptions small_log() {
    BucketLogOptions options;
    options.segment_bytes = 32 * kKiB;
    options.hot_bytes = 8 * kKiB;
    options.chunk_bytes = 4 * kKiB;
    return options;
  }
  static ServeLimits small_limits() {
    ServeLimits limits;
    limits.reader_queue_bytes_max = 3000;
    limits.relay_queue_bytes_max = 5000;
    limits.unit_bytes_min = 500;
    limits.unit_bytes_max = 4000;
    limits.file_unit_bytes_max = 6000;
    limits.turn_bytes_max = 10'000;
    limits.cold_reads_max = 2;
    return limits;
  }
  std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  Reader& any_reader() { return *readers_[below(readers_.size())]; }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
        for (std::size_t i = below(5); i > 0; --i) {
          world_.five.maker.batch(kFeeds[below(kFeeds.size())], 1 + below(3), below(400));
        }
        world_.five.publish();  // no wake yet
        return;
      case 2:
        return world_.core->on_wake(world_.now);
      case 3:
        if (readers_.size() < 12) subscribe();
        return;
      case 4:
        if (world_.core->deadline() <= world_.now) world_.core->on_deadline(world_.now);
        return;
      case 5:
        return world_.answer_read();
      case 6:
        if (!readers_.empty()) any_reader().peer.connection.link->room = below(2) == 0 ? below(2000) : SIZE_MAX;
        return;
      default:
        if (!readers_.empty()) world_.drain(any_reader().peer.connection, below(4000));
        return;
    }
  }

  void subscribe() {
    readers_.push_back(std::make_unique<Reader>(world_));
    Reader& reader = *readers_.back();
    reader.whole_bucket = below(3) == 0;
    reader.peer.connection.link->plain = below(2) == 0;
    reader.peer.say_magic();
    reader.peer.say(reader.peer.hello(reader.whole_bucket ? Role::relay : Role::reader));
    if (reader.whole_bucket) {
      reader.peer.prove();
      reader.seq = Seq(below(world_.five.published + 1));
      reader.peer.subscribe(kBucket, reader.seq == Seq(0) ? Epoch(0) : kSampleEpoch, reader.seq);
    } else {
      reader.feed = kFeeds[below(kFeeds.size())];
      reader.version = Version(below(newest_published(reader.feed).value + 1));
      reader.peer.subscribe(reader.feed, {FeedEpoch(kSampleEpoch.value), reader.version, {}});
    }
  }

  Version newest_published(FeedId feed) {
    const LogReader log(*world_.five.log);
    return log.feed(feed)->last_version;
  }

  void end() {
    world_.publish();
    for (int round = 0; round < 10'000; ++round) {
      world_.settle();
      bool waits = false;
      for (const auto& reader : readers_) {
        waits = waits || reader->peer.connection.link->queued_bytes() > 0;
        world_.drain(reader->peer.connection);
      }
      if (!waits) break;
    }
    for (const auto& reader : readers_) {
      reader->collect();
      const std::vector<Bytes> wanted = expected(*reader);
      CAPTURE(reader->whole_bucket, reader->feed.value, reader->version.value, reader->seq.value);
      REQUIRE(seqs(reader->records) == seqs(wanted));
      REQUIRE((reader->records == wanted));
    }
  }

  static std::vector<std::uint64_t> seqs(const std::vector<Bytes>& records) {
    std::vector<std::uint64_t> all;
    for (const Bytes& record : records) all.push_back(parse_record(ByteView(record)).value().header().seq.value);
    return all;
  }

  std::vector<Bytes> expected(const Reader& reader) {
    std::vector<Bytes> records;
    for (std::size_t i = 0; i < world_.five.maker.frames.size(); ++i) {
      const RecordHeader header = world_.five.maker.record(i).header();
      const bool lacks = reader.whole_bucket
                             ? header.seq > reader.seq
                             : header.feed == reader.feed && (header.is_batch() ? header.last_version() > reader.version
                                                                                : reader.version == Version(0));
      if (lacks) records.push_back(world_.five.maker.frames[i]);
    }
    return records;
  }

  std::mt19937 random_;
  Serving world_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace

TEST_CASE("The join of history and now neither doubles nor loses, whatever the order of things", "[serve]") {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Interleaving(seed).run(300);
  }
}

}  // namespace xylem
