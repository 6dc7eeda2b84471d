// A record as it stands on the wire and in the log: RECORD envelope | header | signature | extensions | body.
// RecordView is a parsed record without copies; Sealer makes records (the origin's only maker of signed bytes).
#pragma once

#include <optional>
#include <vector>

#include "proto/envelope.h"
#include "proto/notice.h"
#include "proto/payload.h"

namespace xylem {

struct RecordView {
  ByteView frame;  // the whole envelope: what is stored and forwarded
  RecordForm form = RecordForm::full;
  DecodedHeader decoded;
  ByteView body;  // after header and extensions: payload (full), elided body, or empty (withheld)

  const RecordHeader& header() const { return decoded.header; }
};

// A RECORD envelope's frame (see parse_envelope). kBadFrame, kBadHeader, kTooLarge: body sizes must agree with the
// header. Notices have only the full form.
Result<RecordView> parse_record(const Envelope& envelope);
Result<RecordView> parse_record(ByteView frame);  // exactly one envelope

// The events of a verified record: decompresses, checks payload_root, returns the items (nullopt = removed).
struct OpenedBatch {
  Bytes plain;  // what `items` points into (full form); empty for the elided form, whose items point into the record
  std::vector<BatchItem> items;
};
Result<OpenedBatch> open_batch(const RecordView& record);  // kBadPayload, kBadRoot, kWithheld
Result<Notice> open_notice(const RecordView& record);      // kBadPayload, kBadRoot

// Makes a bucket's next record. Pure: whoever calls keeps the chain (BucketTail below) and makes it durable.
struct RecordDraft {
  RecordType type = RecordType::batch;
  Epoch epoch;
  Seq seq;
  FeedId feed;
  FeedEpoch feed_epoch;
  Version first_version;
  Timestamp origin_time;
  Hash256 prev_record{};
  Hash256 prev_batch{};
  std::vector<ProducerMark> producers;
};
struct SealedRecord {
  Bytes frame;
  Hash256 link{};  // becomes the next prev_record, and the feed's next prev_batch for a batch
};
SealedRecord seal_batch(const SigningKey& key, const ZoneId& zone, const RecordDraft& draft, const Salt& salt,
                        std::span<const Event> events);
SealedRecord seal_notice(const SigningKey& key, const ZoneId& zone, const RecordDraft& draft, const Notice& notice);

// The same record in another form; the header stays as it is. kBadPayload when the record is not a batch or withheld.
Result<Bytes> elide_record(const RecordView& record, const std::vector<bool>& remove, std::span<const Seq> redactions);
Bytes withhold_record(const RecordView& record);

}  // namespace xylem
