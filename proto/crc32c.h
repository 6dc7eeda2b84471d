// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds accidents on disk and wire early; it proves nothing (spec §7).
// Debian 12 has no library for it. Uses the SSE4.2 instruction where the processor has it, a table elsewhere.
#pragma once

#include "proto/bytes.h"

namespace xylem {

std::uint32_t crc32c(ByteView bytes, std::uint32_t previous = 0);

}  // namespace xylem
