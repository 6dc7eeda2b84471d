// Immutable bytes that many connections of one loop send without a copy. The count of owners is not atomic: a
// SharedBytes and all its copies and slices stay on one thread. Free of libuv, so cores may use it.
//
//   block: count of owners | where the bytes are | who keeps them | the bytes themselves, when they were copied in
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "proto/bytes.h"

namespace xylem {

class SharedBytes {
 public:
  SharedBytes() = default;  // empty, nothing allocated
  ~SharedBytes() { release(); }
  SharedBytes(const SharedBytes& other) noexcept;
  SharedBytes(SharedBytes&& other) noexcept;
  SharedBytes& operator=(SharedBytes other) noexcept;

  static SharedBytes copy_of(ByteView bytes);
  static SharedBytes copy_of(std::string_view text) { return copy_of(as_bytes(text)); }
  // Takes the vector over; no copy of its bytes.
  static SharedBytes adopt(Bytes bytes);
  // Bytes that belong to `keeper`, which is held until the last owner is gone (a chunk of a log, for one).
  static SharedBytes view_of(ByteView bytes, std::shared_ptr<const void> keeper);

  // The same bytes from `offset`, at most `count`; beyond the end there is nothing.
  SharedBytes slice(std::size_t offset, std::size_t count = SIZE_MAX) const;

  ByteView view() const { return {data_, size_}; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // How many SharedBytes share the block: for tests and metrics.
  std::uint32_t owners() const { return block_ == nullptr ? 0 : block_->owners; }

 private:
  struct Block {
    std::uint32_t owners = 1;
    std::shared_ptr<const void> keeper;
  };

  void release() noexcept;

  Block* block_ = nullptr;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace xylem
