// Invents an exported thread (the form that thread_export.h reads) from a seed: the same lines on every machine. Its
// shape is that of a real thread of 1 428 comments below a post about an outage: a third at the top, 11 levels, scores
// from −52 to 2 645 with most at 1, half of all comments within three hours, deletions, edits, users who left.
//
// Makes one line at a time and keeps only the last few comments, whatever the number.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "origin/ingest/thread/random.h"

namespace xylem {

class ThreadGenerator {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::uint64_t comments = 1428;
    std::uint32_t levels = 11;        // reached when there are as many comments; at least 1
    std::int64_t start = 1323313344;  // unix seconds of the post
  };

  explicit ThreadGenerator(Options options);

  // Appends the next line with its line end, the post's first; false when all were made.
  bool next(std::string& out);

 private:
  struct Recent {
    std::uint64_t number;  // of the comment: 1, 2, …
    std::uint32_t level;   // 1 = below the post
  };
  static constexpr std::size_t kRecentMax = 64;

  void write_post(std::string& out);
  void write_comment(std::string& out);
  Recent choose_parent();
  void advance_time();
  std::uint64_t favourite() const { return options_.comments / 11 + 2; }
  std::int64_t score();
  std::uint64_t author();

  Options options_;
  Random random_;
  std::uint64_t made_ = 0;  // comments
  bool post_made_ = false;
  std::int64_t time_;
  std::array<Recent, kRecentMax> recent_{};  // a ring
  Recent spine_{0, 0};                       // the chain of replies that surely reaches the deepest level
};

}  // namespace xylem
