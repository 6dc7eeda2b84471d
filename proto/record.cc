#include "proto/record.h"

#include <fmt/format.h>

namespace xylem {
namespace {

Result<Bytes> unpack(const RecordView& record) {
  const RecordHeader& header = record.header();
  return unpack_payload(header.codec, record.body, header.plain_bytes);
}

tl::unexpected<Error> bad_root(const Hash256& found, const RecordHeader& header) {
  return fail(ErrorCode::kBadRoot, fmt::format("seq {}: found {}, expected {}", header.seq.value, to_hex(found),
                                               to_hex(header.payload_root)));
}

Result<void> check_body_size(const RecordView& record) {
  const RecordHeader& header = record.header();
  if (record.form != RecordForm::full && !header.is_batch()) {
    return fail(ErrorCode::kBadFrame, fmt::format("a notice in form {}", static_cast<int>(record.form)));
  }
  if (record.form == RecordForm::elided) return {};  // its size follows from its content: decode_elided
  const std::size_t expected = record.form == RecordForm::full ? header.wire_bytes : 0;
  if (record.body.size() != expected) {
    return fail(ErrorCode::kBadFrame, fmt::format("payload of {} bytes, expected {}", record.body.size(), expected));
  }
  return {};
}

}  // namespace

Result<RecordView> parse_record(const Envelope& envelope) {
  if (envelope.type != FrameType::record) {
    return fail(ErrorCode::kBadFrame, fmt::format("frame type {} is no record", static_cast<int>(envelope.type)));
  }
  const auto decoded = decode_header(envelope.body);
  if (!decoded) return fail(decoded.error());
  const RecordView record{envelope.frame, envelope.form, *decoded, envelope.body.subspan(decoded->all.size())};
  if (auto ok = check_body_size(record); !ok) return fail(ok.error());
  return record;
}

Result<RecordView> parse_record(ByteView frame) {
  const auto envelope = parse_envelope(frame);
  if (!envelope) return fail(envelope.error());
  if (!*envelope) return fail(ErrorCode::kBadFrame, fmt::format("frame is cut short after {} bytes", frame.size()));
  const std::size_t size = (*envelope)->frame.size();
  if (size != frame.size())
    return fail(ErrorCode::kBadFrame, fmt::format("{} bytes after the frame", frame.size() - size));
  return parse_record(**envelope);
}

Result<OpenedBatch> open_batch(const RecordView& record) {
  const RecordHeader& header = record.header();
  if (!header.is_batch()) return fail(ErrorCode::kBadPayload, "a notice has no events");
  if (record.form == RecordForm::withheld) return fail(ErrorCode::kWithheld);

  if (record.form == RecordForm::elided) {
    auto elided = decode_elided(record.body, header.event_count);
    if (!elided) return fail(elided.error());
    if (elided->root != header.payload_root) return bad_root(elided->root, header);
    return OpenedBatch{{}, std::move(elided->items)};
  }
  auto plain = unpack(record);
  if (!plain) return fail(plain.error());
  const auto root = payload_root_of(*plain, header.event_count);
  if (!root) return fail(root.error());
  if (*root != header.payload_root) return bad_root(*root, header);
  const auto events = decode_events(*plain, header.event_count);
  if (!events) return fail(events.error());
  return OpenedBatch{std::move(*plain), {events->begin(), events->end()}};
}

Result<Notice> open_notice(const RecordView& record) {
  const RecordHeader& header = record.header();
  if (header.is_batch()) return fail(ErrorCode::kBadPayload, "a batch is no notice");
  const auto payload = unpack(record);
  if (!payload) return fail(payload.error());
  const Hash256 root = notice_root_of(*payload);
  if (root != header.payload_root) return bad_root(root, header);
  return decode_notice(header.type, *payload);
}

}  // namespace xylem
