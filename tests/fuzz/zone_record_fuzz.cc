// TXT records of a hostile zone, one a line: reading ends, and what is accepted reads the same again.
// links: xylem::discovery
#include "client/discovery/zone_record.h"
#include "proto/limits.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == '\n') {
      texts.emplace_back();
    } else {
      texts.back() += static_cast<char>(data[i]);
    }
  }
  const Result<ZoneRecord> record = parse_zone_record(texts);
  if (!record) {
    XYLEM_ASSERT(record.error().code == ErrorCode::kDns);
    return 0;
  }
  XYLEM_ASSERT(record->bucket_count > 0);
  const std::vector<std::string> again{record->to_string()};
  XYLEM_ASSERT(again.front().size() <= kZoneTxtBytesMax);
  const Result<ZoneRecord> same = parse_zone_record(again);
  XYLEM_ASSERT(same && *same == *record);
  return 0;
}
