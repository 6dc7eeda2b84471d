// The resolver cache's file as a broken disk or a stranger left it: reading ends, keeps the limits, and what was
// taken is written and read the same.
// links: xylem::discovery
#include "client/discovery/dns_cache.h"

using namespace xylem;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Timestamp now = from_ms(1'700'000'000'000);
  DnsCache cache;
  const Result<void> read = cache.decode({data, size}, now);
  XYLEM_ASSERT(read || read.error().code == ErrorCode::kCorrupt);
  XYLEM_ASSERT(cache.size() <= DnsCache::kEntriesMax);
  const Bytes file = cache.encode();
  XYLEM_ASSERT(file.size() <= DnsCache::kFileBytesMax);
  DnsCache copy;
  XYLEM_ASSERT(copy.decode(file, now).has_value());
  XYLEM_ASSERT(copy.encode() == file);
  return 0;
}
