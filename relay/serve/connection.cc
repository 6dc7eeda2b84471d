#include "relay/serve/connection.h"

#include <algorithm>

#include "relay/serve/native_session.h"

namespace xylem {

namespace {

constexpr std::size_t kSpareOutboxesMax = 256;
constexpr std::size_t kSparePiecesMax = 64;
// What waits behind a unit should wait no longer than about this (a PONG must be there within 500 ms).
constexpr auto kUnitTooLong = std::chrono::milliseconds(250);
constexpr auto kUnitQuick = std::chrono::milliseconds(60);

}  // namespace

ServeConnection::ServeConnection(ServeContext& context, ServeLink& link, ConnectionId id, const SocketAddress& peer)
    : context_(context),
      link_(link),
      queue_bytes_max_(context.limits.reader_queue_bytes_max),
      unit_bytes_(4 * context.limits.unit_bytes_min),
      last_sent_(context.now),
      stuck_since_(context.now),
      peer_(peer),
      id_(id) {
  first_bytes_ = std::make_unique<FirstBytes>(context.facts->proxies.contains(peer.with_port(0)));
  set_timer(context.now + kHandshakeTimeout);
}

ServeConnection::~ServeConnection() { context_.queued_bytes -= queued_bytes_; }

void ServeConnection::send(SharedBytes bytes) {
  if (ended() || bytes.empty()) return;
  if (outbox_.empty()) {
    context_.dirty.push_back(*this);
    if (outbox_.capacity() == 0 && !context_.spare_outboxes.empty()) {
      outbox_ = std::move(context_.spare_outboxes.back());
      context_.spare_outboxes.pop_back();
    }
  }
  outbox_bytes_ += bytes.size();
  outbox_.push_back(std::move(bytes));
}

bool ServeConnection::takes_file_now() {
  if (!link_.takes_files()) return false;
  flush();
  return queued_bytes_ == 0;
}

void ServeConnection::send_file(const ColdRun& run) {
  if (ended()) return;
  link_.send_file(run);
  context_.stats.sent_bytes += run.bytes;
  last_sent_ = context_.now;
  account_queue();
}

std::size_t ServeConnection::backlog_bytes() const {
  return outbox_bytes_ + (queued_bytes_ == 0 ? 0 : link_.queued_bytes());
}

void ServeConnection::want_work() {
  wants_work_ = true;
  if (queued_bytes_ == 0 && !ended() && !ListNode<ReadyTag>::linked()) context_.ready.push_back(*this);
}

void ServeConnection::close() {
  if (ended()) return;
  ending_ = Ending::close;
  context_.ended.push_back(*this);
}

void ServeConnection::abort() {
  if (ending_ == Ending::no) context_.ended.push_back(*this);
  ending_ = Ending::abort;
}

void ServeConnection::on_bytes(ByteView bytes, const HttpSessionMaker& http) {
  if (ended()) return;
  if (session_ != nullptr) return session_->on_bytes(bytes);
  const Speaks speaks = first_bytes_->feed(bytes);
  if (speaks == Speaks::unclear) return;
  if (const auto& source = first_bytes_->spoken_for()) peer_ = *source;
  const std::unique_ptr<FirstBytes> first_bytes = std::move(first_bytes_);
  if (speaks == Speaks::native) {
    session_ = std::make_unique<NativeSession>(*this);
  } else if (speaks == Speaks::http && http) {
    session_ = http(*this);
  } else {
    ++context_.stats.breaches_total;
    if (speaks == Speaks::http2) send(as_bytes(kHttpVersionNotSupported));
    return close();
  }
  if (!first_bytes->rest().empty()) session_->on_bytes(first_bytes->rest());
}

void ServeConnection::on_end() {
  if (ended()) return;
  session_ == nullptr ? close() : session_->on_end();
}

void ServeConnection::on_timer() {
  if (ended()) return;
  session_ == nullptr ? abort() : session_->on_timer();
}

void ServeConnection::on_facts(const FactsChange& change) {
  if (session_ != nullptr && !ended()) session_->on_facts(change);
}

std::size_t ServeConnection::work() {
  ListNode<ReadyTag>::unlink();
  if (queued_bytes_ > 0) return 0;  // something else was sent meanwhile: on_drained() goes on
  wants_work_ = false;
  if (ended() || session_ == nullptr) return 0;
  const std::uint64_t sent_before = context_.stats.sent_bytes;
  const bool more = session_->work();
  flush();
  const std::uint64_t sent = context_.stats.sent_bytes - sent_before;
  // Whole records: a unit that was used up is a little shorter.
  if (queued_bytes_ == 0 && sent >= unit_bytes_ / 2) {
    unit_bytes_ = std::min(2 * unit_bytes_, context_.limits.file_unit_bytes_max);
  }
  if (more) want_work();
  return static_cast<std::size_t>(sent);
}

void ServeConnection::on_drained() {
  const auto took = context_.now - stuck_since_;
  account_queue();
  if (queued_bytes_ > 0) return;
  if (took > kUnitTooLong) unit_bytes_ = std::max(unit_bytes_ / 2, context_.limits.unit_bytes_min);
  if (took < kUnitQuick) unit_bytes_ = std::min(2 * unit_bytes_, context_.limits.file_unit_bytes_max);
  if (wants_work_) want_work();
}

void ServeConnection::flush() {
  ListNode<DirtyTag>::unlink();
  if (outbox_.empty()) return;
  link_.send(outbox_);
  context_.stats.sent_bytes += outbox_bytes_;
  last_sent_ = context_.now;
  outbox_.clear();
  outbox_bytes_ = 0;
  if (outbox_.capacity() <= kSparePiecesMax && context_.spare_outboxes.size() < kSpareOutboxesMax) {
    context_.spare_outboxes.push_back(std::move(outbox_));
  }
  outbox_ = {};
  account_queue();
}

void ServeConnection::account_queue() {
  const std::size_t queued = link_.queued_bytes();
  context_.queued_bytes += queued - queued_bytes_;
  queued_bytes_ = queued;
  if (queued == 0) {
    ListNode<StuckTag>::unlink();
  } else if (!ListNode<StuckTag>::linked()) {
    stuck_since_ = context_.now;
    context_.stuck.push_back(*this);
  }
}

void ServeConnection::end() {
  session_.reset();
  if (ending_ == Ending::close) {
    flush();
    link_.close();
  } else if (ending_ == Ending::abort) {
    link_.abort();
  }
}

}  // namespace xylem
