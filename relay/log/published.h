// A small value that one thread writes and any thread reads, without a lock (a sequence lock). A reader gets a value
// that was once written as a whole; it tries again only while a write is under way. Everything the writer did before
// write() is visible to whoever reads that value.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace xylem {

template <typename T>
class Published {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);
  static constexpr std::size_t kWords = sizeof(T) / 8;

 public:
  Published() : Published(T{}) {}
  explicit Published(const T& value) {
    const auto words = std::bit_cast<std::array<std::uint64_t, kWords>>(value);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_relaxed);
  }

  // A reader that sees one of the new words sees the odd count as well, as the words are stored with release and loaded
  // with acquire; it then finds that the count has changed.
  void write(const T& value) {
    const auto words = std::bit_cast<std::array<std::uint64_t, kWords>>(value);
    const std::uint64_t count = count_.load(std::memory_order_relaxed);
    count_.store(count + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_release);
    count_.store(count + 2, std::memory_order_release);
  }

  T read() const {
    while (true) {
      const std::uint64_t count = count_.load(std::memory_order_acquire);
      std::array<std::uint64_t, kWords> words;
      for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_acquire);
      if (count % 2 == 0 && count == count_.load(std::memory_order_relaxed)) return std::bit_cast<T>(words);
    }
  }

 private:
  std::atomic<std::uint64_t> count_{0};  // odd while a write is under way
  std::array<std::atomic<std::uint64_t>, kWords> words_;
};

}  // namespace xylem
