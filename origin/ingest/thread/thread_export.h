// Turns an exported thread into the events of a feed: one JSON object a line in, one event a line out (docs/views.md),
// ready for `POST /v1/stream/{feed}` or `xylem-origin append`.
//
//   post     author, title, selftext, url, created_utc, edited, score
//            → add_post, vote, edit_comment
//   comment  id, parent_id, author, body, created_utc, edited, score
//            → add_comment, vote, then edit_comment or delete_comment
//
// A line with a title is the post. parent_id is t3_… (the post) or t1_… (a comment). A body [deleted] or [removed] is a
// deletion. An export has only the last text of a comment: an edit repeats it, at the time that `edited` gives, or at
// once where it is just true. When votes were cast is not in it either: a score comes as one vote with its comment.
//
// Streams: keeps nothing but the edits whose time has not come. Knows no files; feed it lines.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "client/view/json_object.h"
#include "proto/result.h"

namespace xylem {

class ThreadExport {
 public:
  static constexpr std::size_t kLineBytesMax = std::size_t{1} << 20;

  struct Options {
    std::size_t waiting_bytes_max = std::size_t{64} << 20;  // of edits; beyond, the earliest is written before its time
  };
  struct Counts {
    std::uint64_t lines = 0;  // read, blank ones too
    std::uint64_t comments = 0;
    std::uint64_t deletions = 0;
    std::uint64_t edits = 0;
    std::uint64_t events = 0;        // written
    std::uint64_t out_of_order = 0;  // lines older than one before: written where they stand
  };

  ThreadExport();
  explicit ThreadExport(Options options);

  // Appends the events of one line (given without its line end) to `out`; a blank line has none. kTooLarge, kBadEvent,
  // kEventTooLarge with "line 7: …": then nothing was appended, and the next line may follow.
  Result<void> convert(std::string_view line, std::string& out);
  // The edits that still wait.
  void finish(std::string& out);

  const Counts& counts() const { return counts_; }

 private:
  struct Edit {
    std::int64_t time;
    std::uint64_t line;  // in order of reading among edits of one second
    std::string event;
    friend bool operator>(const Edit& a, const Edit& b) { return a.time != b.time ? a.time > b.time : a.line > b.line; }
  };

  void write(std::string_view events, std::string& out);
  void write_earliest_edit(std::string& out);

  Options options_;
  JsonObject line_;
  Counts counts_;
  std::int64_t newest_ = 0;  // time of a line
  bool post_seen_ = false;
  std::priority_queue<Edit, std::vector<Edit>, std::greater<>> edits_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace xylem
