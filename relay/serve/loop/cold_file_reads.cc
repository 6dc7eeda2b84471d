#include "relay/serve/loop/cold_file_reads.h"

#include <sys/uio.h>

#include <optional>

namespace xylem {

namespace {

std::size_t total_bytes(const std::vector<ColdRun>& runs) {
  std::size_t bytes = 0;
  for (const ColdRun& run : runs) bytes += run.bytes;
  return bytes;
}

// Only what is in the page cache; nothing when a part is not.
std::optional<Bytes> read_cached(const std::vector<ColdRun>& runs) {
  Bytes bytes(total_bytes(runs));
  std::size_t at = 0;
  for (const ColdRun& run : runs) {
    if (run.file->descriptor() < 0) return std::nullopt;
    iovec out{bytes.data() + at, run.bytes};
    const ssize_t count = ::preadv2(run.file->descriptor(), &out, 1, static_cast<off_t>(run.offset), RWF_NOWAIT);
    if (count < 0 || static_cast<std::size_t>(count) != run.bytes) return std::nullopt;
    at += run.bytes;
  }
  return bytes;
}

Result<Bytes> read_all(const std::vector<ColdRun>& runs) {
  Bytes bytes(total_bytes(runs));
  std::size_t at = 0;
  for (const ColdRun& run : runs) {
    const auto out = std::span(bytes).subspan(at, run.bytes);
    if (Result<void> read = read_exactly(*run.file, run.offset, out); !read) return fail(read.error());
    at += run.bytes;
  }
  return bytes;
}

}  // namespace

ColdFileReads::ColdFileReads(Loop& loop, std::size_t reads_max, Done done)
    : done_(std::move(done)), worker_(loop, reads_max), next_turn_(loop, [this] { deliver(); }) {}

void ColdFileReads::read(ReadId id, std::vector<ColdRun> runs) {
  if (std::optional<Bytes> bytes = read_cached(runs)) {
    ready_.push_back({id, std::move(*bytes)});
    next_turn_.start();
    return;
  }
  const Result<void> started =
      worker_.run_for<Result<Bytes>>([runs = std::move(runs)] { return read_all(runs); },
                                     [this, id](Result<Bytes> bytes) { done_(id, std::move(bytes)); });
  if (started) return;
  ready_.push_back({id, fail(started.error())});
  next_turn_.start();
}

void ColdFileReads::deliver() {
  next_turn_.stop();
  for (Answer& answer : std::exchange(ready_, {})) done_(answer.id, std::move(answer.bytes));
}

}  // namespace xylem
