#include "origin/drill/drill_server.h"

#include <optional>

namespace xylem {
namespace {

constexpr std::chrono::milliseconds kReadMax{8};

std::vector<BucketLog*> all_logs(LogSet& logs) {
  std::vector<BucketLog*> all;
  for (std::uint32_t b = logs.range().first.value; b <= logs.range().last.value; ++b) {
    all.push_back(&logs.of(Bucket(static_cast<std::uint16_t>(b))));
  }
  return all;
}

}  // namespace

Result<Bytes> read_run(const ColdRun& run) {
  Bytes bytes(run.bytes);
  if (auto read = read_exactly(*run.file, run.offset, bytes); !read) return fail(read.error());
  return bytes;
}

ServeFacts drill_facts(const PlannedNode& node, const Trust& trust) {
  ServeFacts facts;
  facts.zone = trust.zone();
  facts.manifest = std::make_shared<const Manifest>(*trust.manifest());
  facts.manifest_bytes = std::make_shared<const Bytes>(trust.manifest_bytes());
  facts.manifest_hash = trust.manifest_hash();
  facts.key = std::make_shared<const SigningKey>(SigningKey::from_seed(node.identity));
  facts.hosts = {node.host};
  facts.node_name = node.place.to_string();
  facts.agent = "xylem/drill";
  facts.path = {facts.relay()};
  facts.relays = {facts.manifest->relays.begin(), facts.manifest->relays.end()};
  facts.accept_readers = node.kind == PlannedNode::Kind::relay;
  return facts;
}

// One connection: what the network calls a stream and the core a link.
class DrillServer::Link final : public StreamUser, public ServeLink {
 public:
  Link(DrillServer& server, std::uint64_t number, VirtualStream stream)
      : server_(server), number_(number), stream_(std::move(stream)) {
    stream_.set_user(*this);
    if (server.lies_ != nullptr) tongue_.emplace(*server.lies_);
  }

  void open() {
    server_.call(
        [this](ServeCore& core, MonoTime now) { id_ = core.open(*this, SocketAddress::v4({30, 0, 0, 1}, 4000), now); });
  }

  // StreamUser
  void on_bytes(ByteView bytes) override {
    server_.call([&](ServeCore& core, MonoTime now) { core.on_bytes(id_, bytes, now); });
  }
  void on_drained() override {
    server_.call([&](ServeCore& core, MonoTime now) { core.on_drained(id_, now); });
  }
  void on_end() override {
    server_.call([&](ServeCore& core, MonoTime now) { core.on_end(id_, now); });
  }
  void on_closed(const Error&) override {
    server_.call([&](ServeCore& core, MonoTime now) { core.on_closed(id_, now); });
    release();
  }

  // ServeLink
  void send(std::span<const SharedBytes> pieces) override {
    Bytes all;
    for (const SharedBytes& piece : pieces) all.insert(all.end(), piece.view().begin(), piece.view().end());
    say(all);
  }
  bool takes_files() const override { return true; }
  void send_file(const ColdRun& run) override {
    const auto bytes = read_run(run);
    if (bytes) return say(*bytes);
    server_.world_.tell(server_.node_.label(), "cannot read its log: " + bytes.error().message());
  }
  std::size_t queued_bytes() const override { return stream_.queued_bytes(); }
  void set_reading(bool on) override { stream_.set_reading(on); }
  void close() override {
    stream_.close();
    release();
  }
  void abort() override { release(); }

 private:
  void say(ByteView bytes) { stream_.send(tongue_ ? tongue_->say(bytes) : Bytes(bytes.begin(), bytes.end())); }
  // The object goes when nothing of it is on the stack any more.
  void release() {
    stream_ = VirtualStream();
    server_.finished_.push_back(number_);
    server_.timer_.start_after(std::chrono::milliseconds(0));
  }

  DrillServer& server_;
  const std::uint64_t number_;
  VirtualStream stream_;
  std::optional<LyingTongue> tongue_;
  ConnectionId id_;
};

DrillServer::DrillServer(DrillWorld& world, const PlannedNode& node, LogSet& logs, const ServeFacts& facts,
                         RandomStream& random, Lies* lies)
    : world_(world),
      node_(node),
      random_(random),
      lies_(lies),
      timer_(world.queue, [this] { wake(); }),
      wake_(world.queue,
            [this] {
              call([this](ServeCore& core, MonoTime now) {
                if (next_facts_) core.set_facts(std::exchange(next_facts_, nullptr), now);
                core.on_wake(now);
              });
            }),
      core_(std::make_unique<ServeCore>(static_cast<ServeShell&>(*this), static_cast<ServeNode&>(*this), all_logs(logs),
                                        std::make_shared<const ServeFacts>(facts), world.now())),
      self_(std::make_shared<DrillServer*>(this)) {
  world_.network.listen(node.address, node.label(), [this](VirtualStream stream) { accept(std::move(stream)); });
}

DrillServer::~DrillServer() { world_.network.stop_listening(node_.address); }

void DrillServer::set_facts(const ServeFacts& facts) {
  next_facts_ = std::make_shared<const ServeFacts>(facts);
  published();
}

void DrillServer::accept(VirtualStream stream) {
  const std::uint64_t number = ++last_link_;
  Link& link = *links_.emplace(number, std::make_unique<Link>(*this, number, std::move(stream))).first->second;
  link.open();
}

template <typename Action>
void DrillServer::call(Action action) {
  action(*core_, world_.now());
  timer_.start_at(finished_.empty() ? core_->deadline() : world_.now());
}

void DrillServer::wake() {
  for (const std::uint64_t number : std::exchange(finished_, {})) links_.erase(number);
  call([](ServeCore& core, MonoTime now) {
    if (core.deadline() <= now) core.on_deadline(now);
  });
}

void DrillServer::read(ReadId id, std::vector<ColdRun> runs) {
  world_.queue.after(random_.duration(std::chrono::milliseconds(0), kReadMax),
                     [weak = std::weak_ptr(self_), id, runs = std::move(runs)] {
                       const auto self = weak.lock();
                       if (!self) return;
                       Result<Bytes> all = Bytes();
                       for (const ColdRun& run : runs) {
                         const auto bytes = read_run(run);
                         if (!bytes) {
                           all = fail(bytes.error());
                           break;
                         }
                         all->insert(all->end(), bytes->begin(), bytes->end());
                       }
                       (*self)->call([&](ServeCore& core, MonoTime now) { core.on_read(id, std::move(all), now); });
                     });
}

}  // namespace xylem
