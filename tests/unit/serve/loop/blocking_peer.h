// A peer on a real socket: says bytes, and waits for what it is told. Blocking, so that a test waits for what happens
// and for nothing else; half a minute without a byte is a failure.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>

#include "client/uv/socket_address.h"
#include "proto/frames.h"
#include "proto/record.h"

namespace xylem {

class BlockingPeer {
 public:
  explicit BlockingPeer(const SocketAddress& address, int receive_bytes = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_bytes > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_storage storage{};
    const socklen_t length = address.to_sockaddr(storage);
    connected = ::connect(socket_, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
  }
  ~BlockingPeer() { ::close(socket_); }
  BlockingPeer(const BlockingPeer&) = delete;
  BlockingPeer& operator=(const BlockingPeer&) = delete;

  bool say(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool say(const ControlFrame& frame) { return say(encode(frame)); }

  // Some more bytes; false at the end of the connection, or when patience ends.
  bool hear() {
    std::uint8_t buffer[64 * 1024];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    heard.insert(heard.end(), buffer, buffer + count);
    return true;
  }
  // The next whole frame; empty when there will be none.
  Bytes frame() {
    for (;;) {
      const auto envelope = parse_envelope(std::span(heard).subspan(at_));
      if (!envelope) return {};
      if (*envelope) {
        Bytes whole((*envelope)->frame.begin(), (*envelope)->frame.end());
        at_ += whole.size();
        return whole;
      }
      heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(std::exchange(at_, 0)));
      if (!hear()) return {};
    }
  }
  // The next record's header; nothing when there will be none.
  std::optional<RecordHeader> record() {
    for (Bytes next = frame(); !next.empty(); next = frame()) {
      if (static_cast<FrameType>(next[4]) == FrameType::record) return parse_record(ByteView(next)).value().header();
    }
    return std::nullopt;
  }

  bool connected = false;
  Bytes heard;

 private:
  int socket_ = -1;
  std::size_t at_ = 0;
};

}  // namespace xylem
