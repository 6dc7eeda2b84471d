// Many readers in one process, from many addresses of the loopback net. Each subscribes to the feed from its start and
// is told all up to the present before they say that they are ready; from then on bytes are counted and thrown away.
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "tests/bench/bench_world.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

// Ports of one address would run short, and a server may bound what comes from one.
constexpr std::size_t kReadersAnAddress = 64;
constexpr std::size_t kReadBytes = 256 * kKiB;
constexpr std::uint32_t kCommands = UINT32_MAX;  // epoll's name for standard input

int connect_reader(std::size_t number, std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must_be(socket >= 0, "make a socket");
  const int on = 1;
  must_be(::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0, "set a socket up");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const auto host = static_cast<std::uint32_t>(number / kReadersAnAddress);
  address.sin_addr.s_addr = htonl((127U << 24) + (1U << 16) + (host / 250 << 8) + host % 250 + 1);
  must_be(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  must_be(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return socket;
}

Bytes greeting() {
  Bytes out(kNativeMagic.begin(), kNativeMagic.end());
  Subscribe subscribe;
  subscribe.feeds.push_back({kBenchFeed, {}, FeedMode::events});
  for (const Bytes& frame : {encode(bench_hello(Role::reader)), encode(subscribe)}) {
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

// Says what a reader says, and hears everything up to `live`.
void subscribe(int socket, const Bytes& words) {
  must_be(::send(socket, words.data(), words.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(words.size()), "send");
  FrameSplitter splitter;
  Bytes buffer(16 * kKiB);
  for (;;) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    must_be(count > 0, "receive");
    splitter.feed(ByteView(buffer).first(static_cast<std::size_t>(count)));
    for (auto frame = must(splitter.next(), "split"); frame; frame = must(splitter.next(), "split")) {
      if (frame->type != FrameType::status) continue;
      const auto status = std::get<Status>(must(decode_frame(*frame), "decode STATUS"));
      if (status.code == StatusCode::live) return;
      give_up("subscribe", "the server has nothing to say");
    }
  }
}

class Readers {
 public:
  Readers(bool native, std::uint16_t port, std::size_t count) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    must_be(epoll_ >= 0, "make an epoll");
    watch(STDIN_FILENO, kCommands);
    const Bytes words = greeting();
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.push_back(connect_reader(i, port));
      if (native) subscribe(sockets_.back(), words);
      must_be(::fcntl(sockets_.back(), F_SETFL, O_NONBLOCK) == 0, "set a socket up");
      watch(sockets_.back(), static_cast<std::uint32_t>(i));
    }
  }

  // Reads until standard input ends.
  void run() {
    for (std::vector<epoll_event> events(512); !ended_;) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const std::uint32_t who = events[static_cast<std::size_t>(i)].data.u32;
        who == kCommands ? obey() : read(sockets_[who]);
      }
      if (expected_ > 0 && received_ >= expected_) {
        if (received_ > expected_) give_up("readers", "more arrived than was sent");
        received_ = expected_ = 0;
        fmt::print("0\n");
        std::fflush(stdout);
      }
    }
  }

 private:
  void watch(int descriptor, std::uint32_t name) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = name;
    must_be(::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0, "watch a socket");
  }
  void obey() {
    char line[64];
    if (std::fgets(line, sizeof line, stdin) == nullptr) {
      ended_ = true;
    } else if (std::strncmp(line, "expect ", 7) == 0) {
      expected_ = std::strtoull(line + 7, nullptr, 10);
    }
  }
  void read(int socket) {
    const ssize_t count = ::recv(socket, nullptr, kReadBytes, MSG_TRUNC);
    must_be(count > 0, "receive");
    received_ += static_cast<std::uint64_t>(count);
  }

  int epoll_;
  std::vector<int> sockets_;
  std::uint64_t received_ = 0;
  std::uint64_t expected_ = 0;
  bool ended_ = false;
};

}  // namespace

int run_fanout_reader(const std::vector<std::string>& words) {
  if (words.size() != 3) give_up("fanout-reader", "needs KIND PORT READERS");
  raise_descriptor_limit();
  Readers readers(words[0] == "subject", static_cast<std::uint16_t>(std::stoul(words[1])), std::stoul(words[2]));
  fmt::print("0\n");
  std::fflush(stdout);
  readers.run();
  return 0;
}

}  // namespace xylem
