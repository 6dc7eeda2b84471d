#include "relay/serve/bucket_place.h"

namespace xylem {

namespace {

tl::unexpected<BucketRefusal> refuse(StatusCode code, bool waits = false) {
  return tl::unexpected(BucketRefusal{code, waits});
}

// Retention may have passed since the window was read.
tl::unexpected<BucketRefusal> refuse(const Error& error) {
  return refuse(error.code == ErrorCode::kTooOld ? StatusCode::too_old : StatusCode::not_held);
}

}  // namespace

tl::expected<Seq, BucketRefusal> find_bucket_place(const LogReader& reader, const BucketCursor& cursor) {
  const LogWindow window = reader.window();
  const bool has_epoch = cursor.epoch != Epoch(0);
  if (has_epoch && cursor.epoch > window.epoch) return refuse(StatusCode::from_the_future, true);
  if (cursor.seq > window.head) {
    return has_epoch && cursor.epoch < window.epoch ? refuse(StatusCode::epoch_changed)
                                                    : refuse(StatusCode::from_the_future, true);
  }
  if (cursor.seq.next() < window.floor) return refuse(StatusCode::too_old);
  if (cursor.seq == Seq(0)) return cursor.seq;

  Hash256 link = window.link;
  if (cursor.seq < window.head) {
    const Result<Bytes> bytes = reader.header_at(cursor.seq.next());
    const Result<DecodedHeader> next = bytes ? decode_header(*bytes) : fail(bytes.error());
    if (!next) return refuse(next.error());
    link = next->header.prev_record;
    if (has_epoch && next->header.epoch < cursor.epoch) return refuse(StatusCode::from_the_future, true);
  }
  if (cursor.hash && *cursor.hash != ByteReader(link).u32()) return refuse(StatusCode::forked);
  if (!has_epoch || cursor.seq < window.floor) return cursor.seq;

  const Result<Bytes> bytes = reader.header_at(cursor.seq);
  const Result<DecodedHeader> own = bytes ? decode_header(*bytes) : fail(bytes.error());
  if (!own) return refuse(own.error());
  if (own->header.epoch > cursor.epoch) return refuse(StatusCode::epoch_changed);
  return cursor.seq;
}

}  // namespace xylem
