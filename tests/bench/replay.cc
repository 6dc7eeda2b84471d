// Replay of a bucket to one child over loopback TCP: the child proves itself, subscribes to the whole bucket from its
// start and reads until it is told that it is live. Floor: sendfile of the same files, whole, on such a socket. Both
// ways the child throws away what it gets; once, before, it looks at every record.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "client/uv/loop.h"
#include "relay/serve/loop/serving_loop.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

struct Cost {
  double wall = 0;
  double cpu = 0;  // of the thread that sends
};

// The calling thread stays on the first processor. Sender and child share it, alike both ways: who pays for the
// receiver's TCP, and for waking the other up, would otherwise be chance.
void stay_on_one_processor() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(0, &set);
  must_be(::sched_setaffinity(0, sizeof set, &set) == 0, "choose a processor");
}

class Affinity {
 public:
  Affinity() { must_be(::sched_getaffinity(0, sizeof before_, &before_) == 0, "ask for processors"); }
  ~Affinity() { ::sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

// The machine may have chosen one that paces (BBR): over loopback that is most of what one measures, and depends on how
// a connection began. Those that a listener accepts have its own.
void use_plain_congestion_control(int socket) {
  must_be(::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) == 0, "choose a congestion control");
}

// The socket of ours that listens on the port.
int find_listener(std::uint16_t port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    sockaddr_in address{};
    socklen_t size = sizeof address;
    int listens = 0;
    socklen_t listens_size = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0 || listens == 0) continue;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    if (ntohs(address.sin_port) == port) return descriptor;
  }
  give_up("replay", "nobody listens");
}

// A bucket on disk.
struct Stored {
  Stored(const std::string& folder, std::uint64_t events)
      : scratch(folder, "replay"),
        storage(must(PosixStorage::open(scratch.path(), PosixStorage::Access::write), "open a folder")),
        log(must(BucketLog::open(*storage, "b", kBenchBucket, {}), "open a log")) {
    BucketSource source;
    while (source.events_made() < events) {
      const std::vector<RecordView> views = source.next(events - source.events_made());
      for (const RecordView& view : views) bytes += view.frame.size();
      records += views.size();
      must(log->append(views), "append");
      log->publish();
    }
  }

  // Where each segment's records lie.
  std::vector<ColdRun> segments() const {
    std::vector<ColdRun> runs;
    LogReader reader(*log);
    const LogWindow window = reader.window();
    for (Seq next = window.floor; next <= window.head; next = runs.back().last.next()) {
      runs.push_back(must(reader.cold_run(next, SIZE_MAX), "find a segment"));
    }
    return runs;
  }

  ScratchFolder scratch;
  std::unique_ptr<PosixStorage> storage;
  std::unique_ptr<BucketLog> log;
  std::size_t bytes = 0;
  std::size_t records = 0;
};

// A serving loop on a thread of its own.
class Server {
 public:
  explicit Server(BucketLog& log) {
    std::promise<std::uint16_t> listening;
    auto port_taken = listening.get_future();
    thread_ = std::thread([this, &log, &listening] {
      stay_on_one_processor();
      Loop loop;
      BucketLog* const logs[] = {&log};
      ServingLoop serving(loop, node_, logs, bench_facts());
      loop_ = &loop;
      listening.set_value(must(serving.listen(SocketAddress::v4({127, 0, 0, 1}, 0)), "listen").port());
      loop.run();
    });
    port_ = port_taken.get();
    use_plain_congestion_control(find_listener(port_));
  }
  ~Server() {
    loop_->stop();
    thread_.join();
  }
  std::uint16_t port() const { return port_; }
  double cpu() { return thread_cpu_seconds(thread_.native_handle()); }

 private:
  BenchNode node_;
  Loop* loop_ = nullptr;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

class Child {
 public:
  explicit Child(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    must_be(::connect(socket_, to, sizeof address) == 0, "connect");
    const int on = 1;
    must_be(::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "set a socket up");
  }
  ~Child() { ::close(socket_); }

  void say(ByteView bytes) {
    must_be(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()), "send");
  }
  std::size_t hear(std::span<std::uint8_t> into) {
    const ssize_t count = ::recv(socket_, into.data(), into.size(), 0);
    must_be(count > 0, "receive");
    return static_cast<std::size_t>(count);
  }
  // Throws away `bytes`; the kernel copies nothing.
  void pass_over(std::size_t bytes) {
    while (bytes > 0) {
      const ssize_t count = ::recv(socket_, nullptr, bytes, MSG_TRUNC);
      must_be(count > 0, "receive");
      bytes -= static_cast<std::size_t>(count);
    }
  }

 private:
  int socket_;
};

// Handshake and subscription; gives how many bytes were heard up to the end of WELCOME and beyond.
std::size_t subscribe(Child& child, FrameSplitter& splitter, Bytes& buffer) {
  Bytes hello(kNativeMagic.begin(), kNativeMagic.end());
  const Bytes frame = encode(bench_hello(Role::relay));
  hello.insert(hello.end(), frame.begin(), frame.end());
  child.say(hello);
  std::size_t heard = 0;
  for (;;) {
    const std::size_t count = child.hear(buffer);
    heard += count;
    splitter.feed(ByteView(buffer).first(count));
    const auto first = must(splitter.next(), "split");
    if (!first) continue;
    const auto welcome = std::get<Welcome>(must(decode_frame(*first), "decode WELCOME"));
    const SigningKey key = sample_key(kChildKey);
    const RelayId parent = relay_id_of(welcome.key);
    child.say(encode(Prove{key.public_key(), sign_prove(key, SampleZone().id, welcome.nonce, parent)}));
    Subscribe subscribe;
    subscribe.buckets.push_back({.bucket = kBenchBucket, .epoch = {}, .seq = {}, .hash = {}});
    child.say(encode(subscribe));
    return heard;
  }
}

// Every record arrives, in order, and then it is live. How many bytes that is in all.
std::size_t check_replay(const Server& server, const Stored& stored) {
  Child child(server.port());
  FrameSplitter splitter;
  Bytes buffer(Loop::kReadBufferBytes);
  std::size_t heard = subscribe(child, splitter, buffer);
  for (Seq last; true;) {
    for (auto frame = must(splitter.next(), "split"); frame; frame = must(splitter.next(), "split")) {
      if (frame->type == FrameType::record) {
        const Seq seq = must(parse_record(*frame), "parse a record").header().seq;
        if (seq != last.next()) give_up("replay", "a record is missing");
        last = seq;
      } else if (frame->type == FrameType::status) {
        if (last.value != stored.records) give_up("replay", "live before every record was sent");
        return heard;
      }
    }
    const std::size_t count = child.hear(buffer);
    heard += count;
    splitter.feed(ByteView(buffer).first(count));
  }
}

Cost run_subject(Server& server, std::size_t bytes) {
  const double cpu = server.cpu();
  const double begin = wall_seconds();
  Child child(server.port());
  FrameSplitter splitter;
  Bytes buffer(Loop::kReadBufferBytes);
  const std::size_t heard = subscribe(child, splitter, buffer);
  child.pass_over(bytes - heard);
  return {wall_seconds() - begin, server.cpu() - cpu};
}

// As a serving loop's sockets are: non-blocking, no delay, little unsent in the kernel.
void set_up(int socket) {
  const int on = 1;
  const std::uint32_t notsent = ServingLoopOptions{}.notsent_bytes_max;
  must_be(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "set a socket up");
  must_be(::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent, sizeof notsent) == 0, "set a socket up");
  must_be(::fcntl(socket, F_SETFL, O_NONBLOCK) == 0, "set a socket up");
  use_plain_congestion_control(socket);
}

void send_files(int listener, const std::vector<ColdRun>& files) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  must_be(socket >= 0, "accept");
  set_up(socket);
  for (const ColdRun& run : files) {
    auto offset = static_cast<off_t>(run.offset);
    const auto end = static_cast<off_t>(run.offset + run.bytes);
    while (offset < end) {
      const auto rest = static_cast<std::size_t>(end - offset);
      if (::sendfile(socket, run.file->descriptor(), &offset, rest) >= 0) continue;
      must_be(errno == EAGAIN, "sendfile");
      pollfd wait{socket, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    }
  }
  ::close(socket);
}

Cost run_floor(const std::vector<ColdRun>& files, std::size_t bytes) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* at = reinterpret_cast<sockaddr*>(&address);
  must_be(::bind(listener, at, size) == 0 && ::listen(listener, 1) == 0 && ::getsockname(listener, at, &size) == 0,
          "listen");
  Cost cost;
  std::thread sender([&] {
    stay_on_one_processor();
    const double begin = thread_cpu_seconds();
    send_files(listener, files);
    cost.cpu = thread_cpu_seconds() - begin;
  });
  const double begin = wall_seconds();
  Child child(ntohs(address.sin_port));
  child.pass_over(bytes);
  cost.wall = wall_seconds() - begin;
  sender.join();
  ::close(listener);
  return cost;
}

}  // namespace

std::vector<Figure> bench_replay(const BenchSettings& settings) {
  const std::uint64_t events = settings.quick ? 20'000 : 1'000'000;
  const Stored stored(settings.folder, events);
  const std::vector<ColdRun> files = stored.segments();
  Server server(*stored.log);
  const Affinity restored;
  stay_on_one_processor();
  const std::size_t stream_bytes = check_replay(server, stored);

  Figure wall;
  wall.name = fmt::format("replay of {} events", events);
  wall.unit = "ms a GB";
  wall.floor = "sendfile of the same files on such a socket";
  Figure cpu = wall;
  cpu.name += ", CPU";
  cpu.unit = "ms server CPU a GB";
  std::vector<double> floor_cpu, subject_cpu;
  const double per_gb = 1e3 / (static_cast<double>(stored.bytes) / 1e9);
  const auto noted = [per_gb](const Cost& cost, std::vector<double>& cpu_costs) {
    cpu_costs.push_back(cost.cpu * per_gb);
    return cost.wall * per_gb;
  };
  measure(
      wall, settings.quick ? 2 : 15, [&] { return noted(run_floor(files, stored.bytes), floor_cpu); },
      [&] { return noted(run_subject(server, stream_bytes), subject_cpu); });
  cpu.floor_costs.assign(floor_cpu.begin() + 1, floor_cpu.end());  // the first was to warm up
  cpu.subject_costs.assign(subject_cpu.begin() + 1, subject_cpu.end());
  wall.facts = {{"bytes", static_cast<double>(stored.bytes)},
                {"records", static_cast<double>(stored.records)},
                {"files", static_cast<double>(files.size())}};
  cpu.facts = wall.facts;
  return {wall, cpu};
}

}  // namespace xylem
