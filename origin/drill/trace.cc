#include "origin/drill/trace.h"

#include <fmt/format.h>

#include "proto/crc32c.h"

namespace xylem {
namespace {

std::string line_of(MonoTime now, std::string_view who, std::string_view what) {
  const auto ms = (now.time_since_epoch() - std::chrono::hours(1)).count();
  return fmt::format("{:>5}.{:03} s  {:<18} {}", ms / 1000, ms % 1000, who, what);
}

}  // namespace

// FNV-1a over the number's bytes, the lowest first.
void Trace::fold(std::uint64_t number) {
  for (int i = 0; i < 8; ++i) {
    hash_ = (hash_ ^ (number & 0xFF)) * 0x100000001B3ULL;
    number >>= 8;
  }
}

void Trace::fold(ByteView bytes) {
  fold(bytes.size());
  fold(std::uint64_t{crc32c(bytes)});
}

void Trace::tell(MonoTime now, std::string_view who, std::string_view what) {
  fold(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  fold(as_bytes(who));
  fold(as_bytes(what));
  lines_.push_back(line_of(now, who, what));
  if (log_) log_(lines_.back());
  if (lines_.size() > kLinesKept) lines_.pop_front();
}

void Trace::detail(MonoTime now, std::string_view who, std::string_view what) {
  if (log_) log_(line_of(now, who, what));
}

}  // namespace xylem
