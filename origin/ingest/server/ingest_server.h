// The origin's listener for writers: HTTP/1.1 connections, each with a PostHandler. Its own port, so that readers'
// storms never reach it and it can be bound where only the site is.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "client/uv/tcp_listener.h"
#include "client/uv/timer.h"
#include "origin/ingest/server/post_handler.h"

namespace xylem {

struct IngestOptions {
  SocketAddress listen;
  std::string token;
  std::size_t connections_max = 1024;     // beyond: closed at once
  std::size_t body_bytes_max = 6 * kMiB;  // 4 MiB of events and their JSON
};

class IngestServer {
 public:
  static Result<std::unique_ptr<IngestServer>> open(Loop& loop, const IngestOptions& options, AppendSink& sink);
  ~IngestServer();
  SocketAddress address() const;
  std::size_t connections() const { return connections_.size(); }
  void stop_listening();

 private:
  class Connection;

  IngestServer(Loop& loop, const IngestOptions& options, AppendSink& sink);
  void accept(TcpStream stream);
  void forget(std::uint64_t id);
  void sweep();

  Loop& loop_;
  const IngestOptions options_;
  HttpLimits limits_;
  AppendSink& sink_;
  TcpListener listener_;
  Timer timer_;  // every second: deadlines of all connections
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 1;
};

}  // namespace xylem
