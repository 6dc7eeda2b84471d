// Notices of a hostile origin: the first byte is the record's type, the rest its payload. What is taken keeps every
// rule, and reads the same when it is written again.
// links: xylem::proto
#include "proto/limits.h"
#include "proto/notice.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto notice = decode_notice(static_cast<RecordType>(data[0]), {data + 1, size - 1});
  if (!notice) return 0;
  XYLEM_ASSERT(record_type_of(*notice) == static_cast<RecordType>(data[0]));
  XYLEM_ASSERT(check_notice(*notice));
  const Bytes again = encode_notice(*notice);
  XYLEM_ASSERT(again.size() <= kNoticeBytesMax);
  XYLEM_ASSERT(decode_notice(record_type_of(*notice), again) == *notice);
  return 0;
}
