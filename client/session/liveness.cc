#include "client/session/liveness.h"

#include <algorithm>

namespace xylem {

Liveness::Rule Liveness::rule_of(Role role) {
  if (role == Role::relay) return {kRelayPingInterval, false, kRelayDeadAfter};
  return {kReaderPingAfter, true, kReaderPingAfter + kReaderDeadAfter};
}

Liveness::Liveness(Role role, MonoTime now) : rule_(rule_of(role)), heard_(now), ping_at_(now + rule_.ping_interval) {}

void Liveness::on_received(MonoTime now) {
  heard_ = now;
  if (rule_.only_when_silent) ping_at_ = now + rule_.ping_interval;
}

MonoTime Liveness::deadline() const { return std::min(ping_at_, heard_ + rule_.dead_after); }

Liveness::Verdict Liveness::on_deadline(MonoTime now) {
  const auto late = now - deadline();
  if (late.count() < 0) return Verdict::wait;
  heard_ = std::min(now, heard_ + late);
  if (now >= heard_ + rule_.dead_after) return Verdict::dead;
  if (now < ping_at_) return Verdict::wait;
  ping_at_ = now + rule_.ping_interval;
  return Verdict::send_ping;
}

}  // namespace xylem
