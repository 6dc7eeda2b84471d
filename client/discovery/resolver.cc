#include "client/discovery/resolver.h"

#include <ares.h>
#include <fmt/format.h>

#include <deque>
#include <map>

#include "client/uv/timer.h"
#include "client/uv/wake.h"

namespace xylem {
namespace {

constexpr int kEdnsBytes = 1232;  // DNS flag day 2020: fits every path without fragments
constexpr int kClassIn = 1;

// c-ares wants to be told once per process that it is in use.
int ares_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  return status;
}

}  // namespace

// The c-ares channel. Answers are collected while c-ares is at work and handed out in a turn of their own, so that
// whoever gets one may ask again or destroy the Resolver.
class Resolver::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Loop& loop, const ResolverOptions& options)
      : loop_(loop),
        options_(options),
        timeout_(std::in_place, loop, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }),
        delivery_(std::in_place, loop, [this] { deliver(); }) {
    init_status_ = open();
  }
  ~Channel() { close(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void ask(const DnsQuestion& question, OnAnswer on_answer);
  void close();
  std::size_t questions() const { return in_flight_ + waiting_.size(); }

 private:
  struct Query {
    Channel* channel;
    DnsQuestion question;
    OnAnswer on_answer;
  };
  struct Ready {
    OnAnswer on_answer;
    Result<Bytes> message;
  };

  int open();
  void send(std::unique_ptr<Query> query);
  void process(ares_socket_t readable, ares_socket_t writable);
  void set_timeout();
  void watch(ares_socket_t fd, bool readable, bool writable);
  void answer(std::unique_ptr<Query> query, int status, const unsigned char* bytes, int size);
  void make_ready(OnAnswer on_answer, Result<Bytes> message);
  void deliver();

  Loop& loop_;
  const ResolverOptions options_;
  int init_status_ = ARES_SUCCESS;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, Poll> polls_;
  std::optional<Timer> timeout_, delivery_;
  std::size_t in_flight_ = 0;
  std::deque<std::unique_ptr<Query>> waiting_;
  std::deque<Ready> ready_;
};

int Resolver::Channel::open() {
  if (const int status = ares_library(); status != ARES_SUCCESS) return status;
  ares_options options{};
  options.flags = ARES_FLAG_EDNS;
  options.ednspsz = kEdnsBytes;
  options.timeout = static_cast<int>(options_.attempt_timeout.count());
  options.tries = options_.attempts;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Channel*>(self)->watch(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  const int given = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  const int status = ares_init_options(&channel_, &options, given);
  if (status != ARES_SUCCESS || !options_.server) return status;
  return ares_set_servers_ports_csv(channel_, options_.server->to_string().c_str());
}

void Resolver::Channel::close() {
  timeout_.reset();
  delivery_.reset();
  waiting_.clear();
  ready_.clear();
  if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  polls_.clear();
}

void Resolver::Channel::ask(const DnsQuestion& question, OnAnswer on_answer) {
  if (init_status_ != ARES_SUCCESS) {
    return make_ready(std::move(on_answer), fail(ErrorCode::kDns, ares_strerror(init_status_)));
  }
  if (questions() >= options_.questions_max) {
    return make_ready(std::move(on_answer), fail(ErrorCode::kOverloaded, "too many DNS questions under way"));
  }
  auto query = std::make_unique<Query>(Query{this, question, std::move(on_answer)});
  if (in_flight_ >= options_.questions_in_flight_max) {
    waiting_.push_back(std::move(query));
  } else {
    send(std::move(query));
  }
}

void Resolver::Channel::send(std::unique_ptr<Query> query) {
  ++in_flight_;
  Query* raw = query.release();  // comes back in the callback, which may be called from inside ares_query
  ares_query(
      channel_, raw->question.name.c_str(), kClassIn, static_cast<int>(raw->question.type),
      [](void* self, int status, int /*timeouts*/, unsigned char* bytes, int size) {
        std::unique_ptr<Query> mine(static_cast<Query*>(self));
        Channel* channel = mine->channel;
        channel->answer(std::move(mine), status, bytes, size);
      },
      raw);
  set_timeout();
}

void Resolver::Channel::answer(std::unique_ptr<Query> query, int status, const unsigned char* bytes, int size) {
  --in_flight_;
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return;
  // NXDOMAIN and NODATA are errors for c-ares, but come with their bytes (and so with their SOA).
  if (bytes != nullptr && size > 0) return make_ready(std::move(query->on_answer), Bytes(bytes, bytes + size));
  const std::string why = fmt::format("{}: {}", query->question.to_string(), ares_strerror(status));
  make_ready(std::move(query->on_answer), fail(ErrorCode::kDns, why));
}

void Resolver::Channel::make_ready(OnAnswer on_answer, Result<Bytes> message) {
  ready_.push_back({std::move(on_answer), std::move(message)});
  delivery_->start(std::chrono::milliseconds(0));
}

void Resolver::Channel::deliver() {
  const std::shared_ptr<Channel> self = shared_from_this();
  while (!waiting_.empty() && in_flight_ < options_.questions_in_flight_max) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    send(std::move(next));
  }
  // Only what is ready by now: a question that fails at once must not keep the loop here.
  for (std::deque<Ready> batch = std::exchange(ready_, {}); !batch.empty() && delivery_; batch.pop_front()) {
    batch.front().on_answer(std::move(batch.front().message));
  }
}

void Resolver::Channel::process(ares_socket_t readable, ares_socket_t writable) {
  ares_process_fd(channel_, readable, writable);
  set_timeout();
}

void Resolver::Channel::set_timeout() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) == nullptr) return timeout_->stop();
  const auto exact = std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
  timeout_->start(std::chrono::ceil<std::chrono::milliseconds>(exact));
}

void Resolver::Channel::watch(ares_socket_t fd, bool readable, bool writable) {
  if (!readable && !writable) {
    polls_.erase(fd);  // c-ares closes the socket next
    return;
  }
  auto poll = polls_.find(fd);
  if (poll == polls_.end()) {
    Result<Poll> opened = Poll::open(loop_, fd, [this, fd](int status, int events) {
      const bool failed = status != 0;  // c-ares finds out by trying
      process(failed || (events & UV_READABLE) != 0 ? fd : ARES_SOCKET_BAD,
              failed || (events & UV_WRITABLE) != 0 ? fd : ARES_SOCKET_BAD);
    });
    if (!opened) return;  // the attempt times out
    poll = polls_.emplace(fd, std::move(*opened)).first;
  }
  poll->second.start((readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0));
}

Resolver::Resolver(Loop& loop, const ResolverOptions& options) : channel_(std::make_shared<Channel>(loop, options)) {}

Resolver::~Resolver() { channel_->close(); }

void Resolver::ask(const DnsQuestion& question, OnAnswer on_answer) { channel_->ask(question, std::move(on_answer)); }

std::size_t Resolver::questions_under_way() const { return channel_->questions(); }

}  // namespace xylem
