// When may memory be freed that readers on other threads may still look at (epoch-based reclamation)?
//
//   writer:  make the object unreachable → retire(it) → … → collect()      frees what nobody can hold any more
//   reader:  enter(slot) → loads roots, follows pointers → exit(slot)       holds nothing from then on
//
// Roots must be loaded and stored with memory_order_seq_cst. A reader that is outside holds nothing up, however long.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>

namespace xylem {

class Reclaimer {
 public:
  static constexpr std::size_t kReadersMax = 64;

  ~Reclaimer();

  // Any thread; a slot is used by one thread at a time. Asserts that no more than kReadersMax are taken.
  std::size_t join();
  void leave(std::size_t slot);
  void enter(std::size_t slot);
  void exit(std::size_t slot);

  // Writer thread.
  void retire(std::shared_ptr<const void> object, std::uint64_t bytes);
  void collect();
  std::uint64_t retired_bytes() const { return retired_bytes_; }

 private:
  // Outside of any epoch; both are above every epoch.
  static constexpr std::uint64_t kOutside = ~std::uint64_t{1};
  static constexpr std::uint64_t kUntaken = ~std::uint64_t{0};
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> epoch{kUntaken};
  };
  struct Retired {
    std::uint64_t epoch;
    std::shared_ptr<const void> object;
    std::uint64_t bytes;
  };

  std::array<Slot, kReadersMax> slots_;
  std::atomic<std::uint64_t> epoch_{0};
  std::deque<Retired> retired_;
  std::uint64_t retired_bytes_ = 0;
};

}  // namespace xylem
