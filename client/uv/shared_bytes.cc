#include "client/uv/shared_bytes.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace xylem {

SharedBytes::SharedBytes(const SharedBytes& other) noexcept
    : block_(other.block_), data_(other.data_), size_(other.size_) {
  if (block_ != nullptr) ++block_->owners;
}

SharedBytes::SharedBytes(SharedBytes&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedBytes& SharedBytes::operator=(SharedBytes other) noexcept {
  std::swap(block_, other.block_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SharedBytes SharedBytes::copy_of(ByteView bytes) {
  SharedBytes out;
  if (bytes.empty()) return out;
  void* memory = ::operator new(sizeof(Block) + bytes.size());
  out.block_ = new (memory) Block;
  auto* inline_bytes = static_cast<std::uint8_t*>(memory) + sizeof(Block);
  std::memcpy(inline_bytes, bytes.data(), bytes.size());
  out.data_ = inline_bytes;
  out.size_ = bytes.size();
  return out;
}

SharedBytes SharedBytes::adopt(Bytes bytes) {
  auto keeper = std::make_shared<const Bytes>(std::move(bytes));
  const ByteView view = *keeper;
  return view_of(view, std::move(keeper));
}

SharedBytes SharedBytes::view_of(ByteView bytes, std::shared_ptr<const void> keeper) {
  SharedBytes out;
  if (bytes.empty()) return out;
  out.block_ = new (::operator new(sizeof(Block))) Block{1, std::move(keeper)};
  out.data_ = bytes.data();
  out.size_ = bytes.size();
  return out;
}

SharedBytes SharedBytes::slice(std::size_t offset, std::size_t count) const {
  if (offset >= size_ || count == 0) return {};
  SharedBytes out = *this;
  out.data_ += offset;
  out.size_ = std::min(count, size_ - offset);
  return out;
}

void SharedBytes::release() noexcept {
  if (block_ == nullptr || --block_->owners > 0) return;
  block_->~Block();
  ::operator delete(block_);
}

}  // namespace xylem
