#include "client/cli/server_probe.h"

#include <fmt/core.h>

#include "client/options/option_table.h"
#include "client/session/random_values.h"

namespace xylem {
namespace {

constexpr auto kProbeTimeout = std::chrono::seconds(5);

}  // namespace

ServerProbe::ServerProbe(Loop& loop, Trust& trust, RedactionBook& redactions, FoundServer server, Bucket bucket,
                         OnDone on_done)
    : loop_(loop),
      trust_(trust),
      redactions_(redactions),
      server_(std::move(server)),
      bucket_(bucket),
      on_done_(std::move(on_done)),
      timer_(loop, [this] { finish(); }),
      started_(Loop::precise_now()) {
  if (server_.addresses.empty()) {
    result_.error = Error{ErrorCode::kNoServers, server_.problem};
    timer_.start(std::chrono::milliseconds(0));
    return;
  }
  auto stream = TcpStream::connect(loop, server_.addresses.front(), kProbeTimeout, {}, *this);
  if (!stream) {
    result_.error = stream.error();
    timer_.start(std::chrono::milliseconds(0));
    return;
  }
  stream_ = std::move(*stream);
  result_.error = Error{ErrorCode::kTimeout, fmt::format("no answer within {} s", kProbeTimeout.count())};
  timer_.start(kProbeTimeout);
}

void ServerProbe::on_connected() {
  UpstreamOptions options;
  options.host = server_.host;
  options.port = server_.port;
  options.agent = fmt::format("xylem/{}", kVersionText);
  UpstreamListener& listener = *this;
  session_ = std::make_unique<UpstreamSession>(trust_, redactions_, std::move(options), draw_nonce(system_random()),
                                               listener, loop_.now());
  stream_.read_start();
  flush();
}

void ServerProbe::on_bytes(ByteView bytes) {
  session_->on_bytes(bytes, loop_.now());
  flush();
}

void ServerProbe::flush() {
  if (const Bytes output = session_->take_output(loop_.now()); !output.empty()) (void)stream_.write(ByteView(output));
  if (done_) timer_.start(std::chrono::milliseconds(0));
}

void ServerProbe::on_end() { on_error({ErrorCode::kIo, "closed by the server"}); }

void ServerProbe::on_error(const Error& error) {
  result_.error = error;
  timer_.start(std::chrono::milliseconds(0));
}

void ServerProbe::on_ready(const UpstreamPeer& peer) {
  result_.error.reset();
  result_.node_name = peer.node_name;
  result_.took = std::chrono::duration_cast<std::chrono::milliseconds>(Loop::precise_now() - started_);
  done_ = true;
}

void ServerProbe::on_buckets(std::span<const BucketState> buckets) {
  for (const BucketState& state : buckets) {
    if (state.bucket == bucket_) result_.bucket = state;
  }
}

void ServerProbe::on_failed(const SessionFailure& failure) {
  if (done_) return;
  result_.error = failure.error;
  done_ = true;
}

void ServerProbe::finish() {
  stream_.close();
  if (OnDone told = std::exchange(on_done_, nullptr)) told(result_);
}

}  // namespace xylem
