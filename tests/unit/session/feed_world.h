// A feed reader and the servers of its bucket, in virtual time and without a network.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>

#include "client/session/feed_reader.h"
#include "tests/unit/session/fake_server.h"
#include "tests/unit/session/heard_feed.h"

namespace xylem {

// The lines of versions first..last.
inline Lines numbers(int first, int last) {
  Lines out;
  for (int i = first; i <= last; ++i) out.push_back(std::to_string(i));
  return out;
}

class FeedWorld final : private FeedReaderShell {
 public:
  SampleZone zone;
  RecordMaker maker{zone};
  Trust trust{zone.trust()};
  RedactionBook book;
  HeardFeed heard;
  FeedReaderOptions options;
  Moment now{kStart, from_ms(kSampleEpoch.value + 3'600'000)};
  std::deque<FakeServer> servers;
  std::unique_ptr<FeedReader> reader;
  std::vector<std::string> dialled;  // hosts, in order
  std::size_t asked_above = 0;
  std::size_t named = SIZE_MAX;  // so many of the servers are told to the reader

  // Servers "a", "b", … in this order of priority.
  explicit FeedWorld(std::size_t count = 1) {
    options.feed = kFeed;
    for (std::size_t i = 0; i < count; ++i)
      servers.emplace_back(zone, maker, std::string(1, static_cast<char>('a' + i)));
    maker.now = now.utc;
    maker.open(kFeed);
  }

  static FoundServer found(const FakeServer& server) {
    FoundServer out;
    out.host = server.host();
    out.port = 7720;
    out.priority = static_cast<std::uint16_t>(server.host()[0]);
    out.addresses = {SocketAddress::v4({192, 0, 2, 1}, 7720)};
    return out;
  }
  std::vector<FoundServer> all() const {
    std::vector<FoundServer> out;
    for (const FakeServer& server : servers) {
      if (out.size() < named) out.push_back(found(server));
    }
    return out;
  }
  void begin() {
    reader =
        std::make_unique<FeedReader>(trust, book, options, random_, static_cast<FeedReaderShell&>(*this), heard, now);
    reader->on_servers(all(), now);
    run(0ms);
  }
  // Everything that happens within `time`, deadlines and answers.
  void run(std::chrono::milliseconds time) {
    const MonoTime until = now.mono + time;
    for (;;) {
      deliver();
      if (reader->over() || reader->deadline() > until) break;
      const MonoTime due = std::max(reader->deadline(), now.mono);
      const bool still = due == now.mono;
      REQUIRE((!still || ++standing_ < 100));  // a deadline that stands still would be a busy loop
      if (!still) standing_ = 0;
      advance_to(due);
      reader->on_deadline(now);
    }
    advance_to(until);
  }
  void publish() {
    for (auto& [id, line] : lines_) {
      if (Bytes out = line.server->more(line.connection); !out.empty()) pending_.push_back({id, std::move(out)});
    }
    run(0ms);
  }
  void say(const Bytes& bytes) {  // by every connected server
    for (auto& [id, line] : lines_) pending_.push_back({id, bytes});
    run(0ms);
  }
  void cut(FakeServer& server) {
    std::vector<LineId> gone;
    for (auto& [id, line] : lines_) {
      if (line.server == &server) gone.push_back(id);
    }
    for (const LineId id : gone) {
      lines_.erase(id);
      reader->on_closed(id, {ErrorCode::kIo, "cut"}, now);
    }
    deliver();
  }
  std::size_t lines_to(const FakeServer& server) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines_, [&](const auto& line) { return line.second.server == &server; }));
  }
  const FeedStatus& status() const { return reader->status(); }
  FeedState state() const { return status().state; }

 private:
  struct Line {
    FakeServer* server = nullptr;
    FakeServer::Connection connection;
  };
  struct Pending {
    LineId line = 0;
    Bytes to_reader;  // empty: the dialling has ended
  };

  void dial(LineId line, const FoundServer& server) override {
    dialled.push_back(server.host);
    for (FakeServer& each : servers) {
      if (each.host() == server.host) lines_[line].server = &each;
    }
    pending_.push_back({line, {}});
  }
  void send(LineId id, Bytes bytes) override {
    Line& line = lines_.at(id);
    if (Bytes out = line.server->on_bytes(line.connection, bytes); !out.empty())
      pending_.push_back({id, std::move(out)});
  }
  void close(LineId id) override { lines_.erase(id); }
  void find_servers_above() override { ++asked_above; }

  void deliver() {
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.front());
      pending_.pop_front();
      const auto line = lines_.find(next.line);
      if (line == lines_.end()) continue;
      if (!next.to_reader.empty()) {
        reader->on_bytes(next.line, next.to_reader, now);
      } else if (line->second.server->unreachable) {
        lines_.erase(line);
        reader->on_closed(next.line, {ErrorCode::kIo, "refused"}, now);
      } else {
        reader->on_connected(next.line, now);
      }
    }
  }
  void advance_to(MonoTime mono) {
    now.utc += mono - now.mono;
    now.mono = mono;
    maker.now = std::max(maker.now, now.utc);
  }

  std::mt19937_64 engine_{7};
  RandomBits random_ = [this] { return engine_(); };
  std::map<LineId, Line> lines_;
  std::deque<Pending> pending_;
  int standing_ = 0;
};

}  // namespace xylem
