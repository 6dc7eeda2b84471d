// Making records: the origin's only maker of signed bytes, and the forms in which other nodes keep them.
#include "proto/record.h"

namespace xylem {
namespace {

struct Payload {
  Bytes plain;
  Hash256 root{};
  Version first_version;
  std::size_t event_count = 0;
};

SealedRecord seal(const SigningKey& key, const ZoneId& zone, const RecordDraft& draft, const Payload& payload) {
  const Packed packed = pack_payload(payload.plain);
  const RecordHeader header{.type = draft.type,
                            .codec = packed.codec,
                            .epoch = draft.epoch,
                            .seq = draft.seq,
                            .feed = draft.feed,
                            .feed_epoch = draft.feed_epoch,
                            .first_version = payload.first_version,
                            .event_count = static_cast<std::uint16_t>(payload.event_count),
                            .origin_time = draft.origin_time,
                            .key_id = key.key_id(),
                            .prev_record = draft.prev_record,
                            .prev_batch = draft.prev_batch,
                            .wire_bytes = static_cast<std::uint32_t>(packed.wire.size()),
                            .plain_bytes = static_cast<std::uint32_t>(payload.plain.size()),
                            .wire_sha256 = sha256(packed.wire),
                            .payload_root = payload.root};
  const Bytes extensions = draft.producers.empty() ? Bytes() : encode_producer_marks(draft.producers);
  const auto signed_bytes = encode_signed_header(header, extensions.size());
  const Signature signature = key.sign(kDomainRecord, zone, {signed_bytes, extensions});

  Bytes body;
  body.reserve(kHeaderBytes + extensions.size() + packed.wire.size());
  ByteWriter write(body);
  write.bytes(signed_bytes);
  write.bytes(signature);
  write.bytes(extensions);
  write.bytes(packed.wire);

  // What every receiver would refuse must not get a signature.
  const auto decoded = decode_header(body);
  XYLEM_ASSERT(decoded && decoded->header == header);
  SealedRecord sealed;
  append_frame(sealed.frame, FrameType::record, RecordForm::full, body);
  sealed.link = link_of(*decoded);
  return sealed;
}

Bytes other_form(const RecordView& record, RecordForm form, ByteView new_body) {
  Bytes body(record.decoded.all.begin(), record.decoded.all.end());
  body.insert(body.end(), new_body.begin(), new_body.end());
  Bytes frame;
  append_frame(frame, FrameType::record, form, body);
  return frame;
}

}  // namespace

SealedRecord seal_batch(const SigningKey& key, const ZoneId& zone, const RecordDraft& draft, const Salt& salt,
                        std::span<const Event> events) {
  XYLEM_ASSERT(draft.type == RecordType::batch && events.size() <= kBatchEventsMax);
  Payload payload{encode_events(salt, events), {}, draft.first_version, events.size()};
  payload.root = *payload_root_of(payload.plain, events.size());
  return seal(key, zone, draft, payload);
}

SealedRecord seal_notice(const SigningKey& key, const ZoneId& zone, const RecordDraft& draft, const Notice& notice) {
  XYLEM_ASSERT(draft.type == record_type_of(notice));
  Payload payload{encode_notice(notice), {}, Version(), 0};
  payload.root = notice_root_of(payload.plain);
  return seal(key, zone, draft, payload);
}

Result<Bytes> elide_record(const RecordView& record, const std::vector<bool>& remove, std::span<const Seq> redactions) {
  const RecordHeader& header = record.header();
  if (!header.is_batch()) return fail(ErrorCode::kBadPayload, "a notice has no events");
  if (record.form == RecordForm::withheld) return fail(ErrorCode::kBadPayload, "a withheld record has no events");

  Result<Bytes> body;
  if (record.form == RecordForm::elided) {
    body = elide_more(record.body, header.event_count, remove, redactions);
  } else {
    const auto plain = unpack_payload(header.codec, record.body, header.plain_bytes);
    if (!plain) return fail(plain.error());
    XYLEM_ASSERT(remove.size() == header.event_count);
    body = elide_events(*plain, remove, redactions);
  }
  if (!body) return fail(body.error());
  return other_form(record, RecordForm::elided, *body);
}

Bytes withhold_record(const RecordView& record) {
  XYLEM_ASSERT(record.header().is_batch());
  return other_form(record, RecordForm::withheld, {});
}

}  // namespace xylem
