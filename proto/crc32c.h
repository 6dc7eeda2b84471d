// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds accidents on disk and wire early; it proves nothing (spec §7).
// Debian 12 has no library for it. Uses the SSE4.2 instruction where the processor has it, tables elsewhere.
#pragma once

#include "proto/bytes.h"

namespace xylem {

// `previous` is the CRC of the bytes that stand before these.
std::uint32_t crc32c(ByteView bytes, std::uint32_t previous = 0);

// The way without the instruction; the same result. Apart so that tests reach it on every machine.
std::uint32_t crc32c_by_table(ByteView bytes, std::uint32_t previous = 0);

}  // namespace xylem
