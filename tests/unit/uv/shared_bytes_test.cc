#include "client/uv/shared_bytes.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace xylem;

TEST_CASE("copies share one block, which goes with the last of them") {
  SharedBytes last;
  {
    const SharedBytes first = SharedBytes::copy_of("a record");
    const SharedBytes second = first;
    last = second;
    CHECK(first.owners() == 3);
    CHECK(first.data() == last.data());
  }
  CHECK(last.owners() == 1);
  CHECK(as_text(last.view()) == "a record");
}

TEST_CASE("moving takes the share along") {
  SharedBytes from = SharedBytes::copy_of("moved");
  SharedBytes to = std::move(from);
  CHECK(to.owners() == 1);
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): what is left must be empty
  CHECK(from.owners() == 0);
  SharedBytes& same = to;
  to = same;
  CHECK(as_text(to.view()) == "moved");
}

TEST_CASE("a slice shares the block and keeps to its bounds") {
  const SharedBytes whole = SharedBytes::copy_of("0123456789");
  CHECK(as_text(whole.slice(3).view()) == "3456789");
  CHECK(as_text(whole.slice(3, 2).view()) == "34");
  CHECK(as_text(whole.slice(3).slice(2, 100).view()) == "56789");
  CHECK(whole.slice(10).empty());
  CHECK(whole.slice(11, SIZE_MAX).empty());
  CHECK(whole.slice(0, 0).owners() == 0);
  const SharedBytes part = whole.slice(1, 1);
  CHECK(whole.owners() == 2);
}

TEST_CASE("adopted bytes are not copied, borrowed ones keep their keeper") {
  Bytes bytes(100'000, 7);
  const std::uint8_t* where = bytes.data();
  CHECK(SharedBytes::adopt(std::move(bytes)).data() == where);

  auto keeper = std::make_shared<Bytes>(10, std::uint8_t{9});
  const std::weak_ptr<Bytes> watched = keeper;
  SharedBytes view = SharedBytes::view_of(ByteView(*keeper).subspan(2, 3), keeper);
  keeper.reset();
  CHECK(view.size() == 3);
  CHECK_FALSE(watched.expired());
  view = {};
  CHECK(watched.expired());
}

TEST_CASE("nothing allocates nothing") {
  CHECK(SharedBytes::copy_of("").owners() == 0);
  CHECK(SharedBytes::adopt({}).owners() == 0);
  CHECK(SharedBytes().slice(0).empty());
}
