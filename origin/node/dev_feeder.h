// Feeds a generated thread into an origin, bit by bit, from a thread of its own: for `xylem-origin dev`.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "origin/node/http_poster.h"

namespace xylem {

class DevFeeder {
 public:
  // About `rate` events a second until the thread is told.
  DevFeeder(PostTarget target, std::uint64_t rate);
  ~DevFeeder();

 private:
  void run(PostTarget target, std::uint64_t rate);

  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace xylem
