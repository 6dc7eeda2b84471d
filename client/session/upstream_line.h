// One connection a reader asked for: dialled, then with a session, then over. Keeps why it ended.
#pragma once

#include <memory>
#include <optional>

#include "client/discovery/found.h"
#include "client/session/upstream_session.h"
#include "client/uv/host_port.h"

namespace xylem {

// No number is used twice.
using LineId = std::uint32_t;

// Until the connection stands, all addresses of the server tried.
inline constexpr auto kDialTimeout = 15s;

class UpstreamLine {
 public:
  UpstreamLine(LineId id, FoundServer server, MonoTime now)
      : id_(id), server_(std::move(server)), address_{server_.host, server_.port}, connected_by_(now + kDialTimeout) {}

  LineId id() const { return id_; }
  const FoundServer& server() const { return server_; }
  const HostPort& address() const { return address_; }

  void on_connected(std::unique_ptr<UpstreamSession> session) { session_ = std::move(session); }
  void on_closed(const Error& error);
  void on_deadline(MonoTime now);
  MonoTime deadline() const;

  UpstreamSession* session() const { return session_.get(); }  // nullptr while it is being dialled
  // Why it is over; nothing while it is not.
  std::optional<SessionFailure> failure() const;

 private:
  LineId id_;
  FoundServer server_;
  HostPort address_;
  MonoTime connected_by_;
  std::unique_ptr<UpstreamSession> session_;
  std::optional<SessionFailure> not_reached_;
};

}  // namespace xylem
