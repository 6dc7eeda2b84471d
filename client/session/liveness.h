// Says when to send a PING and when a silent peer counts as dead (spec §7). Any byte received is life.
//
//   relay:   a PING each 500 ms; dead after 1 500 ms without a byte
//   reader:  a PING after 20 s without a byte; dead after 5 s more
//
// Only time in which this process ran counts: what a deadline comes late by (the machine slept, the loop was stopped)
// is taken off the silence, because what the peer sent meanwhile was not read yet.
#pragma once

#include "proto/frames.h"
#include "proto/mono_time.h"

namespace xylem {

class Liveness {
 public:
  Liveness(Role role, MonoTime now);

  void on_received(MonoTime now);
  enum class Verdict : std::uint8_t { wait, send_ping, dead };
  Verdict on_deadline(MonoTime now);
  MonoTime deadline() const;

 private:
  struct Rule {
    std::chrono::milliseconds ping_interval;
    bool only_when_silent;
    std::chrono::milliseconds dead_after;  // of silence
  };
  static Rule rule_of(Role role);

  Rule rule_;
  MonoTime heard_;
  MonoTime ping_at_;
};

}  // namespace xylem
