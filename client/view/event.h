// One event of a feed as a reducer sees it: verified, in order, free of how it travelled.
#pragma once

#include <string_view>

#include "proto/bytes.h"
#include "proto/ids.h"

namespace xylem {

// Views into the caller's buffers; a reducer copies what it keeps.
struct ViewEvent {
  Version version;
  Timestamp time;         // the event's own time, as the site gave it
  std::string_view kind;  // may be empty when removed
  ByteView details;       // exactly as posted; empty when removed
  bool removed = false;   // taken out by a redaction: it keeps its version and reads as null
};

}  // namespace xylem
