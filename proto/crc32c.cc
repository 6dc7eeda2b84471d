#include "proto/crc32c.h"

#include <cstring>

namespace xylem {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41, bits reversed

// tables[k][b]: the register after byte b and k zero bytes, so that eight bytes go in one step.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? kPolynomial : 0);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 255];
    }
  }
  return tables;
}
constexpr Tables kTables = make_tables();

std::uint32_t update_by_table(std::uint32_t value, ByteView bytes) {
  while (bytes.size() >= 8) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t mixed = bytes[i] ^ (i < 4 ? value >> (8 * i) & 255 : 0);
      next ^= kTables[7 - i][mixed];
    }
    value = next;
    bytes = bytes.subspan(8);
  }
  for (std::uint8_t byte : bytes) value = value >> 8 ^ kTables[0][(value ^ byte) & 255];
  return value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_by_sse42(std::uint32_t value, ByteView bytes) {
  std::uint64_t wide = value;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
    bytes = bytes.subspan(8);
  }
  value = static_cast<std::uint32_t>(wide);
  for (std::uint8_t byte : bytes) value = __builtin_ia32_crc32qi(value, byte);
  return value;
}

const bool kHasSse42 = [] {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") != 0;
}();

std::uint32_t update(std::uint32_t value, ByteView bytes) {
  return kHasSse42 ? update_by_sse42(value, bytes) : update_by_table(value, bytes);
}
#else
std::uint32_t update(std::uint32_t value, ByteView bytes) { return update_by_table(value, bytes); }
#endif

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t previous) { return ~update(~previous, bytes); }

std::uint32_t crc32c_by_table(ByteView bytes, std::uint32_t previous) { return ~update_by_table(~previous, bytes); }

}  // namespace xylem
