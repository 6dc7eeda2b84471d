// How many frames a peer may send: `per_second` on the long run, ten seconds' worth at once after silence.
#pragma once

#include <algorithm>
#include <cstdint>

#include "proto/mono_time.h"

namespace xylem {

class FrameRate {
 public:
  explicit FrameRate(MonoTime now) : full_at_(now) {}

  // Counts one frame; false: too many.
  bool take(MonoTime now, std::uint32_t per_second) {
    full_at_ = std::max(full_at_, now) + std::chrono::milliseconds(1000 / std::max(per_second, 1U));
    return full_at_ - now <= kBurst;
  }

 private:
  static constexpr std::chrono::seconds kBurst{10};
  MonoTime full_at_;  // when all that was taken is made up for
};

}  // namespace xylem
