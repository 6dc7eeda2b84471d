#include "origin/drill/shown_records.h"

#include "origin/drill/drill_server.h"

namespace xylem {
namespace {

constexpr std::size_t kRunBytes = 256 * kKiB;

// As a serving core does: from memory where it is hot, else from the files.
Result<Bytes> records_from(const LogReader& reader, Seq from, Seq& last) {
  if (const auto hot = reader.hot_run(from, kRunBytes)) {
    last = hot->last;
    return Bytes(hot->bytes.begin(), hot->bytes.end());
  }
  const auto cold = reader.cold_run(from, kRunBytes);
  if (!cold) return fail(cold.error());
  last = cold->last;
  return read_run(*cold);
}

}  // namespace

void ShownRecords::walk(const std::function<void(Bucket, Seq, ByteView)>& each) {
  for (std::uint32_t b = logs_.range().first.value; b <= logs_.range().last.value; ++b) {
    const Bucket bucket(static_cast<std::uint16_t>(b));
    LogReader reader(logs_.of(bucket));
    const LogWindow window = reader.window();
    Place& place = places_[bucket];
    if (place.history != window.history) place = {window.history, Seq()};
    for (Seq next = std::max(place.last.next(), window.floor); next <= window.head;) {
      Seq last;
      const auto records = records_from(reader, next, last);
      XYLEM_ASSERT(records.has_value());  // it is in the window
      ByteView rest = *records;
      for (; next <= last; next = next.next()) {
        const auto frame = parse_envelope(rest);
        XYLEM_ASSERT(frame && *frame);
        each(bucket, next, (*frame)->frame);
        rest = rest.subspan((*frame)->frame.size());
      }
    }
    place.last = window.head;
  }
}

Result<Bytes> stored_records(BucketLog& log) {
  LogReader reader(log);
  const LogWindow window = reader.window();
  Bytes all;
  for (Seq next = window.floor; next <= window.head;) {
    const auto run = reader.cold_run(next, kRunBytes);
    if (!run) return fail(run.error());
    const auto bytes = read_run(*run);
    if (!bytes) return fail(bytes.error());
    all.insert(all.end(), bytes->begin(), bytes->end());
    next = run->last.next();
  }
  return all;
}

}  // namespace xylem
