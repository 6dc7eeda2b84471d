// A network of one process: connections that carry bytes in order, late, in pieces, and only so many at a time; and the
// faults that a network has. Everything is drawn from one stream of chance and happens in virtual time.
//
//   dial ── listener there ──> on_connected … bytes both ways … on_end | on_closed
//     └─────── nobody ───────> on_closed
//
// Never calls a user from inside a call of that user. A user that is told on_end or on_closed is told nothing more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/uv/socket_address.h"
#include "origin/drill/event_queue.h"
#include "origin/drill/random_stream.h"
#include "origin/drill/trace.h"
#include "proto/result.h"

namespace xylem {

class StreamUser {
 public:
  virtual void on_connected() {}  // of who dialled
  virtual void on_bytes(ByteView bytes) = 0;
  virtual void on_drained() {}  // what was queued has left
  virtual void on_end() = 0;    // the peer sends no more
  virtual void on_closed(const Error& error) = 0;

 protected:
  ~StreamUser() = default;
};

// One end of a connection. Destroyed, it breaks the connection off, as the end of a process does.
class VirtualStream {
 public:
  VirtualStream() = default;
  VirtualStream(VirtualStream&&) noexcept = default;
  VirtualStream& operator=(VirtualStream&& other) noexcept;
  ~VirtualStream();

  void set_user(StreamUser& user);
  void send(ByteView bytes);
  std::size_t queued_bytes() const;  // that have not left yet
  // While off nothing arrives, and the peer's bytes pile up on its side.
  void set_reading(bool on);
  // After what was sent has left; the user hears nothing more.
  void close();

 private:
  friend class VirtualNetwork;
  struct Connection;
  VirtualStream(std::shared_ptr<Connection> connection, int side) : connection_(std::move(connection)), side_(side) {}

  std::shared_ptr<Connection> connection_;
  int side_ = 0;
};

class VirtualNetwork {
 public:
  // On their way in one direction: of most connections, and of slow ones, which also take longer.
  static constexpr std::size_t kWindowBytes = 64 * 1024;
  static constexpr std::size_t kSlowWindowBytes = 4 * 1024;

  VirtualNetwork(EventQueue& queue, Trace& trace, std::uint64_t seed)
      : queue_(queue), trace_(trace), random_(seed, "network") {}
  VirtualNetwork(const VirtualNetwork&) = delete;
  VirtualNetwork& operator=(const VirtualNetwork&) = delete;

  using Accept = std::function<void(VirtualStream stream)>;
  void listen(const SocketAddress& address, std::string name, Accept accept);
  void stop_listening(const SocketAddress& address) { listeners_.erase(address); }
  VirtualStream dial(std::string who, const SocketAddress& to, StreamUser& user);
  // One in so many new connections is slow; 0: none.
  void set_slow(std::uint64_t one_in) { slow_one_in_ = one_in; }

  // --- faults ---
  struct Line {
    std::uint64_t number;
    std::string dialler, listener;
  };
  std::vector<Line> lines();  // that stand, oldest first
  // What is under way is lost; each end learns it after its own time.
  void reset(std::uint64_t line, std::chrono::milliseconds dialler_learns, std::chrono::milliseconds listener_learns);
  // One bit of the next bytes that arrive, at the dialler or the listener.
  void flip_bit(std::uint64_t line, bool at_dialler, std::uint64_t which);

 private:
  friend class VirtualStream;
  using Connection = VirtualStream::Connection;
  using Shared = std::shared_ptr<Connection>;

  void accept(const Shared& connection, const SocketAddress& to);
  void send(const Shared& connection, int side, ByteView bytes);
  void pump(const Shared& connection, int side);
  void launch(const Shared& connection, int side, Bytes bytes);
  void arrive(const Shared& connection, int side, Bytes bytes);
  void deliver(Connection& connection, int to, Bytes bytes);
  void resume(const Shared& connection, int side);
  void leave(const Shared& connection, int side);
  void tell_closed(const Shared& connection, int side, std::chrono::milliseconds after, const char* why);

  EventQueue& queue_;
  Trace& trace_;
  RandomStream random_;
  struct Listener {
    std::string name;
    Accept accept;
  };
  std::map<SocketAddress, Listener> listeners_;
  std::uint64_t last_number_ = 0;
  std::uint64_t slow_one_in_ = 0;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;
};

}  // namespace xylem
