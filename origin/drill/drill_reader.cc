#include "origin/drill/drill_reader.h"

#include <fmt/format.h>

namespace xylem {
namespace {

constexpr std::uint16_t kAfterAllOthers = 0x8000;

}  // namespace

class DrillReader::Line final : public StreamUser {
 public:
  Line(DrillReader& owner, LineId id, const FoundServer& server)
      : owner_(owner),
        id_(id),
        stream_(owner.world_.network.dial(owner.plan_.label, server.addresses.front(), *this)) {}

  void send(ByteView bytes) { stream_.send(bytes); }
  void close() { stream_.close(); }

 private:
  // The reader may close the line from within each of these, so it is not touched afterwards.
  void on_connected() override {
    owner_.call([id = id_](FeedReader& reader, Moment now) { reader.on_connected(id, now); });
  }
  void on_bytes(ByteView bytes) override {
    owner_.call([id = id_, bytes](FeedReader& reader, Moment now) { reader.on_bytes(id, bytes, now); });
  }
  void on_end() override { on_closed({ErrorCode::kIo, "closed by the server"}); }
  void on_closed(const Error& error) override {
    owner_.call([id = id_, error](FeedReader& reader, Moment now) { reader.on_closed(id, error, now); });
  }

  DrillReader& owner_;
  const LineId id_;
  VirtualStream stream_;
};

DrillReader::DrillReader(DrillWorld& world, const PlannedReader& plan, ReaderMemory& memory, std::uint64_t life)
    : world_(world),
      plan_(plan),
      memory_(memory),
      random_(world.seed, fmt::format("{} life {}", plan.label, life)),
      timer_(world.queue, [this] { call([](FeedReader& reader, Moment now) { reader.on_deadline(now); }); }),
      find_timer_(world.queue, [this] { find_servers(); }) {
  world_.observer.on_reading(plan_.label, plan_.feed, memory_.position.version);
  find_servers();
}

DrillReader::~DrillReader() = default;

template <typename Action>
void DrillReader::call(Action action) {
  action(*reader_, world_.moment());
  if (trust_->manifest() != nullptr) memory_.manifest = trust_->manifest_bytes();
  memory_.position = reader_->status().position;
  timer_.start_at(reader_->deadline());
}

// --- servers ---

void DrillReader::find_servers() {
  lookup_.emplace(world_.queue, world_.plan.names, random_, FindRequest::feed(world_.plan.zone, plan_.feed),
                  [this](const Result<Found>& found) { on_found(found); });
}

void DrillReader::on_found(const Result<Found>& found) {
  if (!found) {
    world_.tell(plan_.label, "DNS does not tell its servers: " + found.error().message());
    return find_timer_.start_after(kFindAgain);
  }
  servers_ = found->servers;
  learn_zone(found->record->id);
  tell_servers();
}

void DrillReader::learn_zone(const ZoneId& zone) {
  if (trust_) return;
  trust_ = std::make_unique<Trust>(zone);
  if (!memory_.manifest.empty()) static_cast<void>(trust_->admit(memory_.manifest));
  FeedReaderOptions options;
  options.feed = plan_.feed;
  options.from = memory_.position;
  options.agent = "xylem/drill";
  reader_.emplace(*trust_, redactions_, options, random_.function(), static_cast<FeedReaderShell&>(*this),
                  static_cast<FeedListener&>(*this), world_.moment());
}

void DrillReader::find_servers_above() {
  FindRequest request = FindRequest::feed(world_.plan.zone, plan_.feed);
  request.upstream = true;
  lookup_above_.emplace(world_.queue, world_.plan.names, random_, request, [this](const Result<Found>& found) {
    if (!found) return;
    above_ = found->servers;
    for (FoundServer& server : above_) server.priority |= kAfterAllOthers;
    tell_servers();
  });
}

void DrillReader::tell_servers() {
  std::vector<FoundServer> all = servers_;
  all.insert(all.end(), above_.begin(), above_.end());
  call([&](FeedReader& reader, Moment now) { reader.on_servers(all, now); });
}

// --- what the reader wants and tells ---

void DrillReader::dial(LineId line, const FoundServer& server) {
  lines_.emplace(line, std::make_unique<Line>(*this, line, server));
}

void DrillReader::send(LineId line, Bytes bytes) { lines_.at(line)->send(bytes); }

void DrillReader::close(LineId line) {
  lines_.at(line)->close();
  lines_.erase(line);
}

void DrillReader::on_event(const FeedEvent& event) { world_.observer.on_event(plan_.label, event); }

void DrillReader::on_status(const FeedStatus& status) {
  if (status.news != FeedNews::none && status.news != FeedNews::server_lost) {
    world_.tell(plan_.label,
                fmt::format("{}: {}", to_string(status.news), status.error ? status.error->message() : std::string()));
  }
  if (status.state == FeedState::failed || status.state == FeedState::finished) {
    world_.observer.on_given_up(plan_.label, status.error.value_or(Error{ErrorCode::kInterrupted, "finished"}));
  }
}

}  // namespace xylem
