// What happens to bytes the socket does not take at once.
#include <sys/socket.h>

#include <algorithm>
#include <random>

#include "tests/unit/uv/stream_recorder.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr TcpOptions kRoomy{.queue_bytes_max = 1024 * kMiB};

// Bytes in which a lost, doubled or moved piece shows.
SharedBytes pattern(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::mt19937_64 random(seed);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return SharedBytes::adopt(std::move(bytes));
}

}  // namespace

TEST_CASE("a long write of many pieces arrives whole and in order") {
  Loop loop;
  Connection tcp(loop, kRoomy);
  std::string sent;
  std::vector<SharedBytes> pieces;
  for (std::size_t i = 0; i < 300; ++i) {  // several calls of the kernel, pieces of nothing among them
    pieces.push_back(pattern(i % 7 == 0 ? 0 : i * 97, i));
    sent += as_text(pieces.back().view());
  }
  REQUIRE(tcp.near.write(pieces));
  const SharedBytes big = pattern(32 * kMiB, 1);
  sent += as_text(big.view());
  REQUIRE(tcp.near.write(big));
  REQUIRE(tcp.near.write(as_bytes("the end")));
  sent += "the end";
  CHECK(tcp.near.queued_bytes() > 0);
  tcp.far.read_start();
  run_until(loop, [&] { return tcp.far_events.bytes.size() >= sent.size() && tcp.near_events.drained > 0; });
  CHECK((tcp.far_events.bytes == sent));
  CHECK(tcp.near_events.drained == 1);
  CHECK(tcp.near.queued_bytes() == 0);
}

TEST_CASE("what leaves at once holds nothing, what waits holds its bytes until it has left") {
  Loop loop;
  Connection tcp(loop, kRoomy);
  const SharedBytes small = SharedBytes::copy_of("small");
  REQUIRE(tcp.near.write(small));
  CHECK(small.owners() == 1);
  const SharedBytes big = pattern(32 * kMiB, 2);
  REQUIRE(tcp.near.write(big));
  CHECK(big.owners() == 2);
  tcp.far.read_start();
  run_until(loop, [&] { return tcp.near_events.drained == 1; });
  CHECK(big.owners() == 1);
  CHECK(small.owners() == 1);
}

TEST_CASE("one write more than the queue holds is refused as too slow, and nothing of it is sent") {
  Loop loop;
  Connection tcp(loop, {.queue_bytes_max = kMiB});
  const SharedBytes big = pattern(32 * kMiB, 3);
  REQUIRE(tcp.near.write(big));  // into an empty queue: never refused
  REQUIRE(tcp.near.queued_bytes() > kMiB);
  const Result<void> refused = tcp.near.write(SharedBytes::copy_of("x"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kTooSlow);
  REQUIRE_FALSE(tcp.near.write(as_bytes("x")));
  tcp.far.read_start();
  run_until(loop, [&] { return tcp.near_events.drained == 1; });
  REQUIRE(tcp.near.write(as_bytes("y")));
  run_until(loop, [&] { return tcp.far_events.bytes.size() == big.size() + 1; });
  CHECK(tcp.far_events.bytes.back() == 'y');
}

TEST_CASE("with a low-water mark the kernel keeps little of a stalled reader's backlog") {
  Loop loop;
  Connection tcp(loop, {.notsent_bytes_max = 16 * 1024, .queue_bytes_max = 1024 * kMiB});
  Connection plain(loop, kRoomy);
  const SharedBytes piece = pattern(4096, 4);
  const auto taken_by_kernel = [&](TcpStream& stream) {
    std::size_t taken = 0;
    while (stream.queued_bytes() == 0) {
      REQUIRE(stream.write(piece));
      taken += piece.size();
    }
    return taken;
  };
  CHECK(taken_by_kernel(tcp.near) < taken_by_kernel(plain.near));
}

TEST_CASE("closing with a full queue drops it, without a word to anyone") {
  Loop loop;
  Connection tcp(loop, kRoomy);
  const SharedBytes big = pattern(32 * kMiB, 5);
  REQUIRE(tcp.near.write(big));
  CHECK(big.owners() == 2);
  tcp.near.close();
  tcp.far.close();
  tcp.listener.close();
  loop.run();
  CHECK(big.owners() == 1);
  CHECK(tcp.near_events.drained == 0);
  CHECK_FALSE(tcp.near_events.failed);
}

TEST_CASE("a peer that goes while bytes wait is one error, and writing after it another") {
  Loop loop;
  Connection tcp(loop, kRoomy);
  REQUIRE(tcp.near.write(pattern(32 * kMiB, 6)));
  tcp.far.close();
  run_until(loop, [&] { return tcp.near_events.failed.has_value(); });
  CHECK(tcp.near_events.failed->code == ErrorCode::kIo);
  tcp.near_events.failed.reset();
  const Result<void> refused = tcp.near.write(as_bytes("more"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kIo);
  loop.run_ready();
  CHECK_FALSE(tcp.near_events.failed);  // nothing follows an error
}

TEST_CASE("shutdown lets the queue leave first") {
  Loop loop;
  Connection tcp(loop, kRoomy);
  REQUIRE(tcp.near.write(pattern(16 * kMiB, 7)));
  tcp.near.shutdown();
  tcp.far.read_start();
  run_until(loop, [&] { return tcp.far_events.ended; });
  CHECK(tcp.far_events.bytes.size() == 16 * kMiB);
}

TEST_CASE("a socket filled past libuv tells when it takes bytes again") {
  Loop loop;
  Connection tcp(loop);
  const std::string block(64 * 1024, 'x');
  std::size_t sent = 0;
  while (true) {  // as sendfile does
    const ssize_t taken = ::send(tcp.near.fd(), block.data(), block.size(), MSG_NOSIGNAL);
    if (taken < 0) break;
    sent += static_cast<std::size_t>(taken);
  }
  REQUIRE(tcp.near.notify_writable());
  REQUIRE(tcp.near.notify_writable());  // asked twice, told once
  loop.run_ready();
  CHECK(tcp.near_events.writable == 0);
  tcp.far.read_start();
  run_until(loop, [&] { return tcp.near_events.writable == 1; });
  run_until(loop, [&] { return tcp.far_events.bytes.size() == sent; });
  CHECK(tcp.near_events.writable == 1);
  REQUIRE(tcp.near.notify_writable());
  run_until(loop, [&] { return tcp.near_events.writable == 2; });
  REQUIRE(tcp.near.notify_writable());
  tcp.near.close();  // while it waits: its descriptor goes, too
}
