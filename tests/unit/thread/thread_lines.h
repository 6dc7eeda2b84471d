// Lines of an exported thread, converted and applied as a reader would have them.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "client/view/comments.h"
#include "origin/ingest/thread/thread_export.h"
#include "origin/ingest/thread/thread_generator.h"

namespace xylem::test {

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

inline std::vector<std::string> generated(ThreadGenerator::Options options) {
  ThreadGenerator generator(options);
  std::string text;
  while (generator.next(text)) {
  }
  return lines_of(text);
}

struct BuiltThread {
  Comments comments;
  ThreadExport::Counts counts;
  std::string problem;  // of the first line that was refused, or event that did nothing
};

inline BuiltThread built_from(const std::vector<std::string>& lines,
                              std::uint64_t events_max = std::numeric_limits<std::uint64_t>::max()) {
  ThreadExport thread;
  std::string events;
  BuiltThread built;
  for (const std::string& line : lines) {
    const auto done = thread.convert(line, events);
    if (!done && built.problem.empty()) built.problem = done.error().message();
  }
  thread.finish(events);
  built.counts = thread.counts();

  JsonObject event;
  std::uint64_t version = 0;
  for (const std::string& line : lines_of(events)) {
    if (version == events_max) break;
    event.parse(as_bytes(line));
    const std::string kind(event.member("event_kind").text);
    const auto seconds = static_cast<std::uint64_t>(event.member("timestamp").integer);
    const auto change =
        built.comments.apply({Version(++version), from_ms(seconds * 1000), kind, as_bytes(line), false});
    if (!change.visible() && built.problem.empty()) built.problem = "event " + std::to_string(version) + ": " + line;
  }
  return built;
}

}  // namespace xylem::test
