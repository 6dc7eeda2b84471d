// A serving core with everything around it made of memory: logs of buckets 5 and 6, connections whose sockets take as
// much as the test says, reads that are answered when the test says, and time that stands still.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>

#include "relay/log/bucket_log.h"
#include "relay/log/memory_storage.h"
#include "relay/serve/serve_core.h"
#include "tests/unit/proto/record_maker.h"

namespace xylem {

inline constexpr FeedId kFeed{31337};         // of bucket 5
inline constexpr FeedId kOtherFeed{5};        // of bucket 5 too
inline constexpr FeedId kForeignFeed{31338};  // of bucket 6
inline constexpr FeedId kUnownedFeed{7};      // of bucket 7
inline constexpr Bucket kBucket{5};
inline constexpr MonoTime kStart{std::chrono::hours(1)};

// A connection as the core sees it. The socket takes `room` bytes; what is more waits until the test drains it, and
// what is sent meanwhile waits behind it: as with a real one, only on_drained ends the waiting.
class TestLink final : public ServeLink {
 public:
  void send(std::span<const SharedBytes> pieces) override {
    REQUIRE_FALSE(released());
    ++writes;
    const bool waits = queued_bytes_ > 0;
    for (const SharedBytes& piece : pieces) {
      queued_.push_back(piece);
      queued_bytes_ += piece.size();
    }
    if (!waits) pump();
  }
  bool takes_files() const override { return plain; }
  void send_file(const ColdRun& run) override {
    REQUIRE(queued_bytes_ == 0);
    Bytes bytes(run.bytes);
    REQUIRE(read_exactly(*run.file, run.offset, bytes));
    ++files;
    queued_.push_back(SharedBytes::adopt(std::move(bytes)));
    queued_bytes_ += run.bytes;
    pump();
  }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  void set_reading(bool on) override { reading = on; }
  void close() override {
    REQUIRE_FALSE(released());
    closed = true;
    room = SIZE_MAX;
    pump();
  }
  void abort() override {
    REQUIRE_FALSE(released());
    aborted = true;
  }

  bool released() const { return closed || aborted; }
  // The peer reads up to `bytes` more; true when nothing waits any more.
  bool drain(std::size_t bytes = SIZE_MAX) {
    room = bytes;
    pump();
    return queued_bytes_ == 0;
  }

  std::size_t room = SIZE_MAX;
  bool plain = false;  // takes files
  bool reading = true;
  bool closed = false;
  bool aborted = false;
  std::size_t writes = 0;
  std::size_t files = 0;
  Bytes received;  // by the peer

 private:
  void pump() {
    while (!queued_.empty() && room > 0) {
      const SharedBytes piece = queued_.front().slice(0, room);
      if (room != SIZE_MAX) room -= piece.size();
      received.insert(received.end(), piece.view().begin(), piece.view().end());
      queued_bytes_ -= piece.size();
      queued_.front() = queued_.front().slice(piece.size());
      if (queued_.front().empty()) queued_.pop_front();
    }
  }

  std::deque<SharedBytes> queued_;
  std::size_t queued_bytes_ = 0;
};

class TestShell final : public ServeShell {
 public:
  void read(ReadId id, std::vector<ColdRun> runs) override { reads.emplace_back(id, std::move(runs)); }
  Nonce nonce() override { return Nonce{static_cast<std::uint8_t>(++nonces)}; }
  Timestamp wall_time() const override { return from_ms(kSampleEpoch.value + 60'000); }

  std::deque<std::pair<ReadId, std::vector<ColdRun>>> reads;
  int nonces = 0;
};

class TestNode final : public ServeNode {
 public:
  void on_have(ConnectionId, const RelayId& relay, const Have& have) override { haves.emplace_back(relay, have); }
  void on_evidence(ConnectionId, const Evidence& evidence) override { evidences.push_back(evidence); }
  std::shared_ptr<const Bytes> blob(const Hash256& hash) override {
    const auto found = blobs.find(hash);
    return found == blobs.end() ? nullptr : found->second;
  }
  std::uint64_t readers() const override { return 7; }

  std::vector<std::pair<RelayId, Have>> haves;
  std::vector<Evidence> evidences;
  std::map<Hash256, std::shared_ptr<const Bytes>> blobs;
};

inline ServeFacts facts_of(const SampleZone& zone) {
  ServeFacts facts;
  facts.zone = zone.id;
  facts.manifest = std::make_shared<Manifest>(zone.manifest);
  facts.manifest_bytes = std::make_shared<Bytes>(zone.signed_manifest());
  facts.manifest_hash = sha256(*facts.manifest_bytes);
  facts.key = std::make_shared<SigningKey>(sample_key(9));
  facts.hosts = {{"relay.example", 7720}};
  facts.node_name = "5-6.distributed.example";
  facts.agent = "xylem/test";
  facts.path = {facts.relay(), relay_id_of(sample_key(10).public_key())};
  return facts;
}

// A log with its maker.
struct TestLog {
  static constexpr std::size_t kGroup = 50;  // records appended at once, which stand in one segment

  TestLog(const SampleZone& zone, Bucket number, const BucketLogOptions& options)
      : maker(zone), log(BucketLog::open(storage, "b", number, options).value()) {
    maker.noisy = true;
  }

  // What was made since the last call becomes visible.
  void publish() {
    for (; published < maker.frames.size(); published += std::min(kGroup, maker.frames.size() - published)) {
      REQUIRE(log->append(maker.records(published, kGroup)));
    }
    log->publish();
  }

  MemoryStorage storage;
  RecordMaker maker;
  std::size_t published = 0;
  std::unique_ptr<BucketLog> log;
};

struct Serving {
  explicit Serving(const BucketLogOptions& options = {}, const ServeLimits& serve_limits = {})
      : five(zone, Bucket(5), options), six(zone, Bucket(6), options), limits(serve_limits) {}
  ~Serving() {
    for (auto& [id, link] : open_links()) core->on_closed(id, now);
  }

  // Makes the core; before that, a test may change facts, limits and logs.
  void start(HttpSessionMaker http = {}) {
    const std::vector<BucketLog*> logs = {five.log.get(), six.log.get()};
    core = std::make_unique<ServeCore>(shell, node, logs, std::make_shared<ServeFacts>(facts), now, limits,
                                       std::move(http));
  }
  void set_facts() { core->set_facts(std::make_shared<ServeFacts>(facts), now); }

  struct Connection {
    ConnectionId id;
    TestLink* link;
  };
  Connection connect(const char* peer = "198.51.100.7:4000") {
    links.push_back(std::make_unique<TestLink>());
    TestLink* link = links.back().get();
    const ConnectionId id = core->open(*link, SocketAddress::parse(peer).value(), now);
    ids.push_back(id);
    return {id, link};
  }

  void publish() {
    five.publish();
    six.publish();
    core->on_wake(now);
  }
  // Until nothing is left to do at this time; reads of files are answered.
  void settle(bool answer_reads = true) {
    for (int turns = 0; core->deadline() <= now || (answer_reads && !shell.reads.empty()); ++turns) {
      REQUIRE(turns < 1'000'000);
      if (core->deadline() <= now) core->on_deadline(now);
      if (answer_reads) answer_read();
    }
  }
  void answer_read() {
    if (shell.reads.empty()) return;
    const auto [id, runs] = std::move(shell.reads.front());
    shell.reads.pop_front();
    Bytes all;
    for (const ColdRun& run : runs) {
      Bytes bytes(run.bytes);
      REQUIRE(read_exactly(*run.file, run.offset, bytes));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    core->on_read(id, std::move(all), now);
  }
  void drain(const Connection& connection, std::size_t bytes = SIZE_MAX) {
    const bool waited = connection.link->queued_bytes() > 0;
    if (connection.link->drain(bytes) && waited && !connection.link->released()) core->on_drained(connection.id, now);
  }
  // Time passes; everything that is due happens at its time.
  void pass(std::chrono::milliseconds time) {
    const MonoTime until = now + time;
    settle();
    while (core->deadline() <= until) {
      now = std::max(now, core->deadline());
      core->on_deadline(now);
      settle();
    }
    now = until;
  }

  std::vector<std::pair<ConnectionId, TestLink*>> open_links() {
    std::vector<std::pair<ConnectionId, TestLink*>> open;
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (!links[i]->released()) open.emplace_back(ids[i], links[i].get());
    }
    return open;
  }

  SampleZone zone;
  ServeFacts facts = facts_of(zone);
  TestLog five, six;
  ServeLimits limits;
  TestShell shell;
  TestNode node;
  MonoTime now = kStart;
  std::vector<std::unique_ptr<TestLink>> links;  // outlive the core
  std::vector<ConnectionId> ids;
  std::unique_ptr<ServeCore> core;
};

}  // namespace xylem
