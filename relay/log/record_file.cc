#include "relay/log/record_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace xylem {
namespace {

constexpr std::size_t kPieceBytes = kMiB;

}  // namespace

Result<std::optional<RecordView>> RecordFile::next() {
  while (next_ < end_) {
    const auto envelope = parse_envelope(ByteView(buffer_).subspan(used_));
    if (envelope && !*envelope && !at_end()) {
      if (auto ok = read_more(); !ok) return fail(ok.error());
      continue;
    }
    const auto record = !envelope    ? Result<RecordView>(fail(envelope.error()))
                        : !*envelope ? Result<RecordView>(fail(ErrorCode::kBadFrame, "cut short"))
                                     : parse_record(**envelope);
    if (!record) return fail(ErrorCode::kCorrupt, fmt::format("at {}: {}", next_, record.error().message()));
    offset_ = next_;
    skip(record->frame.size());
    return *record;
  }
  return std::nullopt;
}

Result<ByteView> RecordFile::peek(std::size_t count) {
  while (unread() < count && !at_end()) {
    if (auto ok = read_more(); !ok) return fail(ok.error());
  }
  return ByteView(buffer_).subspan(used_, std::min(count, unread()));
}

void RecordFile::skip(std::size_t count) {
  next_ += count;
  used_ += count;
}

// Keeps what is left of the piece before and reads the next one behind it.
Result<void> RecordFile::read_more() {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ = 0;
  const std::size_t left = buffer_.size();
  const std::uint64_t from = next_ + left;
  buffer_.resize(left + static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, end_ - from)));
  return read_exactly(file_, from, std::span(buffer_).subspan(left));
}

}  // namespace xylem
