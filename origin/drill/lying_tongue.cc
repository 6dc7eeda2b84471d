#include "origin/drill/lying_tongue.h"

#include <utility>

namespace xylem {
namespace {

constexpr std::uint64_t kLieOneIn = 4;
constexpr std::uint64_t kRememberOneIn = 4;

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

Bytes LyingTongue::say(ByteView bytes) {
  Bytes out;
  splitter_.feed(bytes);
  while (true) {
    const auto frame = splitter_.next();
    XYLEM_ASSERT(frame.has_value());  // the core's own words
    if (!*frame) return out;
    if ((*frame)->type == FrameType::record) {
      say_record(**frame, out);
    } else {
      append(out, (*frame)->frame);
    }
  }
}

void LyingTongue::say_record(const Envelope& record, Bytes& out) {
  RandomStream& random = lies_.random;
  if (lies_.on && random.chance(kLieOneIn)) {
    ++lies_.told;
    switch (random.below(4)) {
      case 0: {  // another bit, and a checksum that fits it
        Bytes body(record.body.begin(), record.body.end());
        const std::uint64_t bit = random.below(body.size() * 8);
        body[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        append_frame(out, record.type, record.form, body);
        break;
      }
      case 1:  // nothing
        break;
      case 2:  // after the next one
        append(kept_back_, record.frame);
        break;
      case 3:  // an old one first
        if (!remembered_.empty()) append(out, remembered_[random.below(remembered_.size())]);
        append(out, record.frame);
        break;
    }
  } else {
    append(out, record.frame);
    append(out, std::exchange(kept_back_, {}));
  }
  if (random.chance(kRememberOneIn)) remembered_.emplace_back(record.frame.begin(), record.frame.end());
  if (remembered_.size() > kRememberedMax) remembered_.pop_front();
}

}  // namespace xylem
