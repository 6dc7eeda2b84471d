#include "relay/serve/log_record.h"

namespace xylem {

std::optional<LogRecord> first_record(ByteView bytes) {
  ByteReader in(bytes);
  const std::size_t body_bytes = in.u32();
  LogRecord record;
  const auto frame_type = static_cast<FrameType>(in.u8());
  in.u8();  // envelope version
  record.form = static_cast<RecordForm>(in.u8());
  in.bytes(5);  // flags, checksum
  if (in.bad() || frame_type != FrameType::record) return std::nullopt;
  if (body_bytes < kHeaderBytes || in.rest().size() < body_bytes) return std::nullopt;

  in.u8();  // record version
  record.type = static_cast<RecordType>(in.u8());
  in.bytes(4);  // codec, zero, extension bytes
  record.event_count = in.u16();
  record.epoch = Epoch(in.u64());
  record.seq = Seq(in.u64());
  record.feed = FeedId(in.u64());
  record.feed_epoch = FeedEpoch(in.u64());
  record.first_version = Version(in.u64());
  in.bytes(56);  // origin time, sizes, key id, prev_record
  record.follows_batch = in.array<32>() != Hash256{};
  record.frame = bytes.first(kEnvelopeBytes + body_bytes);
  return record;
}

}  // namespace xylem
