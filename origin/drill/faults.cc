#include "origin/drill/faults.h"

#include <string>

namespace xylem {

std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::reset:
      return "reset";
    case FaultKind::corrupt:
      return "corrupt";
    case FaultKind::restart:
      return "restart";
    case FaultKind::wipe:
      return "wipe";
    case FaultKind::power_cut:
      return "power cut";
    case FaultKind::lie:
      return "lie";
  }
  return "";
}

std::vector<FaultRate> usual_faults() {
  using namespace std::chrono_literals;
  return {{FaultKind::reset, 1000ms}, {FaultKind::corrupt, 2500ms},   {FaultKind::restart, 4000ms},
          {FaultKind::wipe, 9000ms},  {FaultKind::power_cut, 7000ms}, {FaultKind::lie, 6000ms}};
}

struct FaultDriver::Kind {
  Kind(FaultDriver& driver, EventQueue& queue, std::uint64_t seed, const FaultRate& fault_rate)
      : rate(fault_rate),
        random(seed, "fault " + std::string(to_string(fault_rate.kind))),
        timer(queue, [this, &driver] {
          driver.strike_(rate.kind, random);
          plan();
        }) {
    plan();
  }
  void plan() { timer.start_after(random.waiting_time(rate.mean_pause)); }

  const FaultRate rate;
  RandomStream random;
  VirtualTimer timer;
};

FaultDriver::FaultDriver(EventQueue& queue, std::uint64_t seed, const std::vector<FaultRate>& rates, Strike strike)
    : strike_(std::move(strike)) {
  for (const FaultRate& rate : rates) kinds_.push_back(std::make_unique<Kind>(*this, queue, seed, rate));
}

FaultDriver::~FaultDriver() = default;

}  // namespace xylem
