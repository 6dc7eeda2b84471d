#include "origin/drill/lying_tongue.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

Bytes words() {
  Bytes out;
  for (std::uint8_t i = 0; i < 40; ++i) {
    append_frame(out, FrameType::record, RecordForm::full, Bytes(300, i));
    append_frame(out, FrameType::ping, RecordForm::full, Bytes(9, i));
  }
  return out;
}

// In pieces, as a core says them.
Bytes say(LyingTongue& tongue, const Bytes& words) {
  Bytes out;
  for (std::size_t at = 0; at < words.size(); at += 77) {
    const Bytes said = tongue.say(ByteView(words).subspan(at, std::min<std::size_t>(77, words.size() - at)));
    out.insert(out.end(), said.begin(), said.end());
  }
  return out;
}

TEST_CASE("an honest relay's words are what its core said") {
  Lies lies{RandomStream(1, "lies")};
  LyingTongue tongue(lies);
  CHECK(say(tongue, words()) == words());
  CHECK(lies.told == 0);
}

TEST_CASE("a liar's words are whole frames, others than its core said; all but records stay true") {
  Lies lies{RandomStream(1, "lies")};
  lies.on = true;
  LyingTongue tongue(lies);
  const Bytes said = say(tongue, words());
  CHECK(said != words());
  CHECK(lies.told > 0);
  int pings = 0;
  for (ByteView rest = said; !rest.empty();) {
    const auto frame = parse_envelope(rest);
    REQUIRE(frame.has_value());
    REQUIRE(frame->has_value());
    if ((*frame)->type == FrameType::ping) CHECK((*frame)->body[0] == pings++);
    rest = rest.subspan((*frame)->frame.size());
  }
  CHECK(pings == 40);
}

}  // namespace
}  // namespace xylem
