// xylem thread: the comment tree of a feed, once or live.
#include <fmt/core.h>

#include "client/cli/commands.h"
#include "client/cli/reading.h"
#include "client/options/command_set.h"
#include "client/view/thread_json.h"
#include "client/view/thread_text.h"

namespace xylem {
namespace {

ViewEvent view_of(const FeedEvent& event) {
  return {event.version, event.time, event.kind, event.details, event.removed || event.withheld};
}

class ThreadCommand {
 public:
  ThreadCommand(const ReadingSettings& settings, CommentSort sort, bool follow)
      : settings_(settings), follow_(follow), terminal_(look_at_stdout()), reading_(settings) {
    text_.colour = terminal_.colour;
    text_.unicode = terminal_.unicode;
    text_.width = terminal_.width;
    text_.sort = sort;
  }

  int run() {
    FollowOptions options;
    options.until_live = !follow_;
    options.patience = follow_ ? std::chrono::milliseconds(0) : settings_.timeout;
    Reader::Callbacks callbacks;
    callbacks.event = [this](const FeedEvent& event) { on_event(event); };
    callbacks.status = [this](const FeedStatus& status) { on_status(status); };
    return reading_.run(options, std::move(callbacks));
  }

 private:
  void on_event(const FeedEvent& event) {
    const Comments::Change change = comments_.apply(view_of(event));
    if (!shown_) {
      if (comments_.version().value % 256 == 0) print_passing(fmt::format("{} events …", comments_.version().value));
      return;
    }
    text_.now = Loop::now_utc();
    print(change_text(comments_, change, text_));
  }

  void on_status(const FeedStatus& status) {
    const bool silent = status.fresh.origin_silent;
    if (shown_ && silent != silent_)
      print_note(fmt::format("xylem: {}", silent ? reading_.freshness() : "the origin is back"));
    silent_ = silent;
    const bool complete = status.state == FeedState::finished || status.state == FeedState::live;
    if (!complete || shown_) return;
    shown_ = true;
    show();
  }

  void show() {
    text_.now = Loop::now_utc();
    if (settings_.json) {
      const std::string freshness = reading_.freshness_json();
      ThreadJsonOptions options;
      options.feed = settings_.feed;
      options.freshness = freshness;
      options.sort = text_.sort;
      print(thread_json(comments_, options));
      return;
    }
    print(thread_text(comments_, text_));
    print_note(fmt::format("{} comments, version {} · {}", comments_.count(), comments_.version().value,
                           reading_.freshness()));
    if (follow_) print_note("following; Ctrl-C ends");
  }

  void print(std::string_view text) {
    if (!text.empty() && !print_out(text)) reading_.stop(kExitOk);
  }

  const ReadingSettings& settings_;
  const bool follow_;
  const Terminal terminal_;
  Reading reading_;
  ThreadTextOptions text_;
  Comments comments_;
  bool shown_ = false;
  bool silent_ = false;
};

}  // namespace

int run_thread_command(int argc, const char* const* argv) {
  ReadingSettings settings;
  std::string sort = "best";
  bool follow = false;
  OptionTable table("xylem thread", "Shows the comments of a feed as a tree, every byte verified.");
  table.choice("sort", &sort, {"best", "new", "old", "top"}, "order of siblings");
  table.toggle("follow", &follow, "stay, and print what changes");
  add_reading_options(table, settings);
  table.epilogue("Example: xylem thread distributed.example 31337 --sort top");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid) valid = settle_words(settings);
  if (valid && follow && settings.json)
    valid = fail(ErrorCode::kUsage, "--follow and --json do not go together; use xylem tail --json");
  if (!valid) {
    print_error("xylem thread", valid.error());
    return kExitUsage;
  }
  return ThreadCommand(settings, *parse_comment_sort(sort), follow).run();
}

}  // namespace xylem
