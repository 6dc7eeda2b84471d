// Bytes and big-endian reading and writing. Every integer of the wire is big endian (spec §2).
//
// ByteReader never throws and never reads past its end: after the first short read it is bad() and every
// further read gives zero, so a parser checks once, at its end. It does not own the bytes: views it returns live as
// long as the buffer it was made from.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xylem {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  ByteView bytes(std::size_t count);
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> out{};
    ByteView view = bytes(N);
    if (view.size() == N) std::copy(view.begin(), view.end(), out.begin());
    return out;
  }

  ByteView rest() const { return rest_; }
  bool bad() const { return bad_; }
  // All bytes were read and none was missing.
  bool done() const { return !bad_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t width);

  ByteView rest_;
  bool bad_ = false;
};

class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { integer(value, 2); }
  void u32(std::uint32_t value) { integer(value, 4); }
  void u64(std::uint64_t value) { integer(value, 8); }
  void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
  void zeros(std::size_t count) { out_.insert(out_.end(), count, 0); }

 private:
  void integer(std::uint64_t value, std::size_t width);

  Bytes& out_;
};

std::string to_hex(ByteView bytes);
// Lower and upper case; empty on an odd length or a foreign character (an empty text gives empty bytes).
Bytes from_hex(std::string_view text);

}  // namespace xylem
