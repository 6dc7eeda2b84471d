// One HTTP/1.1 connection of a server, without a socket: requests in order, one at a time, answers whole or bit by bit;
// keep-alive, pipelining, `Expect: 100-continue`, timeouts. What is asked and answered is its handler's business.
//
//   idle ── bytes ──> reading ── request complete ──> answering (handler) ── answer() or finish() ──> idle
//                        └── refused ──> problem, close          └── cut(), `close` ──> closed
//
// While a request is answered nothing is read, so pipelined requests wait in the peer. Memory: one request within
// HttpLimits, and what had arrived behind it (one read of the shell).
#pragma once

#include "proto/mono_time.h"
#include "relay/edge/http_answer.h"
#include "relay/edge/http_parser.h"

namespace xylem {

class HttpOutput {
 public:
  virtual void send(SharedBytes bytes) = 0;
  virtual void set_reading(bool on) = 0;  // while off, on_bytes is not called
  virtual void close() = 0;               // once what was sent has left; the connection is not called any more
  virtual void abort() = 0;               // at once, so that the peer sees that something is missing
  virtual Timestamp wall_time() const = 0;

 protected:
  ~HttpOutput() = default;
};

class HttpHandler {
 public:
  // Answers inside the call or later, by HttpConnection::answer() or begin(). The request lives until it is answered.
  virtual void on_request(const HttpRequest& request) = 0;

 protected:
  ~HttpHandler() = default;
};

class HttpConnection {
 public:
  // All must outlive the connection.
  HttpConnection(const HttpLimits& limits, HttpOutput& output, HttpHandler& handler, MonoTime now);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void on_bytes(ByteView bytes, MonoTime now);
  void on_end(MonoTime now);  // the peer sends no more; what it asked for is still answered
  MonoTime deadline() const;
  void on_deadline(MonoTime now);

  // The request that is being answered; only between on_request() and the answer's end.
  const HttpRequest& request() const { return request_; }
  bool answering() const { return state_ == State::answering; }

  // A whole answer. To HEAD its body is left out, its length is told.
  void answer(HttpAnswer answer, MonoTime now);
  // An answer whose length is not known before: head, then any number of pieces, then finish() or cut(). To HEAD, the
  // head alone is the whole answer.
  void begin(const HttpAnswer& head, MonoTime now);
  void send_body(SharedBytes piece);
  void finish(MonoTime now);
  // The answer cannot be completed: the peer sees that it was cut.
  void cut();
  // The connection ends with the present or next answer.
  void end_soon() { last_ = true; }

 private:
  enum class State : std::uint8_t { idle, reading, answering, closed };

  void read_on(MonoTime now);
  void refuse(const HttpRefusal& refusal);
  void done(MonoTime now);
  void close();

  const HttpLimits& limits_;
  HttpOutput& output_;
  HttpHandler& handler_;
  HttpParser parser_;
  HttpRequest request_;
  Bytes unread_;  // arrived behind the request that is being answered
  MonoTime deadline_;
  State state_ = State::idle;
  BodyFraming framing_ = BodyFraming::none;
  bool last_ = false;       // close after this answer
  bool continued_ = false;  // the peer was told to send the body
  bool in_read_on_ = false;
};

}  // namespace xylem
