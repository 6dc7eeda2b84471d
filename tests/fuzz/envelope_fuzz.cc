// A peer's bytes: however they are cut on their way, the same frames come out, or the same error.
// links: xylem::proto
#include <algorithm>

#include "proto/envelope.h"

using namespace xylem;

namespace {

struct Outcome {
  std::vector<Bytes> frames;
  ErrorCode error{};
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome split(ByteView stream, std::size_t step) {
  FrameSplitter splitter;
  Outcome outcome;
  while (!stream.empty()) {
    // A copy of just these bytes, so that a read beyond them shows.
    const Bytes piece(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(std::min(step, stream.size())));
    stream = stream.subspan(piece.size());
    splitter.feed(piece);
    while (true) {
      const auto next = splitter.next();
      if (!next) {
        outcome.error = next.error().code;
        return outcome;
      }
      if (!*next) break;
      const Envelope& envelope = **next;
      XYLEM_ASSERT(envelope.body.size() <= body_bytes_max(envelope.type, envelope.form));
      XYLEM_ASSERT(envelope.frame.size() == kEnvelopeBytes + envelope.body.size());
      outcome.frames.emplace_back(envelope.frame.begin(), envelope.frame.end());
    }
    XYLEM_ASSERT(splitter.buffered_bytes() < kEnvelopeBytes + kBlobFrameBytesMax);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView stream(data + 1, size - 1);
  const Outcome whole = split(stream, stream.size());
  XYLEM_ASSERT(split(stream, 1) == whole);
  XYLEM_ASSERT(split(stream, 1 + data[0]) == whole);
  for (const Bytes& frame : whole.frames) {
    const auto again = parse_envelope(frame);
    XYLEM_ASSERT(again && *again && (*again)->frame.size() == frame.size());
    Bytes made;
    append_frame(made, (*again)->type, (*again)->form, (*again)->body);
    XYLEM_ASSERT(made == frame);
  }
  return 0;
}
