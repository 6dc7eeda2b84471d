// A feed reader and the servers of its bucket, in virtual time and without a network. Servers are honest unless a test
// sets one of their faults; all of them serve the records of one RecordMaker.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>

#include "client/session/feed_reader.h"
#include "tests/unit/session/heard_feed.h"
#include "tests/unit/session/scripted_parent.h"

namespace xylem {

class FakeServer {
 public:
  FakeServer(const SampleZone& zone, const RecordMaker& maker, std::string host)
      : zone_(zone), maker_(maker), host_(std::move(host)) {}

  // --- faults ---
  bool unreachable = false;
  bool silent = false;                       // takes bytes and says nothing
  std::size_t held_from = 0;                 // index of the first record it still has
  std::size_t held_to = std::string::npos;   // it keeps back everything from this one on
  std::size_t forged = std::string::npos;    // index of a record that it changes
  std::set<std::size_t> withheld;            // sent without their events
  std::optional<Status> answer;              // to every SUBSCRIBE
  std::uint64_t claims_more = 0;             // versions that it says it has sent, and has not
  bool fetches_from_above = false;           // answers FETCH also with what it has dropped

  // --- what it saw ---
  std::vector<FeedCursor> cursors;
  std::vector<Evidence> evidence;
  std::size_t record_bytes_sent = 0;

  const std::string& host() const { return host_; }

  struct Connection {
    FrameSplitter splitter;
    bool greeted = false;
    bool subscribed = false;
    std::size_t next = 0;  // index of the next record to look at
  };
  Bytes on_bytes(Connection& connection, ByteView bytes);
  // What has been made since, for whoever subscribed.
  Bytes more(Connection& connection);

 private:
  std::size_t end() const { return std::min(held_to, maker_.frames.size()); }
  Version last_version() const;
  void add_record(Bytes& out, std::size_t index);
  void on_subscribe(Bytes& out, Connection& connection, const FeedSubscription& asked);
  Bytes on_fetch(const Fetch& fetch);

  const SampleZone& zone_;
  const RecordMaker& maker_;
  std::string host_;
  SigningKey key_ = sample_key(9);
};

inline void append(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

inline Bytes FakeServer::on_bytes(Connection& connection, ByteView bytes) {
  Bytes out;
  if (silent) return out;
  if (!std::exchange(connection.greeted, true)) bytes = bytes.subspan(kNativeMagic.size());
  connection.splitter.feed(bytes);
  while (true) {
    const auto envelope = connection.splitter.next();
    REQUIRE(envelope);
    if (!*envelope) return out;
    const auto frame = decode_frame(**envelope);
    REQUIRE(frame);
    if (const auto* hello = std::get_if<Hello>(&*frame)) {
      Welcome welcome;
      welcome.key = key_.public_key();
      welcome.nonce = Nonce{1};
      welcome.signature = sign_welcome(key_, zone_.id, hello->nonce, welcome.nonce, hello->host, hello->port);
      welcome.manifest_hash = sha256(zone_.signed_manifest());
      welcome.manifest_serial = zone_.manifest.serial;
      welcome.node_name = "5.4-6.1-6.distributed.example";
      append(out, joined({encode(welcome), encode(Buckets{}), encode(Path{})}));
    } else if (const auto* subscribe = std::get_if<Subscribe>(&*frame)) {
      for (const FeedSubscription& feed : subscribe->feeds) on_subscribe(out, connection, feed);
    } else if (std::holds_alternative<Unsubscribe>(*frame)) {
      connection.subscribed = false;
    } else if (const auto* ping = std::get_if<Ping>(&*frame)) {
      append(out, encode(Pong{ping->token}));
    } else if (const auto* fetch = std::get_if<Fetch>(&*frame)) {
      append(out, on_fetch(*fetch));
    } else if (const auto* shown = std::get_if<Evidence>(&*frame)) {
      evidence.push_back(*shown);
    }
  }
}

inline Version FakeServer::last_version() const {
  Version last;
  for (std::size_t i = 0; i < end(); ++i) {
    const RecordHeader header = maker_.record(i).header();
    if (header.is_batch() && header.feed == kFeed) last = header.last_version();
  }
  return last;
}

inline void FakeServer::add_record(Bytes& out, std::size_t index) {
  const RecordView record = maker_.record(index);
  if (record.header().feed != kFeed) return;
  Bytes frame = withheld.contains(index) ? withhold_record(record) : Bytes(record.frame.begin(), record.frame.end());
  if (index == forged) {
    Bytes body(frame.begin() + kEnvelopeBytes, frame.end());
    body[230] ^= 1;
    frame.clear();
    append_frame(frame, FrameType::record, RecordForm::full, body);
  }
  record_bytes_sent += frame.size();
  append(out, frame);
}

inline void FakeServer::on_subscribe(Bytes& out, Connection& connection, const FeedSubscription& asked) {
  cursors.push_back(asked.from);
  Status status;
  status.feed = kFeed;
  status.head_epoch = status.floor_epoch = maker_.feeds.at(kFeed).epoch.value;
  status.head_position = last_version().value + claims_more;
  if (answer) {
    status.code = answer->code;
    if (answer->head_epoch != 0) status.head_epoch = answer->head_epoch;
    return append(out, encode(status));
  }
  std::size_t first = held_from;
  for (std::size_t i = 0; i < end(); ++i) {
    const RecordHeader header = maker_.record(i).header();
    if (!header.is_batch() || header.feed != kFeed || header.last_version() > asked.from.version) continue;
    first = std::max(first, i + 1);
  }
  if (held_from > 0 && first == held_from) {
    for (std::size_t i = 0; i < held_from; ++i) {
      const RecordHeader header = maker_.record(i).header();
      const bool of_now = header.feed_epoch == maker_.feeds.at(kFeed).epoch;
      if (header.is_batch() && of_now) status.floor_position = header.last_version().value;
    }
    if (asked.from.version.value < status.floor_position) {
      status.code = StatusCode::too_old;
      return append(out, encode(status));
    }
  }
  connection.subscribed = true;
  connection.next = first;
  append(out, more(connection));
  status.code = status.head_position == 0 ? StatusCode::empty_so_far : StatusCode::live;
  append(out, encode(status));
}

inline Bytes FakeServer::more(Connection& connection) {
  Bytes out;
  if (!connection.subscribed || silent) return out;
  for (; connection.next < end(); ++connection.next) add_record(out, connection.next);
  return out;
}

inline Bytes FakeServer::on_fetch(const Fetch& fetch) {
  Bytes found;
  const std::size_t from = fetches_from_above ? 0 : held_from;
  if (std::holds_alternative<FetchHash>(fetch.what)) {
    found = zone_.signed_manifest();
  } else if (std::holds_alternative<FetchFeedHead>(fetch.what)) {
    std::optional<std::size_t> open, batch;
    for (std::size_t i = 0; i < end(); ++i) {
      const RecordHeader header = maker_.record(i).header();
      if (header.feed != kFeed) continue;
      if (header.type == RecordType::open) open = i;
      if (header.is_batch()) batch = i;
    }
    if (open) add_record(found, *open);
    if (batch) add_record(found, *batch);
  } else if (const auto* range = std::get_if<FetchFeedRange>(&fetch.what)) {
    for (std::size_t i = from; i < end(); ++i) {
      const RecordHeader header = maker_.record(i).header();
      const bool wanted = header.is_batch() && header.last_version() >= range->from && header.first_version <= range->to;
      // Two records an answer, so that a range takes several.
      if (wanted && found.size() < 2 * maker_.frames[i].size()) add_record(found, i);
    }
  } else if (const auto* chunk = std::get_if<FetchChunk>(&fetch.what)) {
    for (std::size_t i = from; i < end(); ++i) {
      if (maker_.record(i).header().seq == chunk->from) add_record(found, i);
    }
  }
  return found.empty() ? ScriptedParent::blob_error(fetch.request, ErrorCode::kNotHeld)
                       : ScriptedParent::blob(fetch.request, std::move(found));
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

  // Servers "a", "b", … in this order of priority.
  explicit FeedWorld(std::size_t count = 1) {
    options.feed = kFeed;
    for (std::size_t i = 0; i < count; ++i) servers.emplace_back(zone, maker, std::string(1, static_cast<char>('a' + i)));
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
    for (const FakeServer& server : servers) out.push_back(found(server));
    return out;
  }
  void begin() {
    reader = std::make_unique<FeedReader>(trust, book, options, random_, static_cast<FeedReaderShell&>(*this), heard,
                                          now);
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
    Bytes to_reader;        // empty: the dialling has ended
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
    if (Bytes out = line.server->on_bytes(line.connection, bytes); !out.empty()) pending_.push_back({id, std::move(out)});
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
