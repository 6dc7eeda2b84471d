// How long ago something was, short: "now", "12m", "5h", "3d"; from 30 days on, the day: "8 Dec 2011" (UTC).
#pragma once

#include <string>

#include "proto/ids.h"

namespace xylem {

// Up to a day ahead of `now` (clocks differ) reads as "now".
std::string age_text(Timestamp then, Timestamp now);
std::string day_text(Timestamp time);

}  // namespace xylem
