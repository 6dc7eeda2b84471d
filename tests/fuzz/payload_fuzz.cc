// Payloads: plain events, elided bodies and packed bytes. What decodes encodes to the same bytes; eliding keeps the
// root. The first byte says which of the three, the second how many events (or KiB of plain bytes).
// links: xylem::proto
#include <algorithm>

#include "proto/payload.h"

using namespace xylem;

namespace {

std::vector<bool> every_third(std::size_t count) {
  std::vector<bool> remove(count);
  for (std::size_t i = 0; i < count; i += 3) remove[i] = true;
  return remove;
}

void check_elided(ByteView body, std::size_t count) {
  const auto elided = decode_elided(body, count);
  if (!elided) return;
  XYLEM_ASSERT(elided->items.size() == count);
  const Seq redaction = elided->redactions.back();
  const auto more = elide_more(body, count, every_third(count), std::vector{redaction});
  XYLEM_ASSERT(more);
  const auto again = decode_elided(*more, count);
  XYLEM_ASSERT(again && again->root == elided->root && again->redactions == elided->redactions);
  for (std::size_t i = 0; i < count; ++i) {
    XYLEM_ASSERT(again->items[i].has_value() == (elided->items[i].has_value() && i % 3 != 0));
  }
}

void check_events(ByteView plain, std::size_t count) {
  const auto root = payload_root_of(plain, count);
  const auto events = decode_events(plain, count);
  if (!events) return;
  XYLEM_ASSERT(root);
  const Salt salt = ByteReader(plain).array<sizeof(Salt)>();
  const Bytes encoded = encode_events(salt, *events);
  XYLEM_ASSERT(std::ranges::equal(encoded, plain));
  if (count == 0) return;
  const auto elided = elide_events(plain, every_third(count), std::vector{Seq(7)});
  XYLEM_ASSERT(elided && decode_elided(*elided, count)->root == *root);
  check_elided(*elided, count);
}

void check_packed(ByteView wire, std::size_t plain_bytes) {
  const auto plain = unpack_payload(Codec::zstd, wire, plain_bytes);
  if (!plain) return;
  XYLEM_ASSERT(plain->size() == plain_bytes);
  const Packed packed = pack_payload(*plain);
  XYLEM_ASSERT(unpack_payload(packed.codec, packed.wire, plain_bytes) == *plain);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView bytes(data + 2, size - 2);
  const std::size_t count = data[1];
  if (data[0] % 3 == 0) check_events(bytes, count);
  if (data[0] % 3 == 1) check_elided(bytes, count);
  if (data[0] % 3 == 2) check_packed(bytes, count * kKiB);
  return 0;
}
