#include "origin/drill/drill_site.h"

#include <fmt/format.h>

namespace xylem {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryAfter{1500};
constexpr milliseconds kBusiestPause{150};
constexpr milliseconds kQuietestPause{6000};
constexpr std::uint64_t kEventsMax = 4;
constexpr std::uint64_t kLargeOneIn = 100;
constexpr std::uint64_t kLargeBytesMax = 40'000;
constexpr std::uint64_t kUsualBytesMax = 400;

}  // namespace

class DrillSite::Writer {
 public:
  Writer(DrillSite& site, FeedId feed)
      : site_(site),
        feed_(feed),
        random_(site.world_.seed, fmt::format("writer {}", feed.value)),
        pause_(random_.duration(kBusiestPause, kQuietestPause)),
        timer_(site.world_.queue, [this] { act(); }) {
    timer_.start_after(random_.waiting_time(pause_));
  }

  bool idle() const { return !under_way_; }
  void post_last() {
    make_request();
    act();
  }

 private:
  void act() {
    if (!under_way_) {
      if (site_.stopped_) return;
      make_request();
    }
    timer_.start_after(kRetryAfter);
    DrillOrigin* origin = site_.origin_of_(site_.world_.plan.bucket_of(feed_));
    if (origin == nullptr) return;
    // An answer to an attempt that was given up on counts for nothing: the next attempt is answered the same.
    origin->submit(request_, [this, attempt = ++attempts_](const Result<Accepted>& accepted) {
      if (attempt == attempts_) on_answer(accepted);
    });
  }

  void make_request() {
    request_ = {};
    request_.feed = feed_;
    request_.content_type = "application/json";
    request_.producer = ProducerNumber{fmt::format("site {}", feed_.value), 1, requests_++};
    const std::uint64_t count = random_.between(1, kEventsMax);
    for (std::uint64_t i = 0; i < count; ++i) {
      request_.events.push_back(make_event());
      site_.world_.observer.on_post(feed_, request_.events.back());
    }
    under_way_ = true;
  }

  NewEvent make_event() {
    const std::uint64_t most = random_.chance(kLargeOneIn) ? kLargeBytesMax : kUsualBytesMax;
    std::string text = fmt::format(R"({{"feed":{},"number":{},"text":")", feed_.value, ++events_);
    for (std::uint64_t length = random_.between(0, most); length > 0; --length) {
      text += static_cast<char>('a' + random_.below(26));
    }
    text += "\"}";
    return {site_.world_.wall(), random_.chance(2) ? "add_comment" : "vote", Bytes(text.begin(), text.end())};
  }

  void on_answer(const Result<Accepted>& accepted) {
    if (!accepted)
      return site_.world_.tell("site", fmt::format("feed {}: {}", feed_.value, accepted.error().message()));
    ++attempts_;
    under_way_ = false;
    site_.world_.observer.on_accepted(feed_, accepted->first, accepted->last);
    timer_.start_after(random_.waiting_time(pause_));
  }

  DrillSite& site_;
  const FeedId feed_;
  RandomStream random_;
  const milliseconds pause_;
  VirtualTimer timer_;
  std::uint64_t requests_ = 0, events_ = 0, attempts_ = 0;
  bool under_way_ = false;
  Append request_;
};

DrillSite::DrillSite(DrillWorld& world, OriginOf origin_of) : world_(world), origin_of_(std::move(origin_of)) {
  for (const FeedId feed : world.plan.feeds) writers_.emplace(feed, std::make_unique<Writer>(*this, feed));
}

DrillSite::~DrillSite() = default;

void DrillSite::post_last() {
  for (const auto& [feed, writer] : writers_) writer->post_last();
}

bool DrillSite::idle() const {
  return std::ranges::all_of(writers_, [](const auto& entry) { return entry.second->idle(); });
}

}  // namespace xylem
