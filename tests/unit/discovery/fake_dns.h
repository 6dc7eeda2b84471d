// A DNS server of a test's own, on loopback, UDP and TCP on one port, on the test's loop. Says what it was told to say
// and counts what it is asked.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <set>

#include "client/discovery/dns_name.h"
#include "client/uv/tcp_listener.h"
#include "client/uv/wake.h"
#include "tests/unit/discovery/dns_writer.h"
#include "tests/unit/uv/run_until.h"

namespace xylem {

class FakeDns {
 public:
  explicit FakeDns(Loop& loop) {
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_storage any;
    socklen_t size = SocketAddress::v4({127, 0, 0, 1}, 0).to_sockaddr(any);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&any), size) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&any), &size) == 0);
    address_ = SocketAddress::from(reinterpret_cast<sockaddr&>(any));
    poll_.emplace(*Poll::open(loop, fd_, [this](int, int) { on_datagram(); }));
    poll_->start(UV_READABLE);
    listener_ = *TcpListener::listen(loop, address_, {}, [this](TcpStream stream) {
      streams_.push_back(std::make_unique<Stream>(*this, std::move(stream)));
    });
  }
  ~FakeDns() {
    poll_.reset();
    ::close(fd_);
  }
  FakeDns(const FakeDns&) = delete;
  FakeDns& operator=(const FakeDns&) = delete;

  const SocketAddress& address() const { return address_; }
  // The answer to a question; without one the name does not exist.
  void say(const DnsQuestion& question, const DnsWriter& answer) {
    answers_.insert_or_assign(question, answer.bytes());
  }
  void say(const DnsQuestion& question, const Bytes& answer) { answers_.insert_or_assign(question, answer); }
  void srv(const std::string& name, std::uint32_t ttl, const std::vector<SrvRecord>& servers) {
    DnsWriter writer({name, DnsType::srv});
    for (const SrvRecord& server : servers) writer.srv(name, ttl, server);
    say({name, DnsType::srv}, writer);
  }
  void forget(const DnsQuestion& question) { answers_.erase(question); }

  bool silent = false;               // hears everything and says nothing
  bool truncates_datagrams = false;  // so that whoever asks comes by TCP
  std::size_t by_tcp = 0;
  std::map<DnsQuestion, int> asked;
  std::uint16_t edns_bytes = 0;  // what the last question offered

 private:
  struct Stream final : StreamEvents {
    Stream(FakeDns& the_server, TcpStream the_stream) : server(the_server), stream(std::move(the_stream)) {
      stream.set_events(*this);
      stream.read_start();
    }
    void on_bytes(ByteView view) override {
      received.insert(received.end(), view.begin(), view.end());
      if (received.size() < 2) return;
      const std::size_t size = ByteReader(received).u16();
      if (received.size() < size + 2) return;
      ++server.by_tcp;
      const Bytes answer = server.answer_to(ByteView(received).subspan(2, size), true);
      Bytes framed;
      ByteWriter(framed).u16(static_cast<std::uint16_t>(answer.size()));
      framed.insert(framed.end(), answer.begin(), answer.end());
      if (!answer.empty()) REQUIRE(stream.write(ByteView(framed)));
    }
    void on_end() override {}
    void on_error(const Error&) override {}

    FakeDns& server;
    TcpStream stream;
    Bytes received;
  };

  void on_datagram() {
    Bytes buffer(4096);
    sockaddr_storage from{};
    socklen_t from_size = sizeof(from);
    const ssize_t size =
        ::recvfrom(fd_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size <= 0) return;
    buffer.resize(static_cast<std::size_t>(size));
    const Bytes answer = answer_to(buffer, false);
    if (answer.empty()) return;
    ::sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), from_size);
  }

  Bytes answer_to(ByteView query, bool tcp) {
    DnsQuestion question;
    std::size_t at = 12;
    question.name = *read_dns_name(query, at);
    ByteReader reader(query.subspan(at));
    question.type = static_cast<DnsType>(reader.u16());
    reader.u16();
    if (reader.bytes(3).size() == 3) edns_bytes = reader.u16();  // the OPT record: root, type 41, size
    ++asked[question];
    if (silent) return {};
    const auto known = answers_.find(question);
    Bytes answer =
        known != answers_.end() ? known->second : DnsWriter(question, DnsWriter::kAnswer | 3).soa("", 30, 30).bytes();
    if (truncates_datagrams && !tcp) answer = DnsWriter(question, DnsWriter::kAnswer | 0x0200).bytes();
    if (answer.size() >= 2) std::copy_n(query.begin(), 2, answer.begin());
    return answer;
  }

  int fd_ = -1;
  SocketAddress address_;
  std::optional<Poll> poll_;
  TcpListener listener_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::map<DnsQuestion, Bytes> answers_;
};

}  // namespace xylem
