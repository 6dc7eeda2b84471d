// A session and a hostile parent: right frames, damaged frames, noise and time in any order. Only records that the
// origin signed are handed on, each once and in order, and no deadline stands still. The input is a list of steps, see
// play(), so that checksums and signatures are no wall to the search.
//
// links: xylem::session
#include "client/session/upstream_session.h"
#include "tests/fuzz/honest_parent.h"

using namespace xylem;

namespace {

class Listener final : public UpstreamListener {
 public:
  explicit Listener(const HonestParent& script) : script_(script) {}

  void on_ready(const UpstreamPeer&) override { XYLEM_ASSERT(!over_); }
  void on_feed_records(FeedId feed, std::span<const RecordView> records) override {
    XYLEM_ASSERT(feed == kFeed && !records.empty() && !over_);
    for (const RecordView& record : records) {
      const Seq seq = record.header().seq;
      XYLEM_ASSERT(seq > last_ && seq.value <= script_.links.size());
      XYLEM_ASSERT(link_of(record.decoded) == script_.links[seq.value - 1]);
      last_ = seq;
    }
  }
  void on_skipped(const Skipped&) override { skipped = true; }
  void on_failed(const SessionFailure&) override {
    XYLEM_ASSERT(!over_);
    over_ = true;
  }
  void begin_anew() { last_ = Seq(); }

  bool skipped = false;

 private:
  const HonestParent& script_;
  Seq last_;
  bool over_ = false;
};

// One step an opcode byte:  0 a right frame · 1 the same, one bit flipped · 2 noise · 3 any body in a right envelope ·
// 4 time passes · 5 cut: the next steps' bytes are given in pieces of this size · 6 subscribe anew · 7 fetch
void play(UpstreamSession& session, Listener& listener, const HonestParent& script, ByteView input) {
  ByteReader reader(input);
  MonoTime now{};
  std::size_t piece = 4096;
  const auto give = [&](ByteView bytes) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size()))) {
      session.on_bytes(bytes.first(std::min(piece, bytes.size())), now);
    }
  };
  while (!reader.rest().empty() && !reader.bad()) {
    const std::uint8_t step = reader.u8() % 8;
    if (step <= 1) {
      Bytes frame = script.frames[reader.u8() % script.frames.size()];
      if (step == 1) frame[reader.u16() % frame.size()] ^= static_cast<std::uint8_t>(1U << (reader.u8() % 8));
      give(frame);
    } else if (step == 2) {
      give(reader.bytes(std::min<std::size_t>(reader.u8(), reader.rest().size())));
    } else if (step == 3) {
      const auto type = static_cast<FrameType>(reader.u8());
      const auto form = static_cast<RecordForm>(reader.u8() % 3);
      Bytes frame;
      append_frame(frame, type, form, reader.bytes(std::min<std::size_t>(reader.u16(), reader.rest().size())));
      give(frame);
    } else if (step == 4) {
      const MonoTime deadline = session.deadline();
      if (deadline != kNever && deadline > now) now = deadline;
      session.on_deadline(now);
      XYLEM_ASSERT(session.deadline() > now);
    } else if (step == 5) {
      piece = std::size_t{reader.u8()} + 1;
    } else if (step == 6) {
      listener.begin_anew();
      XYLEM_ASSERT(session.subscribe(kFeed, {}));
    } else {
      static_cast<void>(session.fetch(FetchFeedHead{kFeed}));
    }
    session.take_output(now);
    if (session.failed()) XYLEM_ASSERT(session.deadline() == kNever);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HonestParent script;
  if (size == 0) return 0;
  Trust trust(script.zone);
  if (data[0] % 2 == 0) XYLEM_ASSERT(trust.admit(script.manifest));
  RedactionBook book;
  Listener listener(script);
  UpstreamOptions options;
  options.host = "relay.example";
  options.port = 7720;
  UpstreamSession session(trust, book, options, Nonce{}, listener, MonoTime{});
  XYLEM_ASSERT(session.subscribe(kFeed, {}));
  play(session, listener, script, ByteView(data + 1, size - 1));
  return 0;
}
