// A TCP connection.
//
//   connect() ── on_connected ──┐
//   accepted by TcpListener ────┴─> listen(events), read_start() ⇄ on_bytes … on_end (peer sends no more; writing goes
//   on) write(): at once what the socket takes, the rest waits holding its SharedBytes ── on_drained when all has left
//   on_error: the connection is dead, nothing follows; drop the stream
//
// Events may destroy the stream. Destroying it closes the socket at once; what waits is dropped (see linger.h for the
// polite way). An idle stream has no buffer of its own: about 350 bytes beside the kernel's.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "client/uv/handle.h"
#include "client/uv/loop.h"
#include "client/uv/shared_bytes.h"
#include "client/uv/socket_address.h"

namespace xylem {

// Who hears what happens on a stream. No event comes from inside a call of the stream's own functions.
class StreamEvents {
 public:
  virtual void on_connected() {}
  virtual void on_bytes(ByteView bytes) = 0;  // the view lives for the call
  virtual void on_end() = 0;
  virtual void on_drained() {}
  virtual void on_writable() {}  // asked for by notify_writable()
  virtual void on_error(const Error& error) = 0;

 protected:
  ~StreamEvents() = default;
};

struct TcpOptions {
  bool no_delay = true;
  // TCP_NOTSENT_LOWAT: the kernel takes no more than this beyond what it has sent, so that a slow peer's backlog stays
  // with us as a position. 0 = the system's default.
  std::uint32_t notsent_bytes_max = 0;
  // A write that would leave more than this waiting here is refused with kTooSlow (one into an empty queue never is).
  std::size_t queue_bytes_max = 4 * 1024 * 1024;
};

class TcpStream {
 public:
  TcpStream() = default;
  TcpStream(TcpStream&&) = default;
  TcpStream& operator=(TcpStream&&) = default;

  // kIo when it fails at once; otherwise on_connected or on_error (kTimeout, kIo) follows. `events` must outlive the
  // stream. Reading begins with read_start(), at once or in on_connected.
  static Result<TcpStream> connect(Loop& loop, const SocketAddress& to, std::chrono::milliseconds timeout,
                                   const TcpOptions& options, StreamEvents& events);

  explicit operator bool() const { return static_cast<bool>(handle_); }
  void close() { handle_.close(); }

  void set_options(const TcpOptions& options);
  // Another listener from now on (a connection whose protocol has just been recognised).
  void set_events(StreamEvents& events);
  void read_start();
  void read_stop();

  // Sends all in order, or refuses all: kTooSlow (queue_bytes_max), kIo (dead; the stream should be dropped).
  [[nodiscard]] Result<void> write(std::span<const SharedBytes> pieces);
  [[nodiscard]] Result<void> write(const SharedBytes& bytes) { return write(std::span(&bytes, 1)); }
  // For small things: what cannot leave at once is copied.
  [[nodiscard]] Result<void> write(ByteView bytes);
  std::size_t queued_bytes() const;
  // After what is queued, tells the peer that nothing more comes. No write may follow.
  void shutdown();

  // For sendfile: the socket itself (non-blocking; only while queued_bytes() is 0), and one on_writable when it takes
  // bytes again. While such a wait is on, it costs one more descriptor; kIo when there is none.
  int fd() const;
  Result<void> notify_writable();

  SocketAddress peer_address() const;  // 0.0.0.0:0 when it is gone
  SocketAddress local_address() const;

 private:
  friend class TcpListener;
  struct Connecting;
  struct Writable;
  struct WriteRequest;
  struct State {
    State();
    ~State();
    void on_close();
    void fail(const Error& error);  // the last event
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&uv); }

    uv_tcp_t uv{};
    StreamEvents* events = nullptr;  // nobody: not yet, or dead
    std::size_t queue_bytes_max = TcpOptions{}.queue_bytes_max;
    std::unique_ptr<Connecting> connecting;
    std::unique_ptr<Writable> writable;
    std::unique_ptr<uv_shutdown_t> shutdown;
  };

  static Result<TcpStream> open(Loop& loop, unsigned family);
  static void on_connect_done(uv_connect_t* request, int status);
  static void on_connect_timeout(State& state);
  static void on_alloc(uv_handle_t* uv, std::size_t suggested, uv_buf_t* out);
  static void on_read(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer);
  static void on_write_done(uv_write_t* request, int status);
  static void on_writable(State& state, int status);
  Result<void> refuse_if_full(std::size_t more_bytes) const;
  Result<void> queue(std::span<const SharedBytes> pieces, std::size_t skip_bytes);

  Handle<State> handle_;
};

}  // namespace xylem
