#include "client/reader/manifest_door.h"

#include <algorithm>

#include "client/session/random_values.h"

namespace xylem {
namespace {

constexpr std::chrono::seconds kRetryMax{30};

}  // namespace

ManifestDoor::ManifestDoor(Loop& loop, LingerList& linger, RandomBits random, std::string agent, OnAnswer on_answer)
    : loop_(loop),
      linger_(linger),
      random_(std::move(random)),
      agent_(std::move(agent)),
      on_answer_(std::move(on_answer)),
      timer_(loop, [this] { on_timer(); }) {}

void ManifestDoor::ask(const FoundServer& server) {
  server_ = server;
  failures_ = 0;
  if (!line_) dial();
}

void ManifestDoor::stop() {
  close_line();
  timer_.stop();
}

void ManifestDoor::dial() {
  TcpLineEvents& events = *this;
  line_.emplace(loop_, server_.addresses, events);
}

void ManifestDoor::on_open() {
  probe_.emplace(HostPort{server_.host, server_.port}, agent_, draw_nonce(random_), loop_.now());
  after_call();
}

void ManifestDoor::on_bytes(ByteView bytes) {
  probe_->on_bytes(bytes, loop_.now());
  after_call();
}

void ManifestDoor::on_closed(const Error& error) {
  if (!probe_) probe_.emplace(HostPort{server_.host, server_.port}, agent_, Nonce{}, loop_.now());
  probe_->on_closed(error);
  after_call();
}

void ManifestDoor::on_timer() {
  if (!line_) return dial();
  if (probe_) probe_->on_deadline(loop_.now());
  after_call();
}

void ManifestDoor::after_call() {
  line_->send(probe_->take_output());
  timer_.start_at(probe_->deadline());
  if (!probe_->result()) return;
  const Result<Bytes> result = *probe_->result();
  close_line();
  if (!result) {
    const auto longest = std::min(std::chrono::seconds(1) * (1 << std::min(failures_++, 8U)), kRetryMax);
    timer_.start(draw_between(random_, longest / 2, longest));
  }
  on_answer_(result);
}

void ManifestDoor::close_line() {
  if (!line_) return;
  if (TcpStream stream = line_->take_stream()) linger_.add(std::move(stream));
  line_.reset();
  probe_.reset();
}

}  // namespace xylem
