// A reader of a feed among hostile servers: what it delivers is what the origin signed, each event once and in order;
// no deadline stands still, nothing is sent to a closed line, and nothing follows its end.
//
// links: xylem::session
#include <map>

#include "client/session/feed_reader.h"
#include "tests/fuzz/honest_parent.h"

using namespace xylem;

namespace {

class Lines final : public FeedReaderShell {
 public:
  void dial(LineId line, const FoundServer&) override { XYLEM_ASSERT(open.emplace(line, false).second); }
  void send(LineId line, Bytes bytes) override { XYLEM_ASSERT(open.at(line) && !bytes.empty()); }
  void close(LineId line) override { XYLEM_ASSERT(open.erase(line) == 1); }

  std::map<LineId, bool> open;  // whether it is connected
};

class Listener final : public FeedListener {
 public:
  explicit Listener(const HonestParent& script) : script_(script) {}

  void on_event(const FeedEvent& event) override {
    XYLEM_ASSERT(!over_ && event.version == last_.next() && event.version.value <= script_.texts.size());
    last_ = event.version;
    if (event.withheld || event.removed) return;
    XYLEM_ASSERT(event.text() == script_.texts[event.version.value - 1]);
  }
  void on_notice(const FeedNotice&) override { XYLEM_ASSERT(!over_); }
  void on_status(const FeedStatus& status) override {
    XYLEM_ASSERT(!over_ && status.position.version == last_);
    over_ = status.state == FeedState::finished || status.state == FeedState::failed;
  }

 private:
  const HonestParent& script_;
  Version last_;
  bool over_ = false;
};

FoundServer server(std::string host) {
  FoundServer out;
  out.host = std::move(host);
  out.port = 7720;
  out.addresses = {SocketAddress::v4({192, 0, 2, 1}, 7720)};
  return out;
}

// One step an opcode byte, most with the line it is about:  0 the dialling succeeds · 1 it fails, or the line is cut ·
// 2 a right frame · 3 the same, one bit flipped · 4 noise · 5 time passes · 6 another list of servers · 7 three right
// frames at once
void play(FeedReader& reader, Lines& lines, const HonestParent& script, ByteView input) {
  ByteReader bytes(input);
  Moment now{MonoTime{}, from_ms(kEpoch.value)};
  const auto frame = [&] { return script.frames[bytes.u8() % script.frames.size()]; };
  while (!bytes.rest().empty() && !bytes.bad() && !reader.over()) {
    const std::uint8_t step = bytes.u8() % 8;
    if (step == 5) {
      const MonoTime before = now.mono;
      now.mono = std::max(now.mono, reader.deadline() == kNever ? now.mono : reader.deadline());
      now.utc += now.mono - before;
      reader.on_deadline(now);
      XYLEM_ASSERT(reader.deadline() > now.mono || reader.over());
      continue;
    }
    if (step == 6) {
      std::vector<FoundServer> servers(bytes.u8() % 4, server("a"));
      for (FoundServer& each : servers) each.host[0] = static_cast<char>('a' + bytes.u8() % 4);
      reader.on_servers(servers, now);
      continue;
    }
    if (lines.open.empty()) continue;
    auto line = lines.open.begin();
    std::advance(line, bytes.u8() % lines.open.size());
    const LineId id = line->first;
    if (step == 0) {
      if (std::exchange(line->second, true)) continue;
      reader.on_connected(id, now);
    } else if (step == 1) {
      reader.on_closed(id, {ErrorCode::kIo, "cut"}, now);
    } else if (line->second) {
      Bytes said = step == 4 ? Bytes() : frame();
      if (step == 3) said[bytes.u16() % said.size()] ^= static_cast<std::uint8_t>(1U << (bytes.u8() % 8));
      if (step == 4) {
        const ByteView noise = bytes.bytes(std::min<std::size_t>(bytes.u8(), bytes.rest().size()));
        said.assign(noise.begin(), noise.end());
      }
      for (int more = step == 7 ? 2 : 0; more > 0; --more) {
        const Bytes next = frame();
        said.insert(said.end(), next.begin(), next.end());
      }
      reader.on_bytes(id, said, now);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HonestParent script;
  if (size == 0) return 0;
  Trust trust(script.zone);
  XYLEM_ASSERT(trust.admit(script.manifest));
  RedactionBook book;
  Lines lines;
  Listener listener(script);
  FeedReaderOptions options;
  options.feed = kFeed;
  options.until_live = data[0] % 4 == 1;
  if (data[0] % 4 == 2) options.until_version = Version(3);
  if (data[0] % 4 == 3) options.patience = 10s;
  std::uint64_t chance = data[0];
  FeedReader reader(trust, book, options,
                    [&] { return chance = chance * 6364136223846793005ULL + 1442695040888963407ULL; }, lines, listener,
                    {MonoTime{}, from_ms(kEpoch.value)});
  reader.on_servers(std::vector{server("a"), server("b")}, {MonoTime{}, from_ms(kEpoch.value)});
  play(reader, lines, script, ByteView(data + 1, size - 1));
  reader.stop();
  XYLEM_ASSERT(lines.open.empty() && reader.deadline() == kNever);
  return 0;
}
