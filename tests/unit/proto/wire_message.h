// Protocol Buffers by hand: what a peer may send, also where our own encoder never would.
#pragma once

#include <string_view>

#include "proto/bytes.h"

namespace xylem {

class WireMessage {
 public:
  WireMessage& integer(unsigned field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  WireMessage& bytes(unsigned field, ByteView value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  WireMessage& text(unsigned field, std::string_view value) { return bytes(field, as_bytes(value)); }
  WireMessage& zeros(unsigned field, std::size_t count) { return bytes(field, Bytes(count)); }
  WireMessage& message(unsigned field, const WireMessage& value) { return bytes(field, value.bytes_); }

  const Bytes& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }

  Bytes bytes_;
};

}  // namespace xylem
