#include "client/uv/tcp_stream.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "client/uv/timer.h"
#include "client/uv/wake.h"

namespace xylem {
namespace {

// Pieces handed to the kernel in one call; a write of more takes several calls.
constexpr std::size_t kPiecesPerCallMax = 64;

uv_buf_t to_uv(ByteView bytes) {
  // libuv takes char*, and only reads from it.
  auto* data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data()));
  return uv_buf_init(data, static_cast<unsigned>(bytes.size()));
}

}  // namespace

// What is only needed until the connection stands.
struct TcpStream::Connecting {
  uv_connect_t request{};
  std::string to;
  std::optional<Timer> timeout;
};

// One descriptor more while somebody waits for the socket to take bytes: libuv itself tells that only of its own
// writes.
struct TcpStream::Writable {
  int fd;
  Poll poll;

  ~Writable() {
    poll.stop();
    ::close(fd);
  }
};

// What waits for the socket. It holds its pieces until libuv is done with them, also past the end of the stream.
struct TcpStream::WriteRequest {
  uv_write_t uv{};
  std::vector<SharedBytes> pieces;
};

TcpStream::State::State() = default;
TcpStream::State::~State() = default;

void TcpStream::State::on_close() {
  events = nullptr;
  writable.reset();
  if (connecting != nullptr) connecting->timeout.reset();  // the request itself is libuv's until it is cancelled
}

void TcpStream::State::fail(const Error& error) {
  if (events == nullptr) return;
  uv_read_stop(stream());
  std::exchange(events, nullptr)->on_error(error);
}

Result<TcpStream> TcpStream::open(Loop& loop, unsigned family) {
  TcpStream out;
  const int status =
      out.handle_.open(std::make_unique<State>(), [&](uv_tcp_t* uv) { return uv_tcp_init_ex(loop.raw(), uv, family); });
  if (status != 0) return xylem::fail(uv_error(status, "socket"));
  return out;
}

Result<TcpStream> TcpStream::connect(Loop& loop, const SocketAddress& to, std::chrono::milliseconds timeout,
                                     const TcpOptions& options, StreamEvents& events) {
  sockaddr_storage address;
  to.to_sockaddr(address);
  Result<TcpStream> out = open(loop, address.ss_family);
  if (!out) return out;
  State& state = *out->handle_;
  state.events = &events;
  out->set_options(options);
  state.connecting = std::make_unique<Connecting>(Connecting{{}, to.to_string(), std::nullopt});
  const int status = uv_tcp_connect(&state.connecting->request, &state.uv, reinterpret_cast<const sockaddr*>(&address),
                                    &TcpStream::on_connect_done);
  if (status != 0) return xylem::fail(uv_error(status, "connect " + to.to_string()));
  state.connecting->timeout.emplace(loop, [&state] { on_connect_timeout(state); });
  state.connecting->timeout->start(timeout);
  return out;
}

void TcpStream::on_connect_done(uv_connect_t* request, int status) {
  State& state = Handle<State>::of(request->handle);
  if (state.events == nullptr) return;
  const std::string to = std::move(state.connecting->to);
  state.connecting.reset();
  if (status != 0) return state.fail(uv_error(status, "connect " + to));
  state.events->on_connected();
}

void TcpStream::on_connect_timeout(State& state) {
  state.connecting->timeout.reset();
  state.fail({ErrorCode::kTimeout, "connect " + state.connecting->to});
}

void TcpStream::set_options(const TcpOptions& options) {
  State& state = *handle_;
  state.queue_bytes_max = options.queue_bytes_max;
  uv_tcp_nodelay(&state.uv, options.no_delay ? 1 : 0);
  if (options.notsent_bytes_max == 0) return;
  const std::uint32_t bytes = options.notsent_bytes_max;
  ::setsockopt(fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

void TcpStream::set_events(StreamEvents& events) { handle_->events = &events; }

void TcpStream::read_start() { uv_read_start(handle_->stream(), &TcpStream::on_alloc, &TcpStream::on_read); }

void TcpStream::read_stop() { uv_read_stop(handle_->stream()); }

void TcpStream::on_alloc(uv_handle_t* uv, std::size_t /*suggested*/, uv_buf_t* out) {
  const std::span<char> buffer = Loop::of(uv->loop).read_buffer();
  *out = uv_buf_init(buffer.data(), static_cast<unsigned>(buffer.size()));
}

void TcpStream::on_read(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer) {
  State& state = Handle<State>::of(uv);
  if (state.events == nullptr || count == 0) return;
  if (count > 0) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(buffer->base);
    return state.events->on_bytes({data, static_cast<std::size_t>(count)});
  }
  if (count != UV_EOF) return state.fail(uv_error(static_cast<int>(count), "read"));
  uv_read_stop(uv);
  state.events->on_end();
}

Result<void> TcpStream::refuse_if_full(std::size_t more_bytes) const {
  const std::size_t queued = queued_bytes();
  if (queued == 0 || queued + more_bytes <= handle_->queue_bytes_max) return {};
  return xylem::fail(ErrorCode::kTooSlow, fmt::format("{} bytes wait for the peer", queued));
}

Result<void> TcpStream::write(std::span<const SharedBytes> pieces) {
  std::size_t bytes = 0;
  for (const SharedBytes& piece : pieces) bytes += piece.size();
  if (Result<void> room = refuse_if_full(bytes); !room) return room;
  while (!pieces.empty()) {
    const auto now = pieces.first(std::min(pieces.size(), kPiecesPerCallMax));
    std::array<uv_buf_t, kPiecesPerCallMax> buffers;
    std::size_t size = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      buffers[i] = to_uv(now[i].view());
      size += now[i].size();
    }
    const int status = uv_try_write(handle_->stream(), buffers.data(), static_cast<unsigned>(now.size()));
    if (status < 0 && status != UV_EAGAIN) return xylem::fail(uv_error(status, "write"));
    const auto taken = static_cast<std::size_t>(std::max(status, 0));
    if (taken < size) return queue(pieces, taken);
    pieces = pieces.subspan(now.size());
  }
  return {};
}

Result<void> TcpStream::write(ByteView bytes) {
  if (Result<void> room = refuse_if_full(bytes.size()); !room) return room;
  if (bytes.empty()) return {};
  const uv_buf_t buffer = to_uv(bytes);
  const int status = uv_try_write(handle_->stream(), &buffer, 1);
  if (status < 0 && status != UV_EAGAIN) return xylem::fail(uv_error(status, "write"));
  const auto taken = static_cast<std::size_t>(std::max(status, 0));
  if (taken == bytes.size()) return {};
  const SharedBytes rest = SharedBytes::copy_of(bytes.subspan(taken));
  return queue(std::span(&rest, 1), 0);
}

Result<void> TcpStream::queue(std::span<const SharedBytes> pieces, std::size_t skip_bytes) {
  auto request = std::make_unique<WriteRequest>();
  std::vector<uv_buf_t> buffers;
  for (const SharedBytes& piece : pieces) {
    const std::size_t skip = std::min(skip_bytes, piece.size());
    skip_bytes -= skip;
    if (skip == piece.size()) continue;
    request->pieces.push_back(piece.slice(skip));
    buffers.push_back(to_uv(request->pieces.back().view()));
  }
  request->uv.data = request.get();
  const int status = uv_write(&request->uv, handle_->stream(), buffers.data(), static_cast<unsigned>(buffers.size()),
                              &TcpStream::on_write_done);
  if (status != 0) return xylem::fail(uv_error(status, "write"));
  static_cast<void>(request.release());
  return {};
}

void TcpStream::on_write_done(uv_write_t* uv, int status) {
  State& state = Handle<State>::of(uv->handle);
  const std::unique_ptr<WriteRequest> request(static_cast<WriteRequest*>(uv->data));
  if (status != 0) return state.fail(uv_error(status, "write"));
  const bool drained = uv_stream_get_write_queue_size(state.stream()) == 0;
  if (drained && state.events != nullptr) state.events->on_drained();
}

std::size_t TcpStream::queued_bytes() const { return uv_stream_get_write_queue_size(handle_->stream()); }

void TcpStream::shutdown() {
  // A failure here means that the connection is gone, and reading tells that.
  State& state = *handle_;
  if (state.shutdown != nullptr) return;
  state.shutdown = std::make_unique<uv_shutdown_t>();
  uv_shutdown(state.shutdown.get(), state.stream(), [](uv_shutdown_t*, int) {});
}

int TcpStream::fd() const {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle_->uv), &fd);
  return fd;
}

Result<void> TcpStream::notify_writable() {
  State& state = *handle_;
  if (state.writable != nullptr) return {};
  const int copy = ::fcntl(fd(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return xylem::fail(uv_error(-errno, "dup of a socket"));
  Result<Poll> poll =
      Poll::open(Loop::of(state.uv.loop), copy, [&state](int status, int) { on_writable(state, status); });
  if (!poll) {
    ::close(copy);
    return xylem::fail(poll.error());
  }
  poll->start(UV_WRITABLE);
  state.writable.reset(new Writable{copy, std::move(*poll)});
  return {};
}

void TcpStream::on_writable(State& state, int status) {
  state.writable.reset();
  if (status != 0) return state.fail(uv_error(status, "poll of a socket"));
  if (state.events != nullptr) state.events->on_writable();
}

SocketAddress TcpStream::peer_address() const {
  sockaddr_storage address{};
  int size = sizeof(address);
  uv_tcp_getpeername(&handle_->uv, reinterpret_cast<sockaddr*>(&address), &size);
  return SocketAddress::from(reinterpret_cast<const sockaddr&>(address));
}

SocketAddress TcpStream::local_address() const {
  sockaddr_storage address{};
  int size = sizeof(address);
  uv_tcp_getsockname(&handle_->uv, reinterpret_cast<sockaddr*>(&address), &size);
  return SocketAddress::from(reinterpret_cast<const sockaddr&>(address));
}

}  // namespace xylem
