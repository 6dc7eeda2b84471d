// One connection of a serving loop: the first bytes that say what it speaks, its session, and its way out.
//
// Output is collected and leaves as one write at the end of the call that is being served. Nothing is queued for a
// reader who does not read: has_room() says whether live records may be added; work() is asked for only when all before
// has left. A connection that takes nothing stands in the context's list of stuck ones, and is closed when its time is
// up or the loop's memory is.
#pragma once

#include "relay/serve/first_bytes.h"
#include "relay/serve/serve_context.h"
#include "relay/serve/serve_session.h"

namespace xylem {

class ServeConnection final : public WheelTimer,
                              public ListNode<DirtyTag>,
                              public ListNode<ReadyTag>,
                              public ListNode<StuckTag>,
                              public ListNode<EndedTag> {
 public:
  ServeConnection(ServeContext& context, ServeLink& link, ConnectionId id, const SocketAddress& peer);
  ~ServeConnection();

  ServeContext& context() { return context_; }
  ConnectionId id() const { return id_; }
  const SocketAddress& peer() const { return peer_; }

  // --- for its session ---
  void send(SharedBytes bytes);
  void send(ByteView bytes) { send(SharedBytes::copy_of(bytes)); }
  // Whether the socket takes a file, and all that was sent before has left; nothing may be sent after it in this call.
  bool takes_file_now();
  void send_file(const ColdRun& run);
  std::size_t backlog_bytes() const;
  bool has_room() const { return backlog_bytes() < queue_bytes_max_; }
  void set_queue_bytes_max(std::size_t bytes) { queue_bytes_max_ = bytes; }
  // How much catching up may send in one go, so that what comes after it waits a quarter of a second at most.
  std::size_t unit_bytes() const { return unit_bytes_; }
  MonoTime last_sent() const { return last_sent_; }
  void want_work();
  void set_timer(MonoTime due) { context_.timers.set(*this, due); }
  void set_reading(bool on) { link_.set_reading(on); }
  // After what was sent has left, or at once. The session hears nothing more, and dies at the end of this call.
  void close();
  void abort();
  bool ended() const { return ending_ != Ending::no; }

  // --- for the core ---
  void on_bytes(ByteView bytes, const HttpSessionMaker& http);
  void on_end();
  void on_drained();
  void on_timer() override;
  void on_facts(const FactsChange& change);
  // One unit; the bytes that it sent.
  std::size_t work();
  void flush();
  MonoTime stuck_since() const { return stuck_since_; }
  // The link is gone: nothing is sent any more.
  void drop_link() { ending_ = Ending::gone; }
  // The end that was asked for: the session dies, the link is closed.
  void end();

 private:
  enum class Ending : std::uint8_t { no, close, abort, gone };

  void account_queue();

  ServeContext& context_;
  ServeLink& link_;
  std::unique_ptr<FirstBytes> first_bytes_;  // until it is known what the peer speaks
  std::unique_ptr<ServeSession> session_;
  std::vector<SharedBytes> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::size_t queued_bytes_ = 0;  // as last seen
  std::size_t queue_bytes_max_;
  std::size_t unit_bytes_;
  MonoTime last_sent_;
  MonoTime stuck_since_;
  SocketAddress peer_;
  ConnectionId id_;
  bool wants_work_ = false;
  Ending ending_ = Ending::no;
};

}  // namespace xylem
