#include "tests/unit/serve/native_peer.h"

namespace xylem {

namespace {

const char* name_of(StatusCode code) {
  switch (code) {
    case StatusCode::live:
      return "live";
    case StatusCode::snapshot_follows:
      return "snapshot_follows";
    case StatusCode::too_old:
      return "too_old";
    case StatusCode::from_the_future:
      return "from_the_future";
    case StatusCode::epoch_changed:
      return "epoch_changed";
    case StatusCode::forked:
      return "forked";
    case StatusCode::empty_so_far:
      return "empty_so_far";
    case StatusCode::not_held:
      return "not_held";
    case StatusCode::withheld:
      return "withheld";
    case StatusCode::not_mine:
      return "not_mine";
  }
  return "?";
}

std::string number(std::uint64_t value) { return " " + std::to_string(value); }

struct Line {
  std::string operator()(const Status& frame) const {
    return name_of(frame.code) + (frame.code == StatusCode::live ? number(frame.head_position) : "");
  }
  std::string operator()(const Welcome& frame) const { return frame.signature ? "welcome" : "welcome unsigned"; }
  std::string operator()(const Buckets& frame) const {
    return "buckets" + number(frame.buckets.size()) + (frame.last ? " last" : "");
  }
  std::string operator()(const Path& frame) const { return "path" + number(frame.relays.size()); }
  std::string operator()(const Pong& frame) const { return "pong" + number(frame.token); }
  std::string operator()(const Blob& frame) const {
    return frame.error ? "blob " + std::string(error_info(*frame.error).name) : "blob" + number(frame.data.size());
  }
  std::string operator()(const GoAway& frame) const { return "goaway " + std::string(error_info(frame.reason).name); }
  std::string operator()(const ErrorFrame& frame) const { return "error " + std::string(error_info(frame.code).name); }
  template <typename Frame>
  std::string operator()(const Frame&) const {
    return "?";
  }
};

}  // namespace

std::vector<std::string> lines(const std::vector<Heard>& heard) {
  std::vector<std::string> all;
  for (const Heard& each : heard) {
    if (each.type == FrameType::record) {
      const RecordForm form = parse_record(ByteView(each.frame)).value().form;
      all.push_back((form == RecordForm::withheld ? "withheld record" : "record") + number(each.header().seq.value));
    } else if (each.type == FrameType::beacon) {
      all.emplace_back("beacon");
    } else {
      all.push_back(std::visit(Line{}, each.control()));
    }
  }
  return all;
}

}  // namespace xylem
