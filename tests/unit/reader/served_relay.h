// A FakeServer on a real socket of the test's loop.
#pragma once

#include <list>

#include "client/uv/tcp_listener.h"
#include "tests/unit/session/fake_server.h"

namespace xylem {

class ServedRelay {
 public:
  ServedRelay(Loop& loop, const SampleZone& zone, const RecordMaker& maker, std::uint16_t port = 0)
      : server(zone, maker, "127.0.0.1") {
    auto listener = TcpListener::listen(loop, SocketAddress::v4({127, 0, 0, 1}, port), {},
                                        [this](TcpStream stream) { add(std::move(stream)); });
    REQUIRE(listener);
    listener_ = std::move(*listener);
  }

  std::uint16_t port() const { return listener_.address().port(); }
  std::string address() const { return listener_.address().to_string(); }
  void publish() {
    for (Peer& peer : peers_) peer.send(server.more(peer.connection));
  }
  void cut() { peers_.clear(); }
  void stop_listening() { listener_.close(); }
  std::size_t peers() const { return peers_.size(); }
  std::size_t accepted = 0;

  FakeServer server;

 private:
  struct Peer final : StreamEvents {
    Peer(ServedRelay& the_owner, TcpStream the_stream) : owner(the_owner), stream(std::move(the_stream)) {
      stream.set_events(*this);
      stream.read_start();
    }
    void on_bytes(ByteView bytes) override { send(owner.server.on_bytes(connection, bytes)); }
    void on_end() override { owner.drop(*this); }
    void on_error(const Error&) override { owner.drop(*this); }
    void send(const Bytes& bytes) {
      if (!bytes.empty()) REQUIRE(stream.write(ByteView(bytes)));
    }

    ServedRelay& owner;
    TcpStream stream;
    FakeServer::Connection connection;
  };

  void add(TcpStream stream) {
    ++accepted;
    peers_.emplace_back(*this, std::move(stream));
  }
  void drop(const Peer& peer) {
    peers_.remove_if([&](const Peer& each) { return &each == &peer; });
  }

  TcpListener listener_;
  std::list<Peer> peers_;
};

}  // namespace xylem
