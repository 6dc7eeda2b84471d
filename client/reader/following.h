// One reading of a Reader: a FeedReader core with its connections, timer and callbacks. Knows nothing of DNS or zones:
// it is given servers, and a Trust once there is one.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "client/reader/reader.h"
#include "client/reader/tcp_line.h"
#include "client/session/feed_reader.h"
#include "client/uv/linger.h"

namespace xylem {

class FollowingOwner {
 public:
  virtual void find_servers_above(Reader::Id id) = 0;
  // Something arrived: the Trust may have a newer manifest.
  virtual void on_progress() = 0;
  // It is over; to be destroyed later, not in this call.
  virtual void on_over() = 0;

 protected:
  ~FollowingOwner() = default;
};

class Following final : private FeedReaderShell, private FeedListener {
 public:
  Following(Loop& loop, LingerList& linger, FollowingOwner& owner, Reader::Id id, FeedReaderOptions options,
            Reader::Callbacks callbacks);
  ~Following();

  Reader::Id id() const { return id_; }
  FeedId feed() const { return options_.feed; }
  bool over() const { return over_; }
  bool has_end() const { return options_.until_live || options_.until_version; }

  void on_servers(Result<std::vector<FoundServer>> servers);
  // One label up; beside the others, and after them.
  void on_servers_above(std::vector<FoundServer> servers);
  // From now on it can read.
  void begin(Trust& trust, RedactionBook& redactions, const RandomBits& random);
  // Before begin(): tells why nothing happens yet, or what ended it.
  void report(const Error& error);
  void fail(const Error& error);
  void stop();

 private:
  class Line;

  void dial(LineId line, const FoundServer& server) override;
  void send(LineId line, Bytes bytes) override;
  void close(LineId line) override;
  void find_servers_above() override { owner_.find_servers_above(id_); }

  void on_record(const RecordView& record) override;
  void on_event(const FeedEvent& event) override;
  void on_notice(const FeedNotice& notice) override;
  void on_status(const FeedStatus& status) override;

  Moment now() const { return {loop_.now(), Loop::now_utc()}; }
  Result<std::vector<FoundServer>> all_servers() const;
  void after_call();
  void end();

  Loop& loop_;
  LingerList& linger_;
  FollowingOwner& owner_;
  const Reader::Id id_;
  FeedReaderOptions options_;
  Reader::Callbacks callbacks_;
  bool over_ = false;

  std::optional<Result<std::vector<FoundServer>>> servers_;
  std::vector<FoundServer> above_;
  std::optional<FeedReader> reader_;
  std::map<LineId, std::unique_ptr<Line>> lines_;
  Timer timer_;
};

}  // namespace xylem
