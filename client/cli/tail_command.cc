// xylem tail: the events of a feed, one a line, as they were posted.
#include <fmt/core.h>

#include <limits>

#include "client/cli/commands.h"
#include "client/cli/reading.h"
#include "client/options/command_set.h"
#include "client/view/text_cells.h"

namespace xylem {
namespace {

struct TailSettings {
  std::string from = "start";
  std::string wait_version;
  bool until_live = false;
};

std::string json_line(const FeedEvent& event, bool json_details) {
  std::string details = "null";
  if (!event.removed && !event.withheld) details = json_details ? std::string(event.text()) : json_quoted(event.text());
  return fmt::format(
      R"({{"feed":"{}","epoch":{},"version":{},"time":"{}","kind":{},"details":{},"cursor":"{}","origin_time":"{}"}})"
      "\n",
      to_string(event.feed), event.epoch.value, event.version.value, to_rfc3339(event.time), json_quoted(event.kind),
      details, event.cursor.to_string(), to_rfc3339(event.origin_time));
}

std::string plain_line(const FeedEvent& event) {
  const std::string_view what = event.removed ? "[removed]" : event.withheld ? "[withheld]" : event.text();
  return fmt::format("{} {} {} {}\n", event.version.value, to_rfc3339(event.time),
                     event.kind.empty() ? "-" : event.kind, safe_line(what, std::numeric_limits<int>::max()));
}

class TailCommand {
 public:
  TailCommand(const ReadingSettings& settings, const TailSettings& tail)
      : settings_(settings), tail_(tail), reading_(settings) {}

  int run() {
    FollowOptions options;
    if (tail_.from != "start") options.from = tail_.from;
    options.until_live = tail_.until_live;
    if (!tail_.wait_version.empty()) options.until_version = std::stoull(tail_.wait_version);
    if (tail_.until_live) options.patience = settings_.timeout;
    Reader::Callbacks callbacks;
    callbacks.notice = [this](const FeedNotice& notice) {
      if (const auto* open = std::get_if<OpenNotice>(&notice.notice))
        json_details_ = open->content_type == "application/json";
    };
    callbacks.event = [this](const FeedEvent& event) {
      if (!print_out(settings_.json ? json_line(event, json_details_) : plain_line(event))) reading_.stop(kExitOk);
    };
    callbacks.status = [this](const FeedStatus& status) { on_status(status); };
    return reading_.run(options, std::move(callbacks));
  }

 private:
  void on_status(const FeedStatus& status) {
    const bool reached = status.state == FeedState::live || status.state == FeedState::finished;
    const bool news = reached != reached_ || status.fresh.origin_silent != silent_;
    reached_ = reached;
    silent_ = status.fresh.origin_silent;
    if (reached && news)
      print_note(fmt::format("version {} · {}", status.position.version.value, reading_.freshness()));
  }

  const ReadingSettings& settings_;
  const TailSettings& tail_;
  Reading reading_;
  bool json_details_ = true;
  bool reached_ = false;
  bool silent_ = false;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

int run_tail_command(int argc, const char* const* argv) {
  ReadingSettings settings;
  TailSettings tail;
  OptionTable table("xylem tail", "Prints the events of a feed, one a line, every byte verified; then what comes.");
  table.text("from", &tail.from, "CURSOR", "go on behind this cursor; start = from the first event");
  table.text("wait", &tail.wait_version, "VERSION", "end when this version has arrived");
  table.toggle("until-live", &tail.until_live, "end when everything there is was printed");
  add_reading_options(table, settings);
  table.epilogue(
      "A line is: VERSION TIME KIND DETAILS. With --json it is an object with feed, epoch, version, time, kind, "
      "details,\n"
      "cursor and origin_time.\n"
      "Example: xylem tail distributed.example 31337 --json --until-live");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid) valid = settle_words(settings);
  if (valid && tail.from != "start") {
    if (auto cursor = parse_feed_cursor(tail.from); !cursor)
      valid = fail(ErrorCode::kUsage, "--from: " + cursor.error().message());
  }
  if (valid && !tail.wait_version.empty() && !is_number(tail.wait_version)) {
    valid = fail(ErrorCode::kUsage, fmt::format("--wait: '{}' is not a version (1, 2, 3, …)", tail.wait_version));
  }
  if (!valid) {
    print_error("xylem tail", valid.error());
    return kExitUsage;
  }
  return TailCommand(settings, tail).run();
}

}  // namespace xylem
