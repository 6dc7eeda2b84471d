// The envelope around everything on the native wire and in log files (spec §7):
//
//   0        4      5         6      7       8         12
//   | length | type | version | form | flags | CRC-32C | body (length bytes)
//
// The CRC covers everything but itself. Unused bits are zero or refused. A RECORD envelope is stored exactly as it is
// sent.
#pragma once

#include <optional>

#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/result.h"

namespace xylem {

enum class FrameType : std::uint8_t {
  record = 1,
  beacon = 2,
  hello = 16,
  welcome = 17,
  prove = 18,
  buckets = 19,
  have = 20,
  path = 21,
  subscribe = 22,
  unsubscribe = 23,
  status = 24,
  ping = 25,
  pong = 26,
  fetch = 27,
  blob = 28,
  skipped = 29,
  evidence = 30,
  goaway = 31,
  error = 32,
};

enum class RecordForm : std::uint8_t { full = 0, elided = 1, withheld = 2 };  // 0 for everything but records

inline constexpr std::uint8_t kEnvelopeVersion = 1;

struct Envelope {
  FrameType type{};
  RecordForm form = RecordForm::full;
  ByteView body;   // inside the buffer that was parsed
  ByteView frame;  // envelope and body
};

// Largest body a receiver takes for a frame of this type and form; it is checked before anything is allocated.
std::size_t body_bytes_max(FrameType type, RecordForm form);

// The first frame of `bytes`: nothing while it is not complete; kBadFrame, kTooLarge, kUnsupportedVersion from the
// first 8 bytes on already, kBadChecksum when all is there.
Result<std::optional<Envelope>> parse_envelope(ByteView bytes);

void append_frame(Bytes& out, FrameType type, RecordForm form, ByteView body);
Bytes make_frame(FrameType type, ByteView body);

// Collects bytes as they arrive and yields whole frames: feed(), then next() until it gives nothing.
// Bytes are copied only for a frame that is incomplete. Memory: at most one incomplete frame and the one before it.
class FrameSplitter {
 public:
  // `bytes` and the views that next() hands out are in use until the next feed(). Not before next() gave nothing.
  void feed(ByteView bytes);
  // An error is final: the peer's bytes have no frame borders any more.
  Result<std::optional<Envelope>> next();
  // Of the frame that is incomplete.
  std::size_t buffered_bytes() const { return incomplete_.size(); }

 private:
  Result<std::optional<Envelope>> complete_the_incomplete();

  ByteView fresh_;    // of the bytes fed, what was not handed out yet
  Bytes incomplete_;  // the start of a frame
  Bytes completed_;   // the frame that became whole since the last feed()
  std::optional<Error> error_;
};

}  // namespace xylem
