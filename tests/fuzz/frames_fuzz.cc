// Control frames: the first byte is the type, the rest the body. What is taken can be sent on and reads the same.
// links: xylem::proto
#include "proto/frames.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<FrameType>(data[0]);
  const ByteView body(data + 1, size - 1);
  if (body.size() > body_bytes_max(type, RecordForm::full)) return 0;  // parse_envelope refuses it
  const auto frame = decode_frame({.type = type, .body = body, .frame = {}});
  if (!frame) return 0;

  const Bytes again = encode(*frame);
  const auto envelope = parse_envelope(again);
  XYLEM_ASSERT(envelope && *envelope && (*envelope)->type == type);
  XYLEM_ASSERT(decode_frame(**envelope) == *frame);
  return 0;
}
