#include "client/reader/following.h"

namespace xylem {

class Following::Line final : private TcpLineEvents {
 public:
  Line(Following& owner, LineId id, const FoundServer& server)
      : owner_(owner), id_(id), tcp_(owner.loop_, server.addresses, *this) {}

  TcpLine& tcp() { return tcp_; }

 private:
  // The reader may close the line from within each of these, so it is not touched afterwards.
  void on_open() override {
    Following& owner = owner_;
    owner.reader_->on_connected(id_, owner.now());
    owner.after_call();
  }
  void on_bytes(ByteView bytes) override {
    Following& owner = owner_;
    owner.reader_->on_bytes(id_, bytes, owner.now());
    owner.after_call();
  }
  void on_closed(const Error& error) override {
    Following& owner = owner_;
    owner.reader_->on_closed(id_, Error(error), owner.now());
    owner.after_call();
  }

  Following& owner_;
  LineId id_;
  TcpLine tcp_;
};

Following::Following(Loop& loop, LingerList& linger, FollowingOwner& owner, Reader::Id id, FeedReaderOptions options,
                     Reader::Callbacks callbacks)
    : loop_(loop),
      linger_(linger),
      owner_(owner),
      id_(id),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      timer_(loop, [this] {
        reader_->on_deadline(now());
        after_call();
      }) {}

Following::~Following() = default;

void Following::begin(Trust& trust, RedactionBook& redactions, const RandomBits& random) {
  if (reader_ || over_) return;
  reader_.emplace(trust, redactions, options_, random, static_cast<FeedReaderShell&>(*this),
                  static_cast<FeedListener&>(*this), now());
  if (servers_) reader_->on_servers(all_servers(), now());
  after_call();
}

void Following::on_servers(Result<std::vector<FoundServer>> servers) {
  servers_ = std::move(servers);
  if (!reader_) return;
  reader_->on_servers(all_servers(), now());
  after_call();
}

void Following::on_servers_above(std::vector<FoundServer> servers) {
  constexpr std::uint16_t kAfterAllOthers = 0x8000;
  for (FoundServer& server : servers) server.priority |= kAfterAllOthers;
  above_ = std::move(servers);
  if (reader_ && servers_) on_servers(std::move(*servers_));
}

Result<std::vector<FoundServer>> Following::all_servers() const {
  if (!*servers_) return *servers_;
  std::vector<FoundServer> all = **servers_;
  all.insert(all.end(), above_.begin(), above_.end());
  return all;
}

void Following::report(const Error& error) {
  if (over_ || !callbacks_.status) return;
  FeedStatus status;
  status.position = options_.from;
  status.error = error;
  callbacks_.status(status);
}

void Following::fail(const Error& error) {
  if (over_) return;
  FeedStatus status = reader_ ? reader_->status() : FeedStatus{};
  status.state = FeedState::failed;
  status.error = error;
  stop();
  if (callbacks_.status) callbacks_.status(status);
}

void Following::stop() {
  if (over_) return;
  if (reader_) reader_->stop();
  end();
}

void Following::end() {
  over_ = true;
  timer_.stop();
  owner_.on_over();
}

void Following::after_call() {
  if (over_) return;
  owner_.on_progress();
  if (reader_->over()) return end();
  timer_.start_at(reader_->deadline());
}

void Following::dial(LineId line, const FoundServer& server) {
  lines_.emplace(line, std::make_unique<Line>(*this, line, server));
}

void Following::send(LineId line, Bytes bytes) { lines_.at(line)->tcp().send(bytes); }

void Following::close(LineId line) {
  if (TcpStream stream = lines_.at(line)->tcp().take_stream()) linger_.add(std::move(stream));
  lines_.erase(line);
}

void Following::on_record(const RecordView& record) {
  if (callbacks_.record && !over_) callbacks_.record(record);
}
void Following::on_event(const FeedEvent& event) {
  if (callbacks_.event && !over_) callbacks_.event(event);
}
void Following::on_notice(const FeedNotice& notice) {
  if (callbacks_.notice && !over_) callbacks_.notice(notice);
}
void Following::on_status(const FeedStatus& status) {
  if (callbacks_.status && !over_) callbacks_.status(status);
}

}  // namespace xylem
