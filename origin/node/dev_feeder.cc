#include "origin/node/dev_feeder.h"

#include <chrono>

#include "client/logging/log.h"
#include "origin/ingest/thread/thread_export.h"
#include "origin/ingest/thread/thread_generator.h"

namespace xylem {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

}  // namespace

DevFeeder::DevFeeder(PostTarget target, std::uint64_t rate)
    : thread_([this, target = std::move(target), rate] { run(target, rate); }) {}

DevFeeder::~DevFeeder() {
  stopping_ = true;
  thread_.join();
}

void DevFeeder::run(PostTarget target, std::uint64_t rate) {
  HttpPoster poster(target);
  ThreadGenerator generator({});
  ThreadExport convert;
  std::string line;
  std::string events;
  std::uint64_t seq = 0;
  bool more = true;
  while (more && !stopping_) {
    const std::uint64_t before = convert.counts().events;
    while (more && convert.counts().events < before + rate / 10) {
      line.clear();
      more = generator.next(line);
      if (!more) {
        convert.finish(events);
        break;
      }
      line.pop_back();  // its line end
      if (auto converted = convert.convert(line, events); !converted)
        log_warning("generated line refused", {{"cause", converted.error().message()}});
    }
    // Not taken: the same events go again with the same number, and can not be doubled.
    if (auto reply = poster.post(events, seq); reply && reply->status == 200) {
      events.clear();
      ++seq;
    } else {
      more = true;
    }
    std::this_thread::sleep_for(kInterval);
  }
}

}  // namespace xylem
