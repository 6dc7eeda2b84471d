// Lines of an exported thread from hostile bytes: a refused line leaves nothing behind and says its number, and every
// event that is written is one that the view understands.
// links: xylem::thread
#include <cstdlib>

#include "client/view/comments.h"
#include "origin/ingest/thread/thread_export.h"

namespace xylem {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_events(std::string_view events) {
  Comments comments;
  JsonObject event;
  std::uint64_t version = 0;
  while (!events.empty()) {
    const std::string_view line = events.substr(0, events.find('\n'));
    require(line.size() < events.size());  // each has its line end
    events.remove_prefix(line.size() + 1);
    require(event.parse(as_bytes(line)));
    require(event.member("timestamp").is(JsonValue::Type::kInteger));
    const std::string kind(event.member("event_kind").text);
    ++version;
    const auto effect = comments.apply({Version(version), from_ms(version), kind, as_bytes(line), false}).effect;
    require(effect != Comments::Effect::kMalformed && effect != Comments::Effect::kUnknownKind);
  }
}

}  // namespace
}  // namespace xylem

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xylem;
  std::string_view input = as_text({data, size});
  ThreadExport thread({.waiting_bytes_max = 512});
  std::string events;
  for (std::uint64_t number = 1; !input.empty(); ++number) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const std::size_t before = events.size();
    const auto done = thread.convert(line, events);
    require(done || events.size() == before);
    require(done || done.error().detail.starts_with("line " + std::to_string(number) + ": "));
  }
  thread.finish(events);
  check_events(events);
  return 0;
}
