// Chunks of memory and how far they go, for readers whose list is not the newest any more.
#include "relay/log/hot_tail.h"

#include <catch2/catch.hpp>

using namespace xylem;

namespace {

constexpr std::size_t kFrameBytes = 300;

// Records of one segment from seq 1 on.
void stage(HotTail& hot, std::uint64_t seq) {
  const Bytes frame(kFrameBytes, static_cast<std::uint8_t>(seq));
  hot.stage(frame, Seq(seq), (seq - 1) * kFrameBytes, seq == 1);
}

void add(HotTail& hot, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seq = first; seq <= last; ++seq) stage(hot, seq);
  hot.commit();
}

}  // namespace

TEST_CASE("a list that is not the newest any more knows where its newest chunk ends") {
  HotTail hot(1000);
  add(hot, 1, 2);
  const auto list = hot.list();
  CHECK(list->find(Seq(1))->committed == 2 * kFrameBytes);
  add(hot, 3, 3);  // into the same chunk
  CHECK(hot.list() == list);
  CHECK(list->find(Seq(3))->committed == 3 * kFrameBytes);
  add(hot, 4, 4);  // there is no room for it
  CHECK(list->find(Seq(4))->committed == 3 * kFrameBytes);
  CHECK(hot.list()->find(Seq(4))->file_offset == 3 * kFrameBytes);
  CHECK(hot.list()->find(Seq(4))->data[0] == 4);
}

TEST_CASE("a newest chunk that was given up takes nothing more") {
  HotTail hot(1000);
  add(hot, 1, 1);
  const auto list = hot.list();
  CHECK(hot.drop_oldest() == 1000);
  add(hot, 2, 2);
  CHECK(list->find(Seq(2))->committed == kFrameBytes);
  CHECK(hot.list()->find(Seq(1)) == nullptr);
  CHECK(hot.list()->find(Seq(2))->file_offset == kFrameBytes);
}

TEST_CASE("what was staged is there only after it was committed") {
  HotTail hot(1000);
  add(hot, 1, 2);
  const auto list = hot.list();
  for (std::uint64_t seq = 3; seq <= 9; ++seq) stage(hot, seq);
  CHECK(list->find(Seq(9))->committed == 2 * kFrameBytes);
  hot.discard();
  CHECK(hot.list() == list);
  CHECK(hot.bytes() == 1000);
  add(hot, 3, 3);
  CHECK(list->find(Seq(3))->committed == 3 * kFrameBytes);
  CHECK(list->find(Seq(3))->data[2 * kFrameBytes] == 3);
}
