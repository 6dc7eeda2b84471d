#include "origin/ingest/thread/thread_generator.h"

#include <algorithm>
#include <array>

#include "client/view/json_text.h"
#include "origin/ingest/thread/comment_writer.h"

namespace xylem {
namespace {

constexpr std::string_view kPostId = "x1y2z";
constexpr std::string_view kTitle = "We're back (and what happened)";
constexpr std::uint64_t kPosterNumber = 0;
constexpr std::uint64_t kFirstId = 7'000'000'000;
constexpr std::uint64_t kIdStep = 37;

// Seconds after the post at which each twentieth of the comments had come.
constexpr std::array<std::int64_t, 21> kArrival = {26,    786,   1571,  2188,  2833,  3545,  4525,
                                                   5449,  6263,  7427,  8873,  10763, 14219, 19017,
                                                   26455, 34137, 39754, 44653, 53961, 89679, 900000};

struct ScoreBand {
  std::uint64_t permille;
  std::int64_t low;
  std::int64_t high;
};
constexpr ScoreBand kScores[] = {{473, 1, 1}, {168, 2, 2}, {66, 3, 3},    {41, 0, 0},     {16, -1, -1}, {12, -12, -2},
                                 {84, 4, 8},  {72, 9, 20}, {44, 21, 100}, {16, 101, 300}, {8, 301, 800}};

std::string base36(std::uint64_t number) {
  std::string text;
  for (; number > 0; number /= 36) text += "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
  std::ranges::reverse(text);
  return text;
}

// Ids grow in uneven steps, as those of a busy site do.
std::string id_of(std::uint64_t comment) {
  return 'c' + base36(kFirstId + comment * kIdStep + Random(comment).below(kIdStep));
}

class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) {}

  JsonLine& text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_text(out_, value);
    return *this;
  }
  JsonLine& raw(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
    return *this;
  }
  JsonLine& number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
  void end() { out_ += "}\n"; }

 private:
  void begin(std::string_view name) {
    out_ += first_ ? "{\"" : ", \"";
    first_ = false;
    out_ += name;
    out_ += "\": ";
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace

ThreadGenerator::ThreadGenerator(Options options) : options_(options), random_(options.seed), time_(options.start) {
  options_.levels = std::max<std::uint32_t>(options_.levels, 1);
}

bool ThreadGenerator::next(std::string& out) {
  if (!post_made_) {
    post_made_ = true;
    write_post(out);
    return true;
  }
  if (made_ == options_.comments) return false;
  ++made_;
  write_comment(out);
  return true;
}

void ThreadGenerator::write_post(std::string& out) {
  JsonLine(out)
      .text("id", kPostId)
      .text("name", "t3_" + std::string(kPostId))
      .text("author", CommentWriter::user_name(kPosterNumber))
      .text("title", kTitle)
      .text("selftext", CommentWriter(random_).post())
      .text("url", "https://forum.example/comments/" + std::string(kPostId))
      .number("created_utc", options_.start)
      .number("score", 2412)
      .number("num_comments", static_cast<std::int64_t>(options_.comments))
      .end();
}

void ThreadGenerator::write_comment(std::string& out) {
  advance_time();
  const Recent parent = choose_parent();
  recent_[made_ % kRecentMax] = {made_, parent.level + 1};
  const bool deleted = random_.permille(18);
  const bool left = deleted || random_.permille(100);
  const std::string writer = CommentWriter::user_name(author());
  const std::string body = CommentWriter(random_).body();
  const std::string_view gone = random_.permille(200) ? "[removed]" : "[deleted]";
  std::string edited = "false";
  if (random_.permille(20)) {
    edited = random_.permille(500) ? "true" : std::to_string(time_ + random_.between(30, 10'800));
  }
  JsonLine(out)
      .text("id", id_of(made_))
      .text("name", "t1_" + id_of(made_))
      .text("link_id", "t3_" + std::string(kPostId))
      .text("parent_id", parent.level == 0 ? "t3_" + std::string(kPostId) : "t1_" + id_of(parent.number))
      .text("author", left ? "[deleted]" : writer)
      .text("body", deleted ? gone : body)
      .number("created_utc", time_)
      .raw("edited", deleted ? "false" : edited)
      .number("score", score())
      .end();
}

// One comment in so many continues the spine, so that it reaches the deepest level whatever the dice say.
ThreadGenerator::Recent ThreadGenerator::choose_parent() {
  const std::uint64_t every = std::max<std::uint64_t>(options_.comments / options_.levels, 1);
  if (spine_.level < options_.levels && made_ % every == 0) {
    const Recent parent = spine_;
    spine_ = {made_, parent.level + 1};
    return parent;
  }
  // The favourite stands at the top, and many want to stand right below it.
  if (made_ == favourite()) return {0, 0};
  if (made_ > favourite() && options_.levels > 1 && random_.permille(30)) return {favourite(), 1};
  const Recent recent = recent_[random_.below(kRecentMax)];
  const bool at_top = random_.permille(374) || recent.number == 0 || recent.level >= options_.levels;
  return at_top ? Recent{0, 0} : recent;
}

void ThreadGenerator::advance_time() {
  const std::uint64_t part = (made_ - 1) * 20 / options_.comments;
  const std::uint64_t done = (made_ - 1) * 20 % options_.comments;  // of this twentieth, in comments
  const std::int64_t span = kArrival[part + 1] - kArrival[part];
  const std::int64_t here =
      kArrival[part] + span * static_cast<std::int64_t>(done) / static_cast<std::int64_t>(options_.comments);
  time_ = std::max(time_, options_.start + here + random_.between(0, 20));
}

// The extremes are always there, on comments of their own.
std::int64_t ThreadGenerator::score() {
  if (made_ == favourite()) return 2645;
  if (made_ == options_.comments / 7 + 2) return 1516;
  if (made_ == options_.comments / 5 + 3) return -52;
  std::uint64_t dice = random_.below(1000);
  for (const ScoreBand& band : kScores) {
    if (dice < band.permille) return random_.between(band.low, band.high);
    dice -= band.permille;
  }
  return 1;
}

// The poster answers now and then; some write often, most once.
std::uint64_t ThreadGenerator::author() {
  if (random_.permille(18)) return kPosterNumber;
  if (random_.permille(250)) return 1 + random_.below(40);
  return 41 + random_.below(options_.comments * 2);
}

}  // namespace xylem
