// What one serving loop takes at most, and what it does then. Limits of the protocol itself stand in proto/limits.h.
#pragma once

#include "proto/limits.h"

namespace xylem {

struct ServeLimits {
  // Connections of this loop. At the maximum a new one is closed at once. The last `relay_connections_reserved` are for
  // relays: a reader that would take one gets GOAWAY or 503 with E_TOO_MANY.
  std::size_t connections_max = 20'000;
  std::size_t relay_connections_reserved = 64;

  // Feeds subscribed to. Beyond either the connection gets ERROR E_TOO_MANY and is closed.
  std::size_t subscriptions_per_connection_max = 4'096;
  std::size_t subscriptions_max = 1'000'000;  // of this loop

  // Control frames of one connection; a second's worth may come at once, tenfold. Beyond: ERROR E_TOO_MANY, closed.
  std::uint32_t reader_frames_per_second_max = 50;
  std::uint32_t relay_frames_per_second_max = 500;

  // Bytes waiting in one socket, above which nothing more is added: the reader becomes a position and catches up later.
  std::size_t reader_queue_bytes_max = 32 * kKiB;
  std::size_t relay_queue_bytes_max = kMiB;
  // Bytes waiting in all sockets of this loop; beyond it the connection that has been stuck longest is closed.
  std::size_t output_bytes_max = 256 * kMiB;
  // A connection whose queue has not run empty for this long is closed.
  std::chrono::milliseconds drain_timeout = 60s;
  // A relay that has sent nothing for this long is closed (it pings every 500 ms).
  std::chrono::milliseconds relay_silence_max = 10s;

  // Catching up: bytes in one go, between these by the measured speed of the connection; at least one record. Sockets
  // that take a file directly may be given more. One turn of the loop stops after `turn_bytes_max` over all
  // connections.
  std::size_t unit_bytes_min = 16 * kKiB;
  std::size_t unit_bytes_max = 256 * kKiB;
  std::size_t text_piece_bytes_max = 32 * kKiB;  // of text made for one reader: what one that does not read costs
  std::size_t file_unit_bytes_max = kMiB;
  std::size_t turn_bytes_max = 4 * kMiB;

  // Reads of files at the same time; further readers wait in line.
  std::size_t cold_reads_max = 8;
};

}  // namespace xylem
