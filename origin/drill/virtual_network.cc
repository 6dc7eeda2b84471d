#include "origin/drill/virtual_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

namespace xylem {
namespace {

constexpr int kDialler = 0;
constexpr int kListener = 1;
constexpr std::uint64_t kSplitOneIn = 8;

}  // namespace

struct VirtualStream::Connection {
  // One end, and the direction that begins there.
  struct Side {
    std::string name;
    StreamUser* user = nullptr;
    bool open = false;  // somebody holds this end
    bool reading = true;
    std::deque<Bytes> queue;  // not left yet; an empty one is the end
    std::size_t queued_bytes = 0;
    bool owes_drained = false;  // something had to wait
    std::size_t in_flight = 0;
    MonoTime last_arrival{};
    std::deque<Bytes> arrived;          // while this end does not read
    std::optional<std::uint64_t> flip;  // of what arrives here next
  };

  VirtualNetwork& network;
  std::uint64_t number;
  std::chrono::milliseconds latency;
  std::size_t window_bytes;
  bool cut = false;  // nothing arrives any more
  std::array<Side, 2> sides;
};

// --- the ends ---

VirtualStream& VirtualStream::operator=(VirtualStream&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(side_, other.side_);
  return *this;
}

VirtualStream::~VirtualStream() {
  if (connection_ && connection_->sides[static_cast<std::size_t>(side_)].open) {
    connection_->network.leave(connection_, side_);
  }
}

void VirtualStream::set_user(StreamUser& user) { connection_->sides[static_cast<std::size_t>(side_)].user = &user; }

void VirtualStream::send(ByteView bytes) {
  if (connection_) connection_->network.send(connection_, side_, bytes);
}

std::size_t VirtualStream::queued_bytes() const {
  return connection_ ? connection_->sides[static_cast<std::size_t>(side_)].queued_bytes : 0;
}

void VirtualStream::set_reading(bool on) {
  if (!connection_) return;
  auto& side = connection_->sides[static_cast<std::size_t>(side_)];
  if (!side.reading && on) {
    connection_->network.queue_.after(
        std::chrono::milliseconds(0),
        [network = &connection_->network, connection = connection_, at = side_] { network->resume(connection, at); });
  }
  side.reading = on;
}

void VirtualStream::close() {
  if (!connection_) return;
  auto& side = connection_->sides[static_cast<std::size_t>(side_)];
  side.open = false;
  side.user = nullptr;
  side.queue.emplace_back();
  connection_->network.pump(connection_, side_);
  connection_.reset();
}

// --- coming and going ---

void VirtualNetwork::listen(const SocketAddress& address, std::string name, Accept accept) {
  listeners_[address] = {std::move(name), std::move(accept)};
}

VirtualStream VirtualNetwork::dial(std::string who, const SocketAddress& to, StreamUser& user) {
  using std::chrono::milliseconds;
  const bool slow = slow_one_in_ != 0 && random_.chance(slow_one_in_);
  const auto latency = slow ? random_.duration(milliseconds(40), milliseconds(120))
                            : random_.duration(milliseconds(1), milliseconds(40));
  const std::size_t window_bytes = slow ? kSlowWindowBytes : kWindowBytes;
  auto connection = std::make_shared<Connection>(Connection{*this, ++last_number_, latency, window_bytes, false, {}});
  connection->sides[kDialler].name = std::move(who);
  connection->sides[kDialler].user = &user;
  connection->sides[kDialler].open = true;
  queue_.after(latency, [this, connection, to] { accept(connection, to); });
  return VirtualStream(connection, kDialler);
}

void VirtualNetwork::accept(const Shared& connection, const SocketAddress& to) {
  auto& [dialler, listener] = connection->sides;
  if (!dialler.open) return;
  const auto found = listeners_.find(to);
  if (found == listeners_.end()) return tell_closed(connection, kDialler, connection->latency, "connection refused");
  connections_[connection->number] = connection;
  listener.name = found->second.name;
  listener.open = true;
  trace_.tell(queue_.now(), dialler.name, fmt::format("connects to {} (line {})", listener.name, connection->number));
  dialler.last_arrival = listener.last_arrival = queue_.now() + connection->latency;
  queue_.after(connection->latency, [connection] {
    StreamUser* user = connection->sides[kDialler].user;
    if (user != nullptr && !connection->cut) user->on_connected();
  });
  found->second.accept(VirtualStream(connection, kListener));
}

// A process that ends, or will hear no more: its peer learns it when the news gets there.
void VirtualNetwork::leave(const Shared& connection, int side) {
  auto& left = connection->sides[static_cast<std::size_t>(side)];
  left.open = false;
  left.user = nullptr;
  connection->cut = true;
  tell_closed(connection, 1 - side, connection->latency, "connection reset by peer");
}

void VirtualNetwork::tell_closed(const Shared& connection, int side, std::chrono::milliseconds after, const char* why) {
  queue_.after(after, [this, connection, side, why] {
    auto& told = connection->sides[static_cast<std::size_t>(side)];
    connection->cut = true;
    if (!told.open) return;
    trace_.fold(connection->number);
    told.open = false;
    if (StreamUser* user = std::exchange(told.user, nullptr)) user->on_closed({ErrorCode::kIo, why});
  });
}

// --- bytes ---

void VirtualNetwork::send(const Shared& connection, int side, ByteView bytes) {
  auto& from = connection->sides[static_cast<std::size_t>(side)];
  if (bytes.empty() || !from.open) return;
  from.queue.emplace_back(bytes.begin(), bytes.end());
  from.queued_bytes += bytes.size();
  pump(connection, side);
  from.owes_drained = from.queued_bytes > 0;
}

void VirtualNetwork::pump(const Shared& connection, int side) {
  auto& from = connection->sides[static_cast<std::size_t>(side)];
  while (!from.queue.empty() && !connection->cut) {
    Bytes& next = from.queue.front();
    const std::size_t room = connection->window_bytes - from.in_flight;
    if (room == 0 && !next.empty()) break;
    if (next.size() > room) {
      Bytes part(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(room));
      next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(room));
      from.queued_bytes -= room;
      launch(connection, side, std::move(part));
      break;
    }
    Bytes whole = std::move(next);
    from.queue.pop_front();
    from.queued_bytes -= whole.size();
    launch(connection, side, std::move(whole));
  }
  if (!from.owes_drained || from.queued_bytes > 0 || !from.open) return;
  from.owes_drained = false;
  queue_.after(std::chrono::milliseconds(0), [connection, side] {
    auto& drained = connection->sides[static_cast<std::size_t>(side)];
    if (drained.user != nullptr && drained.queued_bytes == 0) drained.user->on_drained();
  });
}

void VirtualNetwork::launch(const Shared& connection, int side, Bytes bytes) {
  auto& from = connection->sides[static_cast<std::size_t>(side)];
  if (bytes.size() > 1 && random_.chance(kSplitOneIn)) {
    const auto cut = static_cast<std::ptrdiff_t>(random_.between(1, bytes.size() - 1));
    launch(connection, side, Bytes(bytes.begin(), bytes.begin() + cut));
    bytes.erase(bytes.begin(), bytes.begin() + cut);
  }
  from.in_flight += bytes.size();
  const auto delay = random_.duration(connection->latency, connection->latency * 3 / 2);
  from.last_arrival = std::max(from.last_arrival, queue_.now() + delay);
  queue_.at(from.last_arrival, [this, connection, side, arriving = std::move(bytes)]() mutable {
    arrive(connection, side, std::move(arriving));
  });
}

void VirtualNetwork::arrive(const Shared& connection, int side, Bytes bytes) {
  if (connection->cut) return;
  const int to = 1 - side;
  auto& receiver = connection->sides[static_cast<std::size_t>(to)];
  if (!receiver.reading) {
    receiver.arrived.push_back(std::move(bytes));
    return;
  }
  deliver(*connection, to, std::move(bytes));
  pump(connection, side);
}

void VirtualNetwork::deliver(Connection& connection, int to, Bytes bytes) {
  auto& receiver = connection.sides[static_cast<std::size_t>(to)];
  auto& sender = connection.sides[static_cast<std::size_t>(1 - to)];
  sender.in_flight -= bytes.size();
  if (!receiver.open || receiver.user == nullptr) return;
  if (receiver.flip && !bytes.empty()) {
    const std::uint64_t bit = *std::exchange(receiver.flip, std::nullopt) % (bytes.size() * 8);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    trace_.tell(queue_.now(), receiver.name, fmt::format("line {}: a bit was flipped", connection.number));
  }
  trace_.fold(static_cast<std::uint64_t>(queue_.now().time_since_epoch().count()));
  trace_.fold(connection.number * 2 + static_cast<std::uint64_t>(to));
  trace_.fold(bytes);
  if (trace_.detailed()) {
    trace_.detail(queue_.now(), receiver.name,
                  fmt::format("line {}: {} bytes from {}", connection.number, bytes.size(), sender.name));
  }
  if (!bytes.empty()) return receiver.user->on_bytes(bytes);
  std::exchange(receiver.user, nullptr)->on_end();
}

void VirtualNetwork::resume(const Shared& connection, int side) {
  auto& receiver = connection->sides[static_cast<std::size_t>(side)];
  while (receiver.reading && !receiver.arrived.empty() && !connection->cut) {
    Bytes bytes = std::move(receiver.arrived.front());
    receiver.arrived.pop_front();
    deliver(*connection, side, std::move(bytes));
  }
  pump(connection, 1 - side);
}

// --- faults ---

std::vector<VirtualNetwork::Line> VirtualNetwork::lines() {
  std::vector<Line> lines;
  std::erase_if(connections_, [](const auto& entry) { return entry.second.expired(); });
  for (const auto& [number, weak] : connections_) {
    const Shared connection = weak.lock();
    const auto& [dialler, listener] = connection->sides;
    if (!connection->cut && dialler.open && listener.open) lines.push_back({number, dialler.name, listener.name});
  }
  return lines;
}

void VirtualNetwork::reset(std::uint64_t line, std::chrono::milliseconds dialler_learns,
                           std::chrono::milliseconds listener_learns) {
  const auto found = connections_.find(line);
  const Shared connection = found == connections_.end() ? nullptr : found->second.lock();
  if (connection == nullptr) return;
  connection->cut = true;
  tell_closed(connection, kDialler, dialler_learns, "connection reset");
  tell_closed(connection, kListener, listener_learns, "connection reset");
}

void VirtualNetwork::flip_bit(std::uint64_t line, bool at_dialler, std::uint64_t which) {
  const auto found = connections_.find(line);
  const Shared connection = found == connections_.end() ? nullptr : found->second.lock();
  if (connection != nullptr) connection->sides[at_dialler ? kDialler : kListener].flip = which;
}

}  // namespace xylem
