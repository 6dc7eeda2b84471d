// What happened in a run: a hash of every event, and lines for a person. Two runs with one hash did the same; the hash
// knows nothing of addresses, orders of hash tables or the kind of build.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "proto/bytes.h"
#include "proto/mono_time.h"

namespace xylem {

class Trace {
 public:
  static constexpr std::size_t kLinesKept = 400;

  // Every line goes to `log` as well, those about single bytes too.
  explicit Trace(std::function<void(std::string_view)> log = {}) : log_(std::move(log)) {}

  // Into the hash only.
  void fold(std::uint64_t number);
  void fold(ByteView bytes);
  // A line: what `who` did or met, into the hash and the log; the newest are kept.
  void tell(MonoTime now, std::string_view who, std::string_view what);
  // Whether to make lines for detail(): they cost more than what they tell of.
  bool detailed() const { return static_cast<bool>(log_); }
  // A line for the log only.
  void detail(MonoTime now, std::string_view who, std::string_view what);

  std::uint64_t hash() const { return hash_; }
  const std::deque<std::string>& newest_lines() const { return lines_; }

 private:
  std::function<void(std::string_view)> log_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::deque<std::string> lines_;
};

}  // namespace xylem
