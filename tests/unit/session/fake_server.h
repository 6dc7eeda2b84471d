// A server of one bucket for tests, without a network: honest unless a test sets one of its faults. Serves the records
// of feed kFeed that a RecordMaker made.
#pragma once

#include <set>

#include "tests/unit/session/scripted_parent.h"

namespace xylem {

class FakeServer {
 public:
  FakeServer(const SampleZone& zone, const RecordMaker& maker, std::string host)
      : zone_(zone), maker_(maker), host_(std::move(host)) {}

  // --- faults ---
  bool unreachable = false;
  bool silent = false;                      // takes bytes and says nothing
  std::size_t held_from = 0;                // index of the first record it still has
  std::size_t held_to = std::string::npos;  // it keeps back everything from this one on
  std::size_t forged = std::string::npos;   // index of a record that it changes
  std::set<std::size_t> withheld;           // sent without their events
  std::optional<Status> answer;             // to every SUBSCRIBE
  std::uint64_t claims_more = 0;            // versions that it says it has sent, and has not
  bool fetches_from_above = false;          // answers FETCH also with what it has dropped

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
      if (hello->zone != zone_.id && hello->zone != ZoneId{}) return encode(ErrorFrame{ErrorCode::kWrongZone, {}});
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
  const bool of_older_epoch = asked.from.version.value > 0 && asked.from.epoch.value < status.head_epoch;
  if (of_older_epoch) {
    status.code = StatusCode::epoch_changed;
    return append(out, encode(status));
  }
  std::size_t first = held_from;
  for (std::size_t i = 0; i < end(); ++i) {
    const RecordHeader header = maker_.record(i).header();
    if (!header.is_batch() || header.feed != kFeed || header.first_version > asked.from.version) continue;
    // A batch that holds the version and the next is sent whole.
    first = std::max(first, header.last_version() > asked.from.version ? i : i + 1);
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
      const bool wanted =
          header.is_batch() && header.last_version() >= range->from && header.first_version <= range->to;
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

}  // namespace xylem
