// What the reading commands share: their options, the run of one reading until its end, Ctrl-C or a closed pipe, and
// how fresh it is said to be.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/terminal.h"
#include "client/options/option_table.h"
#include "client/reader/reader.h"

namespace xylem {

struct ReadingSettings {
  std::vector<std::string> words;  // ZONE FEED, or FEED alone with --server
  std::string dns;
  std::string server;
  std::string zone_id;
  std::string cache;
  bool allow_private = false;
  bool json = false;
  std::chrono::milliseconds timeout{30'000};

  // From `words`, once parsed.
  std::string zone;
  std::string feed;
};

void add_reading_options(OptionTable& table, ReadingSettings& settings);
// ZONE and FEED out of the words. kUsage.
Result<void> settle_words(ReadingSettings& settings);
ReaderOptions reader_options(const ReadingSettings& settings);

// Runs one reading on a loop of its own until it is over. `status` is called for each; stop() from any callback ends it
// with the exit code given.
class Reading {
 public:
  explicit Reading(const ReadingSettings& settings);

  using OnStatus = std::function<void(const FeedStatus&)>;
  // Exit code. Notes about pins, lost servers and lies go to stderr; a failure is printed there.
  int run(const FollowOptions& options, Reader::Callbacks callbacks);
  void stop(int exit_code);
  Loop& loop() { return loop_; }
  const FeedStatus& status() const { return status_; }
  // "as of 2026-11-21T16:39:00 UTC, 4 s ago · verified, from l2-5a.example:7431", and plainly when the origin is
  // silent.
  std::string freshness() const;
  std::string freshness_json() const;

 private:
  void on_belief(const ZoneBelief& belief);
  void on_status(const FeedStatus& status);

  const ReadingSettings& settings_;
  Loop loop_;
  FeedStatus status_;
  std::optional<int> exit_code_;
};

std::string json_quoted(std::string_view text);

// "4 s", "3 min", "2 h", "5 d": for ages.
std::string short_age(std::chrono::milliseconds age);

}  // namespace xylem
