// Asks a server for its zone's manifest when nothing but its address is known: HELLO with no zone id, WELCOME, FETCH by
// its hash. Whose manifest that is, nobody says but the server: its id is for the caller to pin, compare or refuse. A
// core.
#pragma once

#include "client/session/fetch_table.h"
#include "client/session/handshake.h"
#include "client/uv/host_port.h"

namespace xylem {

inline constexpr auto kManifestProbeTimeout = 10s;

class ManifestProbe {
 public:
  ManifestProbe(const HostPort& dialled, std::string agent, const Nonce& nonce, MonoTime now);

  void on_bytes(ByteView bytes, MonoTime now);
  void on_closed(const Error& error) { end(fail(error)); }
  void on_deadline(MonoTime now);
  MonoTime deadline() const { return result_ ? kNever : over_by_; }
  Bytes take_output();

  // When over: a manifest that is signed by the root key it names (kBadDocument, kBadSignature, … otherwise), or why
  // there is none.
  const std::optional<Result<Bytes>>& result() const { return result_; }

 private:
  void on_frame(const Envelope& frame);
  void on_blob(Blob blob);
  void end(Result<Bytes> result);

  MonoTime now_;
  MonoTime over_by_;
  FrameSplitter splitter_;
  FetchTable fetches_;
  bool welcomed_ = false;
  Bytes output_;
  std::optional<Result<Bytes>> result_;
};

}  // namespace xylem
