// A serving core and hostile children: right frames, damaged frames, noise, sockets that take little, reads that fail,
// and records that come meanwhile, in any order. What it sends is always whole frames, and records as they were
// published; no socket is given more than its limit and one unit; no deadline stands still. The input is a list of
// steps, see play().
//
// links: xylem::serve
#include <algorithm>
#include <deque>
#include <map>

#include "relay/log/memory_storage.h"
#include "relay/serve/serve_core.h"

using namespace xylem;

namespace {

constexpr Bucket kBucket{5};
constexpr Epoch kEpoch{1'700'000'000'000};
constexpr std::size_t kRecords = 60;
constexpr std::size_t kConnectionsMax = 6;

SigningKey key_of(std::uint8_t number) {
  KeySeed seed;
  seed.fill(number);
  return SigningKey::from_seed(seed);
}

// The zone, its records, and what a child may rightly say.
struct Script {
  SigningKey root = key_of(1), origin = key_of(2), child = key_of(3);
  ZoneId zone = zone_id_of(root.public_key());
  ServeFacts facts;
  std::vector<Bytes> records;
  std::vector<Bytes> frames;

  Script() {
    Manifest manifest;
    const BucketRange all{Bucket(1), Bucket(12)};
    manifest.root_key = root.public_key();
    manifest.names = {"distributed.example"};
    manifest.serial = 1;
    manifest.buckets = 12;
    manifest.issued = from_ms(kEpoch.value);
    manifest.grants = {{origin.public_key(), all, kEpoch, Seq(1), std::nullopt}};
    manifest.epochs = {{all, kEpoch}};
    facts.zone = zone;
    facts.manifest = std::make_shared<Manifest>(manifest);
    facts.manifest_bytes = std::make_shared<Bytes>(sign_manifest(manifest, root));
    facts.manifest_hash = sha256(*facts.manifest_bytes);
    facts.key = std::make_shared<SigningKey>(key_of(9));
    facts.accept_any_relay = true;
    facts.beacons[kBucket] = std::make_shared<Bytes>(kBeaconBytes);
    make_records();
    make_frames();
  }

  void make_records() {
    RecordDraft draft;
    draft.epoch = kEpoch;
    draft.feed_epoch = FeedEpoch(kEpoch.value);
    draft.origin_time = from_ms(kEpoch.value);
    std::map<FeedId, std::pair<Version, Hash256>> feeds;
    const std::string details(700, 'd');
    OpenNotice opening;
    opening.content_type = "application/json";
    for (std::size_t i = 0; i < kRecords; ++i) {
      draft.seq = Seq(i + 1);
      draft.feed = FeedId(5 + 12 * (i % 3));
      auto& [version, link] = feeds[draft.feed];
      draft.prev_batch = link;
      const bool open = i < 3;
      draft.type = open ? RecordType::open : RecordType::batch;
      draft.first_version = open ? Version() : version.next();
      SealedRecord sealed =
          open ? seal_notice(origin, zone, draft, opening)
               : seal_batch(origin, zone, draft, Salt{}, std::array{Event{draft.origin_time, "e", as_bytes(details)}});
      if (!open) version = version.next();
      if (!open) link = sealed.link;
      draft.prev_record = sealed.link;
      records.push_back(std::move(sealed.frame));
    }
  }

  void make_frames() {
    const FeedId feed(5), other(17), foreign(6);
    const auto cursor = [](std::uint64_t version) { return FeedCursor{FeedEpoch(kEpoch.value), Version(version), {}}; };
    for (const std::uint64_t version : {0, 3, 19, 40}) {
      frames.push_back(encode(Subscribe{{}, {{feed, cursor(version), FeedMode::events}}}));
      frames.push_back(encode(Subscribe{{}, {{other, cursor(version), FeedMode::state}}}));
      frames.push_back(encode(Subscribe{{{kBucket, kEpoch, Seq(version), {}}}, {}}));
    }
    frames.push_back(encode(Subscribe{{{Bucket(7), {}, {}, {}}}, {{foreign, {}, FeedMode::events}}}));
    frames.push_back(encode(Unsubscribe{{kBucket}, {feed, other}}));
    for (const ControlFrame& frame : std::initializer_list<ControlFrame>{
             Ping{1}, Pong{2}, Fetch{1, FetchHash{facts.manifest_hash}}, Fetch{2, FetchFeedHead{feed}},
             Fetch{3, FetchFeedRange{feed, Version(2), Version(9)}}, Fetch{4, FetchChunk{kBucket, Seq(1), Seq(99)}},
             Have{}, Evidence{{Bytes(kHeaderBytes)}}, ErrorFrame{}, GoAway{}, Welcome{}}) {
      frames.push_back(encode(frame));
    }
  }

  Bytes greeting(bool relay) const {
    Hello hello;
    hello.zone = zone;
    hello.role = relay ? Role::relay : Role::reader;
    if (relay) hello.relay = relay_id_of(child.public_key());
    hello.host = "relay.example";
    hello.port = 1;
    Bytes bytes(kNativeMagic.begin(), kNativeMagic.end());
    for (const Bytes& frame : {encode(hello), relay ? prove() : Bytes()}) {
      bytes.insert(bytes.end(), frame.begin(), frame.end());
    }
    return bytes;
  }
  Bytes prove() const {
    const RelayId parent = relay_id_of(facts.key->public_key());
    return encode(Prove{child.public_key(), sign_prove(child, zone, Nonce{}, parent)});
  }
};

class Link final : public ServeLink {
 public:
  explicit Link(const Script& script) : script_(script) {}

  void send(std::span<const SharedBytes> pieces) override {
    XYLEM_ASSERT(!over);
    for (const SharedBytes& piece : pieces) waiting_.insert(waiting_.end(), piece.view().begin(), piece.view().end());
    drain(room_);
  }
  bool takes_files() const override { return false; }
  void send_file(const ColdRun&) override { XYLEM_ASSERT(false); }
  std::size_t queued_bytes() const override { return waiting_.size(); }
  void set_reading(bool) override {}
  void close() override {
    XYLEM_ASSERT(!over);
    drain(SIZE_MAX);
    XYLEM_ASSERT(heard_.empty());
    over = true;
  }
  void abort() override {
    XYLEM_ASSERT(!over);
    over = true;
  }

  // True when something waited and nothing does any more.
  bool drain(std::size_t bytes) {
    room_ = bytes == SIZE_MAX ? SIZE_MAX : 0;
    if (waiting_.empty()) return false;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(bytes, waiting_.size()));
    heard_.insert(heard_.end(), waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    hear();
    return waiting_.empty();
  }

  ConnectionId id;
  bool native = false;
  bool over = false;

 private:
  void hear() {
    if (!native) return heard_.clear();
    for (;;) {
      const auto envelope = parse_envelope(heard_);
      XYLEM_ASSERT(envelope);
      if (!*envelope) return;
      if ((*envelope)->type == FrameType::record) check((*envelope)->frame);
      heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>((*envelope)->frame.size()));
    }
  }
  void check(ByteView frame) {
    const RecordView record = parse_record(frame).value();
    const std::uint64_t seq = record.header().seq.value;
    XYLEM_ASSERT(seq >= 1 && seq <= kRecords);
    const Bytes& published = script_.records[seq - 1];
    if (record.form == RecordForm::full) XYLEM_ASSERT(std::ranges::equal(frame, published));
    XYLEM_ASSERT(record.header() == parse_record(ByteView(published)).value().header());
  }

  const Script& script_;
  std::size_t room_ = SIZE_MAX;
  Bytes waiting_, heard_;
};

struct World final : ServeShell, ServeNode {
  explicit World(const Script& given) : script(given) {
    BucketLogOptions options;
    options.segment_bytes = 16 * kKiB;
    options.hot_bytes = 4 * kKiB;
    options.chunk_bytes = 4 * kKiB;
    log = BucketLog::open(storage, "b", kBucket, options).value();
    BucketLog* const logs[] = {log.get()};
    core = std::make_unique<ServeCore>(*this, *this, logs, std::make_shared<ServeFacts>(script.facts), now);
  }

  void read(ReadId id, std::vector<ColdRun> runs) override { reads.emplace_back(id, std::move(runs)); }
  Nonce nonce() override { return Nonce{}; }
  Timestamp wall_time() const override { return from_ms(kEpoch.value); }
  void on_have(ConnectionId, const RelayId&, const Have&) override {}
  void on_evidence(ConnectionId, const Evidence&) override {}
  std::shared_ptr<const Bytes> blob(const Hash256&) override { return nullptr; }
  std::uint64_t readers() const override { return 0; }

  void publish(std::size_t count) {
    std::vector<RecordView> views;
    for (; count > 0 && published < kRecords; --count) {
      views.push_back(parse_record(ByteView(script.records[published++])).value());
    }
    XYLEM_ASSERT(views.empty() || log->append(views));
    log->publish();
  }
  void answer_read(bool well) {
    if (reads.empty()) return;
    const auto [id, runs] = std::move(reads.front());
    reads.pop_front();
    Bytes all;
    for (const ColdRun& run : runs) {
      Bytes bytes(run.bytes);
      XYLEM_ASSERT(read_exactly(*run.file, run.offset, bytes));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    core->on_read(id, well ? Result<Bytes>(std::move(all)) : Result<Bytes>(fail(ErrorCode::kIo)), now);
  }
  void pass_time() {
    for (int turns = 0; core->deadline() <= now; ++turns) {
      XYLEM_ASSERT(turns < 10'000);
      core->on_deadline(now);
    }
    if (core->deadline() != kNever) now = core->deadline();
    core->on_deadline(now);
  }

  const Script& script;
  MonoTime now{std::chrono::hours(1)};
  MemoryStorage storage;
  std::unique_ptr<BucketLog> log;
  std::size_t published = 0;
  std::deque<std::pair<ReadId, std::vector<ColdRun>>> reads;
  std::vector<std::unique_ptr<Link>> links;
  std::unique_ptr<ServeCore> core;
};

// A step: an opcode byte, mostly one for the connection, then what it needs.
void play(World& world, ByteView input) {
  ByteReader in(input);
  while (!in.rest().empty() && !in.bad()) {
    const std::uint8_t step = in.u8() % 12;
    const std::size_t which = in.u8();
    if (step == 0 && world.links.size() < kConnectionsMax) {
      world.links.push_back(std::make_unique<Link>(world.script));
      world.links.back()->id = world.core->open(*world.links.back(), SocketAddress(), world.now);
    }
    if (step == 6) world.publish(which % 8);
    if (step == 7) world.core->on_wake(world.now);
    if (step == 8) world.pass_time();
    if (step == 9) world.answer_read(which % 8 != 0);
    if (step == 10) {
      ServeFacts facts = world.script.facts;
      if (which % 2 == 1) facts.denied = {FeedId(5)};
      facts.draining = which % 16 == 15;
      world.core->set_facts(std::make_shared<ServeFacts>(facts), world.now);
    }
    if (world.links.empty() || world.links[which % world.links.size()]->over) continue;
    Link& link = *world.links[which % world.links.size()];
    const auto say = [&](ByteView bytes) { world.core->on_bytes(link.id, bytes, world.now); };
    if (step == 1) {
      link.native = true;
      say(world.script.greeting(which >= 128));
    } else if (step == 2 || step == 3) {
      Bytes frame = world.script.frames[in.u8() % world.script.frames.size()];
      if (step == 3) frame[in.u16() % frame.size()] ^= static_cast<std::uint8_t>(1U << (in.u8() % 8));
      say(frame);
    } else if (step == 4) {
      say(in.bytes(std::min<std::size_t>(in.u8(), in.rest().size())));
    } else if (step == 5) {
      Bytes frame;
      const auto type = static_cast<FrameType>(in.u8());
      append_frame(frame, type, RecordForm::full, in.bytes(std::min<std::size_t>(in.u8(), in.rest().size())));
      say(frame);
    } else if (step == 8) {
      const std::uint8_t amount = in.u8();
      if (link.drain(amount == 255 ? SIZE_MAX : 64U * amount)) world.core->on_drained(link.id, world.now);
    } else if (step == 11) {
      link.over = true;
      world.core->on_closed(link.id, world.now);
    }
  }
}

void end(World& world) {
  std::size_t open = 0;
  for (const auto& link : world.links) {
    // At most the limit, a record above it, a unit of replay, and answers to what one burst of frames may ask.
    XYLEM_ASSERT(link->queued_bytes() < 2 * kMiB);
    if (link->over) continue;
    ++open;
    link->over = true;
    world.core->on_closed(link->id, world.now);
  }
  XYLEM_ASSERT(open <= kConnectionsMax && world.core->stats().connections == 0);
  XYLEM_ASSERT(world.core->stats().feed_subscriptions == 0 && world.core->stats().bucket_subscriptions == 0);
  XYLEM_ASSERT(world.core->stats().readers == 0 && world.core->stats().relays == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Script script;
  World world(script);
  play(world, {data, size});
  end(world);
  return 0;
}
