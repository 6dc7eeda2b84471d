#include "origin/ingest/thread/thread_export.h"

#include <algorithm>
#include <utility>

#include "origin/ingest/thread/export_line.h"

namespace xylem {

ThreadExport::ThreadExport() : ThreadExport(Options{}) {}

ThreadExport::ThreadExport(Options options) : options_(options) {}

Result<void> ThreadExport::convert(std::string_view line, std::string& out) {
  ++counts_.lines;
  const auto refuse = [&](ErrorCode code, const std::string& cause) {
    return fail(code, "line " + std::to_string(counts_.lines) + ": " + cause);
  };
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  if (line.size() > kLineBytesMax) return refuse(ErrorCode::kTooLarge, "longer than 1 MiB");
  if (!line_.parse(as_bytes(line))) return refuse(ErrorCode::kBadEvent, "not a JSON object");
  auto said = events_of_line(line_);
  if (!said) return refuse(said.error().code, said.error().detail);
  const bool post = said->subject == LineEvents::Subject::kPost;
  if (post && std::exchange(post_seen_, true)) return refuse(ErrorCode::kBadEvent, "a second post");

  if (said->time < newest_) ++counts_.out_of_order;
  newest_ = std::max(newest_, said->time);
  while (!edits_.empty() && edits_.top().time <= newest_) write_earliest_edit(out);
  write(said->events, out);
  if (!post) ++counts_.comments;
  if (said->deleted) ++counts_.deletions;
  if (said->edited) ++counts_.edits;
  if (!said->edit.empty()) {
    waiting_bytes_ += said->edit.size();
    edits_.push({said->edit_time, counts_.lines, std::move(said->edit)});
  }
  while (waiting_bytes_ > options_.waiting_bytes_max) write_earliest_edit(out);
  return {};
}

void ThreadExport::finish(std::string& out) {
  while (!edits_.empty()) write_earliest_edit(out);
}

void ThreadExport::write(std::string_view events, std::string& out) {
  out += events;
  counts_.events += static_cast<std::uint64_t>(std::ranges::count(events, '\n'));
}

void ThreadExport::write_earliest_edit(std::string& out) {
  write(edits_.top().event, out);
  waiting_bytes_ -= edits_.top().event.size();
  edits_.pop();
}

}  // namespace xylem
