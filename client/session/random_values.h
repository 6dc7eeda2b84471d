// What cores draw from a RandomBits: waiting times and nonces.
#pragma once

#include <chrono>

#include "client/discovery/server_order.h"
#include "proto/identity.h"

namespace xylem {

// Between the two, both included.
std::chrono::milliseconds draw_between(const RandomBits& random, std::chrono::milliseconds low,
                                       std::chrono::milliseconds high);
Nonce draw_nonce(const RandomBits& random);

}  // namespace xylem
