// What goes wrong in a drill and when. Each kind has its own stream of chance, for its times and its victims, so that
// another rate of one kind, or a new kind, leaves the others' draws as they are.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "origin/drill/event_queue.h"
#include "origin/drill/random_stream.h"

namespace xylem {

enum class FaultKind : std::uint8_t {
  reset,      // a connection breaks; each end learns it in its own time
  corrupt,    // a bit flips on the way
  restart,    // a process is killed and starts again with its disk
  wipe,       // a relay or reader is killed and starts again with an empty disk
  power_cut,  // a machine loses power: what was not synced may be lost, or be zeros
  lie,        // a relay lies for some time: flips, drops, reorders, replays records
};
inline constexpr std::array kAllFaults = {FaultKind::reset, FaultKind::corrupt,   FaultKind::restart,
                                          FaultKind::wipe,  FaultKind::power_cut, FaultKind::lie};
std::string_view to_string(FaultKind kind);

struct FaultRate {
  FaultKind kind;
  std::chrono::milliseconds mean_pause;  // from one to the next
};
std::vector<FaultRate> usual_faults();

class FaultDriver {
 public:
  // `strike` does it, with the kind's stream of chance.
  using Strike = std::function<void(FaultKind, RandomStream&)>;
  FaultDriver(EventQueue& queue, std::uint64_t seed, const std::vector<FaultRate>& rates, Strike strike);
  ~FaultDriver();

 private:
  struct Kind;
  std::vector<std::unique_ptr<Kind>> kinds_;
  Strike strike_;
};

}  // namespace xylem
