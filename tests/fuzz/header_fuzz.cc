// A record's body behind its envelope: what parses has one encoding, and opening it ends, whatever it holds. The first
// byte is the form; there is no checksum, so that the search gets past it.
// links: xylem::proto
#include <algorithm>

#include "proto/record.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView body(data + 1, size - 1);
  const auto form = static_cast<RecordForm>(data[0] % 3);
  if (body.size() > body_bytes_max(FrameType::record, form)) return 0;
  const auto record = parse_record(Envelope{FrameType::record, form, body, body});
  if (!record) return 0;

  const RecordHeader& header = record->header();
  const DecodedHeader& decoded = record->decoded;
  const auto encoded = encode_signed_header(header, decoded.extensions.size());
  XYLEM_ASSERT(std::ranges::equal(encoded, decoded.signed_bytes));
  XYLEM_ASSERT(decoded.all.size() + record->body.size() == body.size());
  XYLEM_ASSERT(link_of(decoded) == sha256(body.first(decoded.all.size())));

  const auto marks = find_producer_marks(decoded.extensions);
  XYLEM_ASSERT(marks && marks->size() <= kProducerMarksMax);
  if (!header.is_batch()) {
    (void)open_notice(*record);
    return 0;
  }
  XYLEM_ASSERT(header.last_version().value <= kPositionMax);
  const auto batch = open_batch(*record);
  if (batch) XYLEM_ASSERT(batch->items.size() == header.event_count);
  const Bytes withheld = withhold_record(*record);
  XYLEM_ASSERT(parse_record(ByteView(withheld))->header() == header);
  return 0;
}
