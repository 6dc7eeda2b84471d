// A TCP connection as the serving core sees it: bytes of memory by write, bytes of files by sendfile.
//
// While a file leaves, what is sent waits behind it. Nothing is called back from inside a call of the core: a write
// that fails is told to the loop, which tells the core afterwards.
#pragma once

#include <memory>
#include <vector>

#include "client/uv/tcp_stream.h"
#include "relay/serve/serve_core.h"

namespace xylem {

class ServingLoop;

class ServedStream final : public StreamEvents, public ServeLink {
 public:
  ServedStream(ServingLoop& loop, TcpStream stream);

  void open();  // hands itself to the core, and reads
  ConnectionId id() const { return id_; }

  // StreamEvents
  void on_bytes(ByteView bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_writable() override;
  void on_error(const Error& error) override;

  // ServeLink
  void send(std::span<const SharedBytes> pieces) override;
  bool takes_files() const override { return true; }
  void send_file(const ColdRun& run) override;
  std::size_t queued_bytes() const override;
  void set_reading(bool on) override;
  void close() override;
  void abort() override;

 private:
  friend class ServingLoop;
  struct FileOut {
    ColdRun rest;
    std::vector<SharedBytes> behind;
    std::size_t behind_bytes = 0;
  };

  void push_file();  // as much as the socket takes
  void finish_file();
  void fail();  // the stream cannot go on: the core is told after its call

  ServingLoop& loop_;
  TcpStream stream_;
  ConnectionId id_;
  std::unique_ptr<FileOut> file_;
  std::size_t index_ = 0;  // among the loop's streams
  bool failed_ = false;
  bool released_ = false;  // by the core
};

}  // namespace xylem
